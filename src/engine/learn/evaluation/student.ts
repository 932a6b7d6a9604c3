/** Quantiles of Student's distribution. */
import { normalQuantile } from './interval.ts';

/** t with P(T ≤ t) = `p` for 3 or more degrees of freedom, which may be fractional: Cornish and Fisher's expansion (A&S 26.7.5). */
export function studentQuantile(p: number, freedom: number): number {
  const z = normalQuantile(p);
  const v = Math.max(3, freedom);
  const z2 = z * z;
  return (
    z *
    (1 +
      (z2 + 1) / (4 * v) +
      (5 * z2 * z2 + 16 * z2 + 3) / (96 * v ** 2) +
      (3 * z2 ** 3 + 19 * z2 * z2 + 17 * z2 - 15) / (384 * v ** 3) +
      (79 * z2 ** 4 + 776 * z2 ** 3 + 1482 * z2 * z2 - 1920 * z2 - 945) / (92160 * v ** 4))
  );
}
