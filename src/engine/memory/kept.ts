import { outcomeOf } from '../../protocol/episode.ts';
import type { StoredEpisode } from './store.ts';

/** Did the developer take the edit, and not take it back? */
export function wasAccepted(entry: StoredEpisode): boolean {
  const { type } = outcomeOf(entry.episode, entry.events);
  return type === 'accepted' || type === 'partlyAccepted' || type === 'retained';
}

/**
 * What stood in place of the episode's `before` in the end, as far as is known: the correction, else what was retained, else
 * what was accepted, else what was offered. Null: nothing was offered.
 */
export function keptText(entry: StoredEpisode): string | null {
  const { episode, events, rating } = entry;
  if (rating && rating.correction !== null) return rating.correction;
  const retained = events.findLast((event) => event.type === 'retained' && event.text !== undefined);
  if (retained?.text !== undefined) return retained.text;
  const taken = events.findLast((event) => event.type === 'accepted' || event.type === 'partlyAccepted');
  if (taken?.type === 'partlyAccepted' && taken.text !== undefined) return taken.text;
  const candidate = episode.candidates.find(({ id }) => id === taken?.candidateId);
  if (candidate) return candidate.text;
  return episode.offered === null ? null : (episode.candidates[episode.offered]?.text ?? null);
}
