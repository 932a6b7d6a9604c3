/** Numbers for tests and benchmarks that are the same in every run. */
import { shuffled } from '../random.ts';

type Random = () => number;

/** `size` numbers uniform in [low, high). */
export const uniform = (random: Random, size: number, low = -1, high = 1): Float64Array =>
  Float64Array.from({ length: size }, () => low + (high - low) * random());

/** `size` whole numbers from 0 to `below` − 1. */
export const integers = (random: Random, size: number, below: number): number[] =>
  Array.from({ length: size }, () => Math.floor(random() * below));

/** `size` numbers in [low, high), in no order, no two of them closer than half of (high − low) / size. */
export function spread(random: Random, size: number, low = -1, high = 1): Float64Array {
  const step = (high - low) / size;
  const values = Array.from({ length: size }, (_, i) => low + step * (i + 0.5 * random()));
  return Float64Array.from(shuffled(values, random));
}
