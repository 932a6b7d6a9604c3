/** How much better than something else a reward model foretells ratings in files that neither has seen, with an interval. */
import { bootstrap } from '../evaluation/bootstrap.ts';
import type { Fold } from '../evaluation/folds.ts';
import { type Interval, meanInterval } from '../evaluation/interval.ts';
import type { Row } from '../reward/rewardModel.ts';

/**
 * Predictions moved to the level of their stratum, as the training rows of the fold that left a row out show it: a model judges what was
 * written, and knows nothing of where a label comes from, which would count against it. Of predictions that are all alike the mean of the
 * stratum is left. `strata`: one for each row; where none of it is in training, the level of all rows. Pairs stay as they are.
 */
export function levelled(
  rows: readonly Row[],
  predictions: readonly number[],
  folds: readonly Fold[],
  strata: readonly string[],
): readonly number[] {
  const moved = [...predictions];
  for (const { training, test } of folds) {
    const sums = new Map<string, { sum: number; weight: number }>();
    for (const i of training) {
      const { source, weight, target } = rows[i]!;
      if (source === 'pair') continue;
      for (const stratum of [strata[i]!, '']) {
        const one = sums.get(stratum) ?? { sum: 0, weight: 0 };
        sums.set(stratum, { sum: one.sum + weight * (target - predictions[i]!), weight: one.weight + weight });
      }
    }
    for (const i of test) {
      const missing = sums.get(strata[i]!) ?? sums.get('');
      if (rows[i]!.source !== 'pair' && missing && missing.weight > 0) moved[i]! += missing.sum / missing.weight;
    }
  }
  return moved;
}

/**
 * By how much of the targets’ variance around `others` the squared error of `own` is smaller; 0: no better, 1: all is foretold. Rows
 * that are no pairs, by weight; resampled by files, and no narrower than rows would have it. Null: there are too few.
 */
export function improvement(
  rows: readonly Row[],
  own: readonly number[],
  others: readonly number[],
  { random, level = 0.95 }: { readonly random: () => number; readonly level?: number },
): Interval | null {
  const single = rows.flatMap(({ source }, i) => (source === 'pair' ? [] : [i]));
  const before = single.map((i) => rows[i]!.weight * (rows[i]!.target - others[i]!) ** 2);
  const total = before.reduce((sum, one) => sum + one, 0);
  if (single.length < 2 || total === 0) return null;
  const scale = single.length / total;
  const gains = single.map((i, at) => scale * (before[at]! - rows[i]!.weight * (rows[i]!.target - own[i]!) ** 2));
  const byRows = meanInterval(gains, level);
  const byFiles = bootstrap(
    gains.length,
    (indices) => indices.reduce((sum, i) => sum + gains[i]!, 0) / indices.length,
    { random, level, resamples: 400, groups: single.map((i) => rows[i]!.group) },
  );
  if (byFiles === null) return byRows;
  return { ...byRows, low: Math.min(byRows.low, byFiles.low), high: Math.max(byRows.high, byFiles.high) };
}
