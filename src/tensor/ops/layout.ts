/** Ops that move elements and change none: transpose, concatenate, split, slice, cast. */
import { type DType, dtypes, isFloat } from '../dtype.ts';
import { stopGradient } from '../graph/autodiff.ts';
import { GraphError } from '../graph/errors.ts';
import { Graph, type Tensor } from '../graph/graph.ts';
import { axisOf, withSize } from '../graph/types.ts';
import type { Shape } from '../model.ts';
import { apply, expand, reshape } from './basic.ts';

/** An axis counted from the front. Throws a GraphError when there is none. */
export function positiveAxis(op: string, x: Tensor, axis: number): number {
  const positive = axisOf(axis, x.rank);
  if (positive === null) throw new GraphError(op, [x], `there is no axis ${axis}.`);
  return positive;
}

/** A tensor of zeros. */
export const zeros = (graph: Graph, shape: Shape, dtype: DType = graph.float): Tensor =>
  stopGradient(expand(graph.scalar(0, dtype), shape));

/** Axis i of the result is axis `permutation[i]` of `x`. */
export function transpose(x: Tensor, permutation: readonly number[]): Tensor {
  if (permutation.toSorted((a, b) => a - b).join() !== x.shape.map((_, i) => i).join()) {
    throw new GraphError('Transpose', [x], `[${permutation.join(', ')}] is not an order of its axes.`);
  }
  if (permutation.every((axis, i) => axis === i)) return x;
  return apply({
    op: 'Transpose',
    inputs: [x],
    type: { dtype: x.dtype, shape: permutation.map((axis) => x.shape[axis]!) },
    attributes: { perm: permutation },
    gradient: (dy) => [
      transpose(
        dy,
        permutation.map((_, i) => permutation.indexOf(i)),
      ),
    ],
  });
}

/** The last two axes exchanged. */
export const swapLast = (x: Tensor): Tensor =>
  transpose(x, [...x.shape.slice(2).map((_, i) => i), x.rank - 1, x.rank - 2]);

/** One after the other along `axis`; the other sizes agree. */
export function concat(parts: readonly Tensor[], axis: number): Tensor {
  const [first] = parts;
  if (!first) throw new GraphError('Concat', [], 'there is nothing to concatenate.');
  const along = positiveAxis('Concat', first, axis);
  const sizes = parts.map((part) => {
    const fits =
      part.dtype === first.dtype &&
      part.rank === first.rank &&
      part.shape.every((size, i) => i === along || size === first.shape[i]);
    if (!fits) throw new GraphError('Concat', parts, `the types differ not only along axis ${along}.`);
    return part.shape[along]!;
  });
  if (parts.length === 1) return first;
  const size = sizes.reduce((a, b) => a + b);
  return apply({
    op: 'Concat',
    inputs: parts,
    type: { dtype: first.dtype, shape: withSize(first.shape, along, size) },
    attributes: { axis: along },
    gradient: (dy) => split(dy, sizes, along),
  });
}

/** Parts of the given sizes along `axis`; they have to add up. */
export function split(x: Tensor, sizes: readonly number[], axis: number): readonly Tensor[] {
  const along = positiveAxis('Split', x, axis);
  if (sizes.reduce((a, b) => a + b, 0) !== x.shape[along] || sizes.some((size) => !(size >= 0))) {
    throw new GraphError('Split', [x], `sizes [${sizes.join(', ')}] don't add up to axis ${along}.`);
  }
  if (sizes.length === 1) return [x];
  return Graph.of([x]).apply({
    op: 'Split',
    inputs: [x, x.graph.integers(sizes)],
    types: sizes.map((size) => ({ dtype: x.dtype, shape: withSize(x.shape, along, size) })),
    attributes: { axis: along },
    gradient: (dys, parts) => [
      concat(
        dys.map((dy, i) => dy ?? zeros(x.graph, parts[i]!.shape, x.dtype)),
        along,
      ),
    ],
  });
}

/** Elements `start` up to, not including, `end` along `axis`; negative positions count from the end. */
export function slice(x: Tensor, axis: number, start: number, end: number): Tensor {
  const along = positiveAxis('Slice', x, axis);
  const size = x.shape[along]!;
  const from = start < 0 ? start + size : start;
  const to = end < 0 ? end + size : end;
  if (!(from >= 0 && from <= to && to <= size && Number.isInteger(from) && Number.isInteger(to))) {
    throw new GraphError('Slice', [x], `${start} to ${end} is not a part of axis ${along}.`);
  }
  if (from === 0 && to === size) return x;
  return apply({
    op: 'Slice',
    inputs: [x, x.graph.integers([from]), x.graph.integers([to]), x.graph.integers([along])],
    type: { dtype: x.dtype, shape: withSize(x.shape, along, to - from) },
    gradient: (dy) => {
      const around = [from, size - to].map((missing) => withSize(x.shape, along, missing));
      const [before, after] = around.map((shape) => (shape[along] === 0 ? [] : [zeros(x.graph, shape, x.dtype)]));
      return [concat([...before!, dy, ...after!], along)];
    },
  });
}

/** `x` with a new axis of size 1. */
export function unsqueeze(x: Tensor, axis: number): Tensor {
  const at = axisOf(axis, x.rank + 1);
  if (at === null) throw new GraphError('Unsqueeze', [x], `there is no place ${axis} for an axis.`);
  return reshape(x, x.shape.toSpliced(at, 0, 1));
}

/** `x` without an axis of size 1. */
export function squeeze(x: Tensor, axis: number): Tensor {
  const along = positiveAxis('Squeeze', x, axis);
  if (x.shape[along] !== 1) throw new GraphError('Squeeze', [x], `axis ${along} has more than one element.`);
  return reshape(x, x.shape.toSpliced(along, 1));
}

/** The elements as another type. A gradient flows between floats only. */
export function cast(x: Tensor, dtype: DType): Tensor {
  if (x.dtype === dtype) return x;
  return apply({
    op: 'Cast',
    inputs: [x],
    type: { dtype, shape: x.shape },
    attributes: { to: dtypes[dtype].onnx },
    gradient: (dy) => [isFloat(dtype) && isFloat(x.dtype) ? cast(dy, x.dtype) : null],
  });
}
