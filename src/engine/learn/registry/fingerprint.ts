/** What a version was trained on: enough to see later whether it still stands. */
import { createHash } from 'node:crypto';
import type { StoredEpisode } from '../../memory/store.ts';

/** One episode that was trained on, and the ratings that stood then. */
export interface TrainedOn {
  readonly episodeId: string;
  readonly ratingIds: readonly string[];
}

export interface Fingerprint {
  /** Hexadecimal; over ids and content of all ratings and events. The same for the same data in any order. */
  readonly sha256: string;
  readonly episodes: number;
  readonly ratings: number;
  readonly events: number;
  /** By id. */
  readonly trainedOn: readonly TrainedOn[];
}

const ratingsOf = ({ rating, otherRatings }: StoredEpisode) => [...(rating ? [rating] : []), ...otherRatings];
const byId = (a: { readonly id: string }, b: { readonly id: string }): number =>
  a.id < b.id ? -1 : a.id > b.id ? 1 : 0;

/** Of the episodes that are trained on. */
export function fingerprintOf(entries: Iterable<StoredEpisode>): Fingerprint {
  const sorted = [...entries].sort((a, b) => byId(a.episode, b.episode));
  const hash = createHash('sha256');
  let ratings = 0;
  let events = 0;
  const trainedOn = sorted.map((entry) => {
    const standing = ratingsOf(entry).sort(byId);
    const happened = entry.events.toSorted(byId);
    ratings += standing.length;
    events += happened.length;
    hash.update(`${canonical([entry.episode.id, standing, happened])}\n`);
    return { episodeId: entry.episode.id, ratingIds: standing.map(({ id }) => id) };
  });
  return { sha256: hash.digest('hex'), episodes: sorted.length, ratings, events, trainedOn };
}

/** JSON with the keys of objects in order: imported records may have them in another. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );

/** One line an episode: its id, then those of its ratings. */
export const encodeTrainedOn = (trainedOn: readonly TrainedOn[]): string =>
  trainedOn.map(({ episodeId, ratingIds }) => `${[episodeId, ...ratingIds].join(' ')}\n`).join('');

export const parseTrainedOn = (text: string): readonly TrainedOn[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [episodeId = '', ...ratingIds] = line.split(' ');
      return { episodeId, ratingIds };
    });

/** Something of `ids` (of ratings, or of episodes that were deleted) was trained on. */
export const isAmong = (trainedOn: readonly TrainedOn[], ids: ReadonlySet<string>): boolean =>
  trainedOn.some(({ episodeId, ratingIds }) => ids.has(episodeId) || ratingIds.some((id) => ids.has(id)));

/**
 * Ids of ratings that no longer stand (changed or withdrawn) and of episodes that are gone. New events and first ratings are
 * no change: what was learnt still holds. Episodes that the caps evicted look deleted; leave them out with `current`.
 */
export function changedSince(
  trainedOn: readonly TrainedOn[],
  current: (episodeId: string) => StoredEpisode | null,
): ReadonlySet<string> {
  const changed = new Set<string>();
  for (const { episodeId, ratingIds } of trainedOn) {
    const entry = current(episodeId);
    if (!entry) {
      changed.add(episodeId);
      continue;
    }
    const standing = new Set(ratingsOf(entry).map(({ id }) => id));
    for (const id of ratingIds) if (!standing.has(id)) changed.add(id);
  }
  return changed;
}
