/** Episodes as rows of the rating panel: which of them a search shows, and what each says. */
import { type EpisodeCard, outcomeOf, verdict } from '../../protocol/episode.ts';
import type { ClientRequests, Params } from '../../protocol/rpc.ts';
import type { StoredEpisode } from './recordIndex.ts';

export type CardQuery = Params<ClientRequests, 'listEpisodes'>;

export function cardOf(entry: StoredEpisode): EpisodeCard {
  return {
    episode: entry.episode,
    outcome: outcomeOf(entry.episode, entry.events),
    rating: entry.rating,
    forbidden: entry.forbidden,
    otherRatings: entry.otherRatings.length,
  };
}

/** The cards for `query` among `entries` (newest first): at most `limit`, and how many there are. Silence is left out. */
export function listCards(
  entries: Iterable<StoredEpisode>,
  { query, filter, limit }: CardQuery,
): { cards: EpisodeCard[]; total: number } {
  const words = query.split(/\s+/).filter((word) => word !== '');
  // A regular expression compares without regard to case in place; lower-casing would copy every text.
  const patterns = words.map((word) => new RegExp(word.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'), 'iu'));
  const cards: EpisodeCard[] = [];
  let total = 0;
  for (const entry of entries) {
    if (entry.episode.offered === null || !passes(entry, filter)) continue;
    if (!patterns.every((pattern) => textsOf(entry).some((text) => pattern.test(text)))) continue;
    total++;
    if (cards.length < limit) cards.push(cardOf(entry));
  }
  return { cards, total };
}

function passes(entry: StoredEpisode, filter: CardQuery['filter']): boolean {
  switch (filter) {
    case 'all':
      return true;
    case 'unrated':
    case 'good':
    case 'bad':
      return verdict(entry.rating) === filter;
    case 'accepted': {
      const { type } = outcomeOf(entry.episode, entry.events);
      return type === 'accepted' || type === 'partlyAccepted' || type === 'retained';
    }
    case 'rejected': {
      const { type } = outcomeOf(entry.episode, entry.events);
      return type === 'rejected' || type === 'reverted';
    }
    case 'forbidden':
      return entry.forbidden;
  }
}

function textsOf({ episode, rating }: StoredEpisode): string[] {
  const texts = [episode.file, episode.instruction];
  for (const candidate of episode.candidates) texts.push(candidate.text);
  if (rating) texts.push(rating.comment, rating.correction ?? '');
  return texts;
}
