/** Do things happen as often, or turn out as good, as was predicted? */
import { quantileOf } from './bootstrap.ts';
import { mean } from './interval.ts';

export interface Bin {
  readonly count: number;
  /** Means of what was predicted and of what came. */
  readonly predicted: number;
  readonly observed: number;
}

/**
 * The reliability curve in bins of equal mass, from low predictions to high. Equal predictions stay in one bin, so there may be
 * fewer than asked for.
 */
export function reliability(predicted: ArrayLike<number>, observed: ArrayLike<number>, bins = 15): readonly Bin[] {
  const count = predicted.length;
  const order = Array.from({ length: count }, (_, i) => i).sort((a, b) => predicted[a]! - predicted[b]!);
  const result: Bin[] = [];
  let start = 0;
  for (let bin = 0; bin < bins && start < count; bin += 1) {
    let end = Math.max(start + 1, Math.round(((bin + 1) * count) / bins));
    while (end < count && predicted[order[end]!] === predicted[order[end - 1]!]) end += 1;
    const members = order.slice(start, end);
    result.push({
      count: members.length,
      predicted: mean(members.map((i) => predicted[i]!)),
      observed: mean(members.map((i) => observed[i]!)),
    });
    start = end;
  }
  return result;
}

/** Expected calibration error: the mean distance of the reliability curve from the diagonal. */
export function calibrationError(bins: readonly Bin[]): number {
  const total = bins.reduce((sum, { count }) => sum + count, 0);
  return bins.reduce(
    (sum, { count, predicted, observed }) => sum + (count / total) * Math.abs(predicted - observed),
    0,
  );
}

export interface DebiasedError {
  /** As it is measured; of a perfect predictor too it is above 0. */
  readonly raw: number;
  /** What a perfect predictor would show on average, and at most in 19 of 20 cases. */
  readonly expected: number;
  readonly percentile95: number;
  /** Raw minus expected, at least 0. */
  readonly debiased: number;
}

export interface CalibrationOptions {
  readonly random: () => number;
  /** What comes of item `index` if the predictions are right: a parametric bootstrap. By default yes or no with the probability. */
  readonly draw?: (index: number, random: () => number) => number;
  readonly bins?: number;
  /** 200 by default. */
  readonly resamples?: number;
}

/** The calibration error without what chance alone makes of it: of few predictions that is most of it. */
export function debiasedCalibrationError(
  predicted: ArrayLike<number>,
  observed: ArrayLike<number>,
  { random, draw = (i, next) => (next() < predicted[i]! ? 1 : 0), bins = 15, resamples = 200 }: CalibrationOptions,
): DebiasedError {
  const errorOf = (outcomes: ArrayLike<number>) => calibrationError(reliability(predicted, outcomes, bins));
  const raw = errorOf(observed);
  const nulls = Array.from({ length: resamples }, () =>
    errorOf(Float64Array.from({ length: predicted.length }, (_, i) => draw(i, random))),
  ).sort((a, b) => a - b);
  const expected = mean(nulls);
  return { raw, expected, percentile95: quantileOf(nulls, 0.95), debiased: Math.max(0, raw - expected) };
}

/** Mean squared distance of what was predicted and what came (Brier, 1950). */
export function brier(predicted: ArrayLike<number>, observed: ArrayLike<number>): number {
  return mean(Float64Array.from({ length: predicted.length }, (_, i) => (predicted[i]! - observed[i]!) ** 2));
}
