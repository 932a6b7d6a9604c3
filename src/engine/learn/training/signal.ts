/** Whether there is anything to learn in labels beyond where they come from. */
import { bootstrap } from '../evaluation/bootstrap.ts';
import type { Prediction } from '../evaluation/coverage.ts';
import type { Interval } from '../evaluation/interval.ts';
import { spearman, spearmanInterval } from '../evaluation/spearman.ts';
import type { Row } from '../reward/rewardModel.ts';

/** Trainings come again and again: at 95 % chance alone would be taken for a taste every fortieth time. */
const level = 0.99;

/**
 * Rank correlation of what was foretold and what was said, within strata: that asked-for edits are rated higher than what was passed
 * by while typing is no taste. `strata`: one for each row. Resampled by files, and no narrower than Fisher's interval.
 */
export function signalOf(
  rows: readonly Row[],
  predictions: readonly Prediction[],
  strata: readonly string[],
  random: () => number,
): Interval {
  const single = rows.flatMap(({ source }, i) => (source === 'pair' ? [] : [i]));
  const kinds = single.map((i) => strata[i]!);
  const foretold = centred(
    single.map((i) => predictions[i]!.mean),
    kinds,
  );
  const said = centred(
    single.map((i) => rows[i]!.target),
    kinds,
  );
  const rho = spearman(foretold, said);
  // Where one of both never varies, nothing can be foretold.
  if (!rho.defined) return { value: 0, low: -1, high: 1, level };
  const fisher = spearmanInterval(rho.value, single.length, level);
  const resampled = bootstrap(
    single.length,
    (indices) => {
      const one = spearman(
        indices.map((i) => foretold[i]!),
        indices.map((i) => said[i]!),
      );
      return one.defined ? one.value : null;
    },
    { random, level, resamples: 400, groups: single.map((i) => rows[i]!.group) },
  );
  if (resampled === null) return fisher;
  return { ...fisher, low: Math.min(fisher.low, resampled.low), high: Math.max(fisher.high, resampled.high) };
}

/** Less the mean of its stratum. */
export function centred(values: readonly number[], strata: readonly string[]): readonly number[] {
  const sums = new Map<string, { sum: number; count: number }>();
  values.forEach((value, i) => {
    const one = sums.get(strata[i]!) ?? { sum: 0, count: 0 };
    sums.set(strata[i]!, { sum: one.sum + value, count: one.count + 1 });
  });
  return values.map((value, i) => {
    const { sum, count } = sums.get(strata[i]!)!;
    return value - sum / count;
  });
}
