/** Do intervals hold as often as they say? */
import { type Interval, normalCdf, shareInterval, zOf } from './interval.ts';

export interface Prediction {
  readonly mean: number;
  /** Of the prediction of a single rating: belief and noise together. */
  readonly deviation: number;
}

/** Share of the targets inside the central `level` of what was predicted, with Wilson's interval. */
export function intervalCoverage(
  predictions: readonly Prediction[],
  targets: ArrayLike<number>,
  level = 0.9,
): Interval {
  const z = zOf(level);
  const inside = predictions.filter(({ mean, deviation }, i) => Math.abs(targets[i]! - mean) <= z * deviation).length;
  return shareInterval(inside, predictions.length);
}

/** Log of the normal density at `target`. */
export function logDensity({ mean, deviation }: Prediction, target: number): number {
  const z = (target - mean) / deviation;
  return -0.5 * z * z - Math.log(deviation) - 0.5 * Math.log(2 * Math.PI);
}

/** P(target > threshold). */
export const chanceAbove = ({ mean, deviation }: Prediction, threshold: number): number =>
  normalCdf((mean - threshold) / deviation);
