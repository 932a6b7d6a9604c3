/** A logged decision as what selectors learn from. */
import type { StoredEpisode } from '../../memory/store.ts';
import { type Offerable, offerablesOf } from '../features/offerable.ts';
import { decisionReward } from '../selector/decisionReward.ts';
import type { Outcome } from '../selector/selector.ts';

/** Null: nothing is known of it, nothing could be offered, or the numbers are none. */
export function outcomeOfDecision(
  entry: StoredEpisode,
  featuresOf: (offer: Offerable) => Float64Array,
): Outcome | null {
  const { episode } = entry;
  const reward = decisionReward(entry);
  const offers = offerablesOf(episode);
  if (episode.kind !== 'inline' || reward === null || offers.length === 0) return null;
  const action = episode.offered === null ? offers.length : offers.findIndex(({ index }) => index === episode.offered);
  if (action < 0) return null;
  const candidates = offers.map(({ offerable }) => featuresOf(offerable));
  if (!candidates.every((row) => row.every(Number.isFinite))) return null;
  const shown = offers.map(({ index }) => episode.candidates[index]!.propensity ?? 0);
  const silence = Math.max(0, 1 - shown.reduce((sum, p) => sum + p, 0));
  return { candidates, action, probabilities: [...shown, silence], reward };
}

/** When the last thing was said or happened. */
export const settledAt = ({ episode, events, rating }: StoredEpisode): number =>
  Math.max(episode.at, rating?.at ?? 0, ...events.map(({ at }) => at));
