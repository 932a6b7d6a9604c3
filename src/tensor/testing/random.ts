/** Numbers for tests and benchmarks that are the same in every run. */
import type { Random } from '../nn/weights.ts';

/** Uniform in [0, 1): mulberry32. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `size` numbers uniform in [low, high). */
export const uniform = (random: Random, size: number, low = -1, high = 1): Float64Array =>
  Float64Array.from({ length: size }, () => low + (high - low) * random());

/** `size` whole numbers from 0 to `below` − 1. */
export const integers = (random: Random, size: number, below: number): number[] =>
  Array.from({ length: size }, () => Math.floor(random() * below));

/** `size` numbers in [low, high), in no order, no two of them closer than half of (high − low) / size. */
export function spread(random: Random, size: number, low = -1, high = 1): Float64Array {
  const values = Float64Array.from({ length: size }, (_, i) => low + ((high - low) * (i + 0.5 * random())) / size);
  for (let i = size - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [values[i], values[j]] = [values[j]!, values[i]!];
  }
  return values;
}
