/**
 * Ratings that may be slips: not those far from the mean, which are the informative ones, but those far from what the other
 * ratings foretell. They are shown and count less; none is dropped.
 */
import type { Prediction } from '../evaluation/coverage.ts';
import { studentQuantile } from '../evaluation/student.ts';
import type { Row } from './rewardModel.ts';

/** Below so many there is no spread to speak of. */
const fewest = 4;
/** Of a normal distribution, what lies below 2σ. */
const inside = 0.97725;
const share = 0.25;

export interface Outliers {
  /** One for each row. */
  readonly flags: readonly boolean[];
  /** Residual beyond which a row is flagged, in robust standard deviations. */
  readonly threshold: number;
}

/**
 * `predictions`: of each row by a model that had not seen it; null: there is none. The spread is the median of the absolute residuals
 * times 1.4826, since of n rows the ordinary deviation lets none beyond (n − 1)/√n of it; 2σ becomes Student's t of the same tail.
 */
export function outliersAmong(rows: readonly Row[], predictions: readonly (Prediction | null)[]): Outliers {
  const residuals = rows.map(({ target, weight }, i) => {
    const foretold = predictions[i] ?? null;
    return foretold === null ? null : (Math.abs(target - foretold.mean) / foretold.deviation) * Math.sqrt(weight);
  });
  const known = residuals.filter((one) => one !== null).sort((a, b) => a - b);
  if (known.length < fewest) return { flags: rows.map(() => false), threshold: Number.POSITIVE_INFINITY };
  // Never below what the model says itself: where all is foretold exactly, nothing is an outlier.
  const spread = Math.max(1, 1.4826 * known[Math.floor(known.length / 2)]!);
  const threshold = studentQuantile(inside, known.length - 1);
  return { flags: residuals.map((one) => one !== null && one > threshold * spread), threshold };
}

/** Flagged rows count a quarter. */
export const downWeighted = (rows: readonly Row[], { flags }: Outliers): readonly Row[] =>
  rows.map((row, i) => (flags[i] ? { ...row, weight: row.weight * share } : row));
