/**
 * Picking by index. The gradients add into what was picked, some of it several times: with ScatterElements, never with
 * ScatterND, whose sum is racy on the CPU (wrong in 7 of 20 runs with two threads).
 */
import { GraphError } from '../graph/errors.ts';
import { Graph, type Tensor } from '../graph/graph.ts';
import { sameShape, withSize } from '../graph/types.ts';
import { apply, expand, reshape, sum } from './basic.ts';
import { positiveAxis, unsqueeze, zeros } from './layout.ts';

function expectIndices(op: string, x: Tensor, index: Tensor): void {
  if (index.dtype !== 'int64') throw new GraphError(op, [x, index], 'the indices are not int64.');
}

/** Rows of `table` [n, ..] by `index` [..], which is int64 within 0 to n − 1: the result is [..index, ..row]. */
export function gatherRows(table: Tensor, index: Tensor): Tensor {
  expectIndices('Gather', table, index);
  const [, ...row] = table.shape;
  if (table.rank === 0) throw new GraphError('Gather', [table, index], 'a scalar has no rows.');
  return apply({
    op: 'Gather',
    inputs: [table, index],
    type: { dtype: table.dtype, shape: [...index.shape, ...row] },
    attributes: { axis: 0 },
    gradient: (dy) => {
      const rows = reshape(dy, [index.size, ...row]);
      const positions = expand(reshape(index, [index.size, ...row.map(() => 1)]), rows.shape);
      return [scatterAdd(zeros(table.graph, table.shape, table.dtype), positions, rows, 0)];
    },
  });
}

/** Along `axis`, the element that `index` names; of `index`'s shape, which agrees with that of `x` on the other axes. */
export function gatherElements(x: Tensor, index: Tensor, axis: number): Tensor {
  expectIndices('GatherElements', x, index);
  const along = positiveAxis('GatherElements', x, axis);
  if (index.rank !== x.rank || !sameShape(withSize(x.shape, along, 0), withSize(index.shape, along, 0))) {
    throw new GraphError('GatherElements', [x, index], `the shapes differ not only along axis ${along}.`);
  }
  return apply({
    op: 'GatherElements',
    inputs: [x, index],
    type: { dtype: x.dtype, shape: index.shape },
    attributes: { axis: along },
    gradient: (dy) => [scatterAdd(zeros(x.graph, x.shape, x.dtype), index, dy, along)],
  });
}

/** One element of the last axis each: `x` [.., n], `index` [..] int64; the result is [..]. */
export const pick = (x: Tensor, index: Tensor): Tensor =>
  sum(gatherElements(x, unsqueeze(index, -1), -1), { axes: [-1] });

function scatter(x: Tensor, index: Tensor, updates: Tensor, axis: number, reduction: 'none' | 'add') {
  expectIndices('ScatterElements', x, index);
  const along = positiveAxis('ScatterElements', x, axis);
  if (!sameShape(index.shape, updates.shape) || updates.dtype !== x.dtype || index.rank !== x.rank) {
    throw new GraphError('ScatterElements', [x, index, updates], 'updates and indices have to be of one shape.');
  }
  if (index.shape.some((size, i) => i !== along && size > x.shape[i]!)) {
    throw new GraphError('ScatterElements', [x, index, updates], `there is more not only along axis ${along}.`);
  }
  return {
    op: 'ScatterElements',
    inputs: [x, index, updates],
    type: { dtype: x.dtype, shape: x.shape },
    attributes: { axis: along, reduction },
  } as const;
}

/** `x` with `updates` added at the places that `index` names along `axis`; a place may be named several times. */
export const scatterAdd = (x: Tensor, index: Tensor, updates: Tensor, axis: number): Tensor =>
  apply({
    ...scatter(x, index, updates, axis, 'add'),
    gradient: (dy) => [dy, null, gatherElements(dy, index, axis)],
  });

/** `x` with `updates` in the places that `index` names along `axis`, each named once. */
export const scatterElements = (x: Tensor, index: Tensor, updates: Tensor, axis: number): Tensor =>
  apply({
    ...scatter(x, index, updates, axis, 'none'),
    gradient: (dy) => [
      scatterElements(dy, index, zeros(x.graph, updates.shape, x.dtype), axis),
      null,
      gatherElements(dy, index, axis),
    ],
  });

/** The `k` largest along the last axis, largest first, and where they are (int64). */
export function topK(x: Tensor, k: number): { readonly values: Tensor; readonly indices: Tensor } {
  const axis = positiveAxis('TopK', x, -1);
  if (!(Number.isInteger(k) && k >= 1 && k <= x.shape[axis]!))
    throw new GraphError('TopK', [x], `there are no ${k} elements.`);
  const shape = withSize(x.shape, axis, k);
  const [values, indices] = Graph.of([x]).apply({
    op: 'TopK',
    inputs: [x, x.graph.integers([k])],
    types: [
      { dtype: x.dtype, shape },
      { dtype: 'int64', shape },
    ],
    attributes: { axis },
    gradient: ([dy], [, at]) => [dy && scatterAdd(zeros(x.graph, x.shape, x.dtype), at!, dy, axis)],
  });
  return { values: values!, indices: indices! };
}

/** Where the largest along the last axis is, the first of several; int64, without that axis. */
export const argMax = (x: Tensor): Tensor =>
  apply({
    op: 'ArgMax',
    inputs: [x],
    type: { dtype: 'int64', shape: x.shape.slice(0, -1) },
    attributes: { axis: positiveAxis('ArgMax', x, -1), keepdims: 0 },
  });
