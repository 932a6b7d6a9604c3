/** Small models for the tests of the runtime. */
import { Graph } from '../graph/graph.ts';
import { serialise } from '../graph/serialise.ts';
import type { Model, Shape, TensorValue } from '../model.ts';
import { add, expand, mul } from '../ops/basic.ts';
import { loop } from '../ops/loop.ts';
import { matmul } from '../ops/matmul.ts';
import { max } from '../ops/reduce.ts';

export const float = (shape: Shape, values: Iterable<number>): TensorValue => ({
  dtype: 'float32',
  shape,
  data: Float32Array.from(values),
});
export const scalar = (value: number): TensorValue => float([], [value]);
export const numbers = (value: TensorValue | undefined): number[] => Array.from(value!.data as Float32Array);

/** total ← total + x; gives the new total times x. */
export function counter(): Model {
  const graph = new Graph();
  const x = graph.input('x', 'float32', []);
  const total = graph.state('total', 'float32', []);
  const next = add(total, x);
  graph.update(total, next);
  graph.output('product', mul(next, x));
  return serialise(graph);
}

/** Twice the counter's total, which stays. */
export function reader(): Model {
  const graph = new Graph();
  const total = graph.state('total', 'float32', []);
  graph.output('double', add(total, total));
  return serialise(graph);
}

/** The counter with `turns` products of 1000 × 1000 matrices in it: about 10 ms each. */
export function slowCounter(turns: number): Model {
  const graph = new Graph();
  const x = graph.input('x', 'float32', []);
  const total = graph.state('total', 'float32', []);
  graph.update(total, add(total, x));
  const start = expand(mul(x, 1e-3), [1000, 1000]);
  graph.output('end', max(loop(graph, turns, { m: start }, ({ m }) => ({ carried: { m: matmul(m, start) } })).m));
  return serialise(graph);
}
