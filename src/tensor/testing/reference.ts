/** Arrays of any rank in plain JavaScript, slow and simple: what ops are compared with. */
import { broadcastShapes, sizeOf } from '../graph/types.ts';
import type { Shape } from '../model.ts';

export interface Plain {
  readonly shape: Shape;
  /** Row-major. */
  readonly values: readonly number[];
}

/** An array by its elements' positions. */
export function plain(shape: Shape, element: (position: readonly number[]) => number): Plain {
  const values = Array.from({ length: sizeOf(shape) }, (_, flat) => element(positionOf(flat, shape)));
  return { shape, values };
}

function positionOf(flat: number, shape: Shape): number[] {
  let rest = flat;
  return shape
    .toReversed()
    .map((size) => {
      const position = rest % size;
      rest = Math.floor(rest / size);
      return position;
    })
    .reverse();
}

/** The element at a position, whose axes are those of `x` or more in front; where `x` has size 1 any position will do. */
export function at(x: Plain, position: readonly number[]): number {
  const own = position.slice(position.length - x.shape.length);
  const flat = x.shape.reduce((sum, size, axis) => sum * size + (size === 1 ? 0 : own[axis]!), 0);
  return x.values[flat]!;
}

/** Element by element, with broadcasting. */
export function zip(parts: readonly Plain[], combine: (...elements: number[]) => number): Plain {
  const shape = parts.reduce<Shape>((all, { shape }) => broadcastShapes(all, shape)!, []);
  return plain(shape, (position) => combine(...parts.map((part) => at(part, position))));
}

/** What `combine` makes of all elements along `axes`, which stay with size 1. */
export function fold(x: Plain, axes: readonly number[], combine: (elements: readonly number[]) => number): Plain {
  const shape = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const groups = Array.from({ length: sizeOf(shape) }, (): number[] => []);
  x.values.forEach((value, flat) => {
    const position = positionOf(flat, x.shape);
    const group = shape.reduce((sum, size, axis) => sum * size + (size === 1 ? 0 : position[axis]!), 0);
    groups[group]!.push(value);
  });
  return { shape, values: groups.map(combine) };
}

/** Axis i of the result is axis `permutation[i]`. */
export const permuted = (x: Plain, permutation: readonly number[]): Plain =>
  plain(
    permutation.map((axis) => x.shape[axis]!),
    (position) =>
      at(
        x,
        x.shape.map((_, axis) => position[permutation.indexOf(axis)]!),
      ),
  );

/** Products of the last two axes; those before broadcast. */
export function product(a: Plain, b: Plain): Plain {
  const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2))!;
  const inner = a.shape.at(-1)!;
  return plain([...batch, a.shape.at(-2)!, b.shape.at(-1)!], (position) => {
    const [row, column] = position.slice(-2) as [number, number];
    const stack = position.slice(0, -2);
    let sum = 0;
    for (let i = 0; i < inner; i++) sum += at(a, [...stack, row, i]) * at(b, [...stack, i, column]);
    return sum;
  });
}
