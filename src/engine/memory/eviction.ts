/** What has to go when the memory is full. */
import { outcomeOf } from '../../protocol/episode.ts';
import type { StoredEpisode } from './recordIndex.ts';

export interface Caps {
  /** Bytes in a snapshot. */
  readonly bytes: number;
  readonly episodes: number;
}

/** Room made beyond what is needed, so that not every new episode evicts one. */
const headroom = 0.05;
const hourMs = 3_600_000;

/**
 * How many times longer than a silent decision an episode is kept. What a person said cannot be had again; what was
 * taken becomes an example; a prohibition must not be forgotten before the text it forbids could come back.
 */
export function keepFactor(entry: StoredEpisode): number {
  const { rating, otherRatings, forbidden, episode, events } = entry;
  if (rating?.correction != null) return 128;
  if (rating !== null || forbidden) return 64;
  if (otherRatings.length > 0) return 32;
  if (episode.offered === null) return 1;
  switch (outcomeOf(episode, events).type) {
    case 'accepted':
    case 'partlyAccepted':
    case 'retained':
      return 32;
    case 'rejected':
    case 'reverted':
      return 8;
    case 'offered':
    case 'shown':
    case 'read':
    case 'ignored':
    case 'silent':
      return 2;
  }
}

/** Ids of the episodes to remove, least worth first: the oldest for their value. Empty when all fits. */
export function chooseEvictions(
  entries: Iterable<StoredEpisode>,
  bytesOf: (id: string) => number,
  size: Caps,
  caps: Caps,
  nowMs: number,
): string[] {
  let tooManyEpisodes = size.episodes > caps.episodes ? size.episodes - caps.episodes * (1 - headroom) : 0;
  let tooManyBytes = size.bytes > caps.bytes ? size.bytes - caps.bytes * (1 - headroom) : 0;
  if (tooManyEpisodes <= 0 && tooManyBytes <= 0) return [];
  const ranked = Array.from(entries, (entry) => ({
    id: entry.episode.id,
    age: (Math.max(0, nowMs - entry.episode.at) + hourMs) / keepFactor(entry),
  })).sort((a, b) => b.age - a.age || (a.id < b.id ? -1 : 1));
  const chosen: string[] = [];
  for (const { id } of ranked) {
    if (tooManyEpisodes <= 0 && tooManyBytes <= 0) break;
    chosen.push(id);
    tooManyEpisodes--;
    tooManyBytes -= bytesOf(id);
  }
  return chosen;
}
