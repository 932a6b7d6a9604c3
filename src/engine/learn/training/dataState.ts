/** What there is to learn from, counted without computing features: for views, in slices that nobody has to wait for. */
import type { TrainingState } from '../../../protocol/training.ts';
import type { Store, StoredEpisode } from '../../memory/store.ts';
import { agreementOf } from '../reward/agreement.ts';
import { judgementsOf, ratingsIn } from '../reward/judgements.ts';
import { decisionReward } from '../selector/decisionReward.ts';

/** Of one slice. */
const sliceMs = 4;

/** `since`: when the last training began, in milliseconds since the epoch; null: there was none. */
export async function dataState(store: Pick<Store, 'entries'>, since: number | null): Promise<TrainingState['data']> {
  const labels = { rating: 0, thumb: 0, event: 0, pair: 0 };
  const files = new Set<string>();
  const skipped = new Map<string, number>();
  const raters = new Map<string, number>();
  const rated: StoredEpisode[] = [];
  const noShifts = new Map<string, number>();
  let [decisions, newRatings] = [0, 0];
  let begun = performance.now();
  for (const entry of store.entries()) {
    const { episode } = entry;
    const found = judgementsOf(entry, noShifts);
    for (const { source } of found.judgements) labels[source] += 1;
    for (const reason of found.skipped) skipped.set(reason, (skipped.get(reason) ?? 0) + 1);
    if (found.judgements.length > 0) files.add(episode.file === '' ? episode.id : episode.file);
    if (episode.kind === 'inline' && episode.offered !== null && decisionReward(entry) !== null) decisions += 1;
    const ratings = ratingsIn(entry);
    for (const { rater, at } of ratings) {
      raters.set(rater, (raters.get(rater) ?? 0) + 1);
      if (since === null || at > since) newRatings += 1;
    }
    if (ratings.length > 1) rated.push(entry);
    if (performance.now() - begun < sliceMs) continue;
    await new Promise<void>((resolve) => setImmediate(resolve));
    begun = performance.now();
  }
  const { mean } = agreementOf(rated);
  return {
    labels,
    files: files.size,
    decisions,
    newRatings,
    skipped: [...skipped].map(([reason, count]) => ({ reason, count })).sort((a, b) => b.count - a.count),
    raters: [...raters].map(([rater, count]) => ({ rater, ratings: count })).sort((a, b) => b.ratings - a.ratings),
    kappa: mean.defined ? mean.value : null,
  };
}
