/** How far the raters of this memory agree about the same proposals. */
import { type Agreement, agreement } from '../evaluation/kappa.ts';
import { fromRating, type Judged, ratingsIn } from './judgements.ts';

const categories = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

/** Quadratic-weighted κ of each two raters, and the mean, on the scale of 1 to 10; there a thumb stands where its label does: at 9 or 2. */
export function agreementOf(
  entries: Iterable<Pick<Judged, 'rating' | 'otherRatings'> & { readonly episode: { readonly id: string } }>,
): Agreement {
  const answers = new Map<string, Map<string, number>>();
  for (const entry of entries) {
    for (const rating of ratingsIn(entry)) {
      const said = fromRating(rating, 0);
      if (said === null) continue;
      const by = answers.get(rating.rater) ?? new Map<string, number>();
      answers.set(rating.rater, by.set(entry.episode.id, Math.round(1 + 9 * said.target)));
    }
  }
  return agreement(answers, categories);
}
