/** Quantiles of the normal distribution and of Student's. */

/** z with P(Z ≤ z) = `p`; absolute error below 4.5e-4 (Abramowitz and Stegun, 26.2.23), and two steps of Newton's method after it. */
export function normalQuantile(p: number): number {
  if (p < 0.5) return -normalQuantile(1 - p);
  const t = Math.sqrt(-2 * Math.log(1 - p));
  let z = t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
  for (let step = 0; step < 2; step += 1) {
    z -= (normalCdf(z) - p) / (Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI));
  }
  return z;
}

/** P(Z ≤ z), by the series Φ(z) = ½ + φ(z) Σ z²ᵏ⁺¹ / (1·3·…·(2k + 1)); exact to rounding for |z| below 6. */
export function normalCdf(z: number): number {
  if (z < -8) return 0;
  if (z > 8) return 1;
  let term = z;
  let sum = z;
  for (let k = 1; Math.abs(term) > 1e-17; k += 1) {
    term *= (z * z) / (2 * k + 1);
    sum += term;
  }
  return 0.5 + (sum * Math.exp(-0.5 * z * z)) / Math.sqrt(2 * Math.PI);
}

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
