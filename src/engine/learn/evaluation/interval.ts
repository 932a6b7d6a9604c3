/** How sure a figure is: intervals, and the normal distribution they are made with. */

/** A figure between its bounds. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** Share of the times in which such an interval holds the true figure, as 0.95. */
  readonly level: number;
}

/** A figure, or why there is none. */
export type Figure =
  | { readonly defined: true; readonly value: number }
  | { readonly defined: false; readonly reason: string };

export const figure = (value: number): Figure => ({ defined: true, value });
export const noFigure = (reason: string): Figure => ({ defined: false, reason });

/**
 * P(Z ≤ z): ½ + φ(z) (z + z³/3 + z⁵/(3·5) + …), terms of one sign (Marsaglia, J. Stat. Softw. 11, 2004);
 * in the tails Laplace's continued fraction φ(z) / (z + 1/(z + 2/(z + …))).
 */
export function normalCdf(z: number): number {
  const size = Math.abs(z);
  const density = Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
  if (size > 5) {
    let fraction = size;
    for (let k = 60; k > 0; k -= 1) fraction = size + k / fraction;
    return z > 0 ? 1 - density / fraction : density / fraction;
  }
  let sum = 0;
  let term = z;
  for (let n = 1; sum + term !== sum; n += 1) {
    sum += term;
    term *= (z * z) / (2 * n + 1);
  }
  return 0.5 + density * sum;
}

/** The z with P(Z ≤ z) = `p`, by bisection; ±∞ at 1 and 0. */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) return p <= 0 ? -Infinity : Infinity;
  let low = -40;
  let high = 40;
  for (let step = 0; step < 100; step += 1) {
    const middle = (low + high) / 2;
    if (normalCdf(middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** How many standard deviations to each side hold `level` of a normal distribution: 1.96 for 0.95. */
export const zOf = (level: number): number => normalQuantile((1 + level) / 2);

/** Of a share, by Wilson's score (1927): right for few trials and near 0 and 1, unlike ±1.96 √(p q / n). */
export function shareInterval(successes: number, trials: number, level = 0.95): Interval {
  if (trials === 0) return { value: Number.NaN, low: 0, high: 1, level };
  const z = zOf(level);
  const share = successes / trials;
  const middle = (share + z ** 2 / (2 * trials)) / (1 + z ** 2 / trials);
  const half = (z / (1 + z ** 2 / trials)) * Math.sqrt((share * (1 - share)) / trials + z ** 2 / (4 * trials ** 2));
  return { value: share, low: Math.max(0, middle - half), high: Math.min(1, middle + half), level };
}

/** Of the mean of independent values, by the normal approximation. */
export function meanInterval(values: readonly number[], level = 0.95): Interval {
  const value = mean(values);
  const half = zOf(level) * (deviation(values) / Math.sqrt(values.length));
  return { value, low: value - half, high: value + half, level };
}

export const mean = (values: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < values.length; i += 1) sum += values[i]!;
  return sum / values.length;
};

/** Standard deviation with n − 1; 0 of fewer than two. */
export function deviation(values: ArrayLike<number>): number {
  if (values.length < 2) return 0;
  const middle = mean(values);
  let squares = 0;
  for (let i = 0; i < values.length; i += 1) squares += (values[i]! - middle) ** 2;
  return Math.sqrt(squares / (values.length - 1));
}
