/** Some people never give a 10: scales of several raters are brought to one middle. */
import type { Rating } from '../../../protocol/episode.ts';

/** The mean of a rater counts like this many ratings less: of few, hardly at all. */
const doubt = 10;

/**
 * How far above the others' middle each rater's lies on the scale of 0 to 1, drawn to 0 where little is known. Of a single rater it
 * is 0: the bias of a model says the same.
 */
export function raterShifts(ratings: readonly Rating[]): ReadonlyMap<string, number> {
  const by = new Map<string, number[]>();
  for (const { rater, score } of ratings) {
    if (score === null) continue;
    const values = by.get(rater) ?? [];
    values.push((score - 1) / 9);
    by.set(rater, values);
  }
  const means = [...by].map(([rater, values]) => {
    return { rater, count: values.length, mean: values.reduce((sum, value) => sum + value, 0) / values.length };
  });
  const sure = means.map(({ count }) => count / (count + doubt));
  const total = sure.reduce((sum, value) => sum + value, 0);
  const middle = means.reduce((sum, { mean }, i) => sum + (sure[i]! * mean) / total, 0);
  return new Map(means.map(({ rater, mean }, i) => [rater, sure[i]! * (mean - middle)]));
}
