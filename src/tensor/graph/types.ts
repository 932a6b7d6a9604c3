import type { DType } from '../dtype.ts';
import type { Shape } from '../model.ts';

export interface TensorType {
  readonly dtype: DType;
  readonly shape: Shape;
}

/** Number of elements. */
export const sizeOf = (shape: Shape): number => shape.reduce((product, size) => product * size, 1);

export const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((n, i) => n === b[i]);

/** NumPy's broadcasting: shapes are aligned at their ends, and sizes agree or one of them is 1. Null where they don't. */
export function broadcastShapes(a: Shape, b: Shape): Shape | null {
  const rank = Math.max(a.length, b.length);
  const shape: number[] = [];
  for (let i = 0; i < rank; i++) {
    const x = a[a.length - rank + i] ?? 1;
    const y = b[b.length - rank + i] ?? 1;
    if (x !== y && x !== 1 && y !== 1) return null;
    shape.push(x === 1 ? y : x);
  }
  return shape;
}

/** The axes of `to` along which a tensor of shape `from` was repeated by broadcasting. */
export function broadcastAxes(from: Shape, to: Shape): number[] {
  const added = to.length - from.length;
  return to.flatMap((size, axis) => (axis < added || (from[axis - added] === 1 && size !== 1) ? [axis] : []));
}

/** An axis counted from the front; negative ones count from the end. Null when there is no such axis. */
export function axisOf(axis: number, rank: number): number | null {
  const positive = axis < 0 ? axis + rank : axis;
  return Number.isInteger(axis) && positive >= 0 && positive < rank ? positive : null;
}

/** `shape` with one size replaced. */
export const withSize = (shape: Shape, axis: number, size: number): Shape =>
  shape.map((old, i) => (i === axis ? size : old));
