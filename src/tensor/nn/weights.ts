import type { Tensor } from '../graph/graph.ts';
import type { Shape } from '../model.ts';

/** Numbers uniform in [0, 1). */
export type Random = () => number;

/** The first values of a parameter, row-major: `size` numbers for `shape`. */
export type Initial = (shape: Shape, random: Random) => Iterable<number>;

/** Where a layer gets its weights by name: trainable ones (parameters.ts), or frozen ones from a file (frozen.ts). */
export type Weights = (name: string, shape: Shape, initial: Initial) => Tensor;

const repeat = function* (size: number, next: () => number): Generator<number> {
  for (let i = 0; i < size; i++) yield next();
};

const sizeOf = (shape: Shape): number => shape.reduce((a, b) => a * b, 1);

/** All the same: 1 for the scale of a norm, 0 for a bias. */
export const constant =
  (value: number): Initial =>
  (shape) =>
    repeat(sizeOf(shape), () => value);

/** Normal with mean 0, by Box and Muller. */
export const normal =
  (deviation: number): Initial =>
  (shape, random) =>
    repeat(sizeOf(shape), () => {
      const radius = Math.sqrt(-2 * Math.log(1 - random()));
      return deviation * radius * Math.cos(2 * Math.PI * random());
    });

/** Uniform in ±1/√(inputs), `inputs` being the last size: what PyTorch gives a linear layer. */
export const fanIn: Initial = (shape, random) => {
  const limit = 1 / Math.sqrt(shape.at(-1) ?? 1);
  return repeat(sizeOf(shape), () => limit * (2 * random() - 1));
};
