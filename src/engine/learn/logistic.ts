/**
 * Bayesian logistic regression: the maximum of the posterior by Newton's method (iteratively reweighted least squares), its
 * spread by Laplace's approximation (Bishop, Pattern Recognition and Machine Learning, 4.4 and 4.5).
 */
import { dot, factorOf, quadratic, solve } from './cholesky.ts';

export interface Prior {
  readonly mean: readonly number[];
  /** Inverse variances; all above 0. */
  readonly precision: readonly number[];
}

export interface Sample {
  /** As long as the prior. */
  readonly features: ArrayLike<number>;
  readonly label: 0 | 1;
  /** How much it counts; 1 is one observation. */
  readonly weight: number;
}

export interface Posterior {
  readonly mean: Float64Array;
  /** Lower Cholesky factor of the precision matrix, row by row. */
  readonly factor: Float64Array;
}

/** Newton's method on a convex function from a near start: it is there after three or four steps. */
const mostSteps = 50;
const smallStep = 1e-6;

export const sigmoid = (logit: number): number => 1 / (1 + Math.exp(-logit));

/** Natural logarithm of the odds, of a probability kept off 0 and 1. */
export function logit(probability: number, margin = 0.01): number {
  const p = Math.min(1 - margin, Math.max(margin, probability));
  return Math.log(p / (1 - p));
}

/** What the prior becomes after the samples. `start`: where to begin, as after fewer samples. */
export function fitLogistic(prior: Prior, samples: readonly Sample[], start?: ArrayLike<number>): Posterior {
  const size = prior.mean.length;
  const mean = Float64Array.from(start ?? prior.mean);
  const gradient = new Float64Array(size);
  const precision = new Float64Array(size * size);
  let factor: Float64Array = precision;
  let before = -Infinity;
  let step = new Float64Array(size);
  for (let count = 0; count < mostSteps; count += 1) {
    let now = derivatives(prior, samples, mean, gradient, precision);
    // A full Newton step can overshoot from a far start: halved until the posterior rises.
    for (let halvings = 0; now < before - 1e-9 && halvings < 20; halvings += 1) {
      step = step.map((change) => change / 2);
      for (let i = 0; i < size; i += 1) mean[i]! -= step[i]!;
      now = derivatives(prior, samples, mean, gradient, precision);
    }
    before = now;
    factor = factorOf(precision, size);
    step = solve(factor, gradient);
    let largest = 0;
    for (let i = 0; i < size; i += 1) {
      mean[i]! += step[i]!;
      largest = Math.max(largest, Math.abs(step[i]!));
    }
    if (largest < smallStep) break;
  }
  return { mean, factor };
}

/** Log of the posterior at `mean`, its gradient, and the lower half of its negated second derivatives. */
function derivatives(
  prior: Prior,
  samples: readonly Sample[],
  mean: Float64Array,
  gradient: Float64Array,
  precision: Float64Array,
): number {
  const size = mean.length;
  let value = 0;
  precision.fill(0);
  for (let i = 0; i < size; i += 1) {
    const off = mean[i]! - prior.mean[i]!;
    value -= 0.5 * prior.precision[i]! * off * off;
    gradient[i] = -prior.precision[i]! * off;
    precision[i * size + i] = prior.precision[i]!;
  }
  for (const { features, label, weight } of samples) {
    const z = dot(mean, features);
    const p = sigmoid(z);
    value -= weight * (Math.max(z, 0) - label * z + Math.log1p(Math.exp(-Math.abs(z))));
    const pull = weight * (label - p);
    const curve = weight * p * (1 - p);
    for (let i = 0; i < size; i += 1) {
      const feature = features[i]!;
      if (feature === 0) continue;
      gradient[i]! += pull * feature;
      const row = i * size;
      const scaled = curve * feature;
      for (let j = 0; j <= i; j += 1) precision[row + j]! += scaled * features[j]!;
    }
  }
  return value;
}

/** Standard deviation of the logit, by Laplace's approximation. */
export const deviationOfLogit = ({ factor }: Posterior, features: ArrayLike<number>): number =>
  Math.sqrt(quadratic(factor, features));

/** Probability of label 1. `optimism`: standard deviations of the logit, by Laplace's approximation, to be added to it. */
export function predict(posterior: Posterior, features: ArrayLike<number>, optimism = 0): number {
  const score = dot(posterior.mean, features);
  if (optimism === 0) return sigmoid(score);
  return sigmoid(score + optimism * deviationOfLogit(posterior, features));
}
