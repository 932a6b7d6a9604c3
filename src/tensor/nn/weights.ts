import type { Tensor } from '../graph/graph.ts';
import { sizeOf } from '../graph/types.ts';
import type { Shape } from '../model.ts';
import type { FrozenTable } from '../ops/vocabulary.ts';
import { standardNormal } from '../random.ts';

/** Numbers uniform in [0, 1). */
export type Random = () => number;

/** The first values of a parameter, row-major, as many as `shape` has. */
export type Initial = (shape: Shape, random: Random) => Iterable<number>;

/** Where layers get their weights by name: trained ones (parameters.ts), or frozen ones from a file (frozen.ts). */
export interface Weights {
  /** A weight in the graph's float type. `initial` is for those that are trained from scratch. */
  tensor(name: string, shape: Shape, initial: Initial): Tensor;
  /** Rows [.., d] of a table [n, d] by `index` [..] (int64). */
  rows(name: string, shape: Shape, initial: Initial, index: Tensor): Tensor;
  /** A table as the end of a language model uses it: a tensor to be cut, or what a file gives in parts without a copy. */
  table(name: string, shape: Shape, initial: Initial, parts: number): Tensor | FrozenTable;
}

function* repeat(shape: Shape, next: () => number): Generator<number> {
  for (let i = sizeOf(shape); i > 0; i--) yield next();
}

/** All the same: 1 for the scale of a norm, 0 for a bias. */
export const constant =
  (value: number): Initial =>
  (shape) =>
    repeat(shape, () => value);

/** Normal with mean 0. */
export const normal =
  (deviation: number): Initial =>
  (shape, random) =>
    repeat(shape, () => deviation * standardNormal(random));

/** Uniform in ±1/√inputs, `inputs` being the last size: what PyTorch gives a linear layer. */
export const fanIn: Initial = (shape, random) => {
  const limit = 1 / Math.sqrt(shape.at(-1) ?? 1);
  return repeat(shape, () => limit * (2 * random() - 1));
};
