/** Which ratings would teach most, and how often one may be asked for: the queue of the rating panel. Never a toast. */
import type { Episode, EpisodeCard } from '../../../protocol/episode.ts';
import { verdict } from '../../../protocol/episode.ts';
import { placeKeyOf } from '../decisions.ts';

/** How unsure what serves is of an episode: standard deviation of the expected target, 0 to about 0.5. */
export type Doubt = (episode: Episode) => number;

/** What kind of place it is: of these the memory has many or few. */
const kindOfPlace = ({ kind, languageId, prefix }: Episode): string =>
  `${kind} ${languageId} ${kind === 'inline' ? placeKeyOf(prefix) : ''}`;

/** How often each kind of place occurs among these. */
export function placeCounts(episodes: Iterable<Episode>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const episode of episodes) {
    const kind = kindOfPlace(episode);
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

const isUnrated = ({ rating }: Pick<EpisodeCard, 'rating'>): boolean => verdict(rating) === 'unrated';

/**
 * Unrated ones first, by how unsure one is of them times how frequent such places are (its logarithm: what is learnt at one place says
 * something of others, too); then the rated ones, as they come.
 */
export function byInformation(
  cards: readonly EpisodeCard[],
  doubt: Doubt,
  counts: ReadonlyMap<string, number>,
): readonly EpisodeCard[] {
  const scored = cards.filter(isUnrated).map((card) => {
    const frequency = Math.log(1 + (counts.get(kindOfPlace(card.episode)) ?? 0));
    return { card, score: doubt(card.episode) * frequency };
  });
  scored.sort((a, b) => b.score - a.score);
  return [...scored.map(({ card }) => card), ...cards.filter((card) => !isUnrated(card))];
}

/** One question in twenty minutes, six a day (research, 2.4). */
const budget = { everyMs: 20 * 60_000, aDay: 6, dayMs: 24 * 3_600_000 } as const;
/** A rating that makes one surer by less than this is not asked for. */
const leastGain = 0.01;
/** Of a single rating around what is expected (`noiseBelief` of the reward model). */
const noise = 0.21;

/** By how much one rating would make the belief surer. */
export const gainOf = (doubt: number): number => doubt - (doubt * noise) / Math.hypot(doubt, noise);

/** Marks the few cards a rating of which would teach most, within the budget. In memory: a new window begins a new day. */
export class Questions {
  #asked: { readonly episodeId: string; readonly at: number }[] = [];
  /** Nothing was worth asking then. */
  #nothingAt = Number.NEGATIVE_INFINITY;

  /** Ids of marked cards. `ranked` is only asked where the budget allows one more; `isOpen`: it is there and unrated. */
  marked(
    now: number,
    isOpen: (episodeId: string) => boolean,
    ranked: () => { cards: readonly EpisodeCard[]; doubt: Doubt },
  ) {
    this.#asked = this.#asked.filter(({ at }) => now - at < budget.dayMs);
    const last = Math.max(this.#nothingAt, ...this.#asked.map(({ at }) => at));
    if (now - last >= budget.everyMs && this.#asked.length < budget.aDay) this.#ask(now, ranked());
    return this.#asked.flatMap(({ episodeId }) => (isOpen(episodeId) ? [episodeId] : []));
  }

  #ask(now: number, { cards, doubt }: { cards: readonly EpisodeCard[]; doubt: Doubt }): void {
    const known = new Set(this.#asked.map(({ episodeId }) => episodeId));
    const best = cards.find((card) => isUnrated(card) && !known.has(card.episode.id));
    if (best !== undefined && gainOf(doubt(best.episode)) >= leastGain) {
      this.#asked.push({ episodeId: best.episode.id, at: now });
    } else if (best !== undefined) this.#nothingAt = now;
  }
}
