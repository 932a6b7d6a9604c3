/**
 * The reward of an episode as a preference label: a pure function of what was said and what happened. Accepted is worth
 * +0.75 as in Cursor's published rewards, scaled by what survives; refused and reverted −0.5; explicit ratings ±1. Only
 * events and ratings are stored; a number without its version means nothing.
 */
import { type Episode, type Event, outcomeOf, type Rating, verdict } from '../../protocol/episode.ts';

/** Raise with every change of a figure below. */
export const rewardVersion = 1;

/** An accepted text that survived two minutes to at least this share counts as kept whole. */
const keptShare = 0.8;
const kept = 0.75;
/** Accepted, and not yet known what became of it. */
const acceptedOnly = 0.5;
/** Typed out by hand: the same text, but nobody chose it. */
const typedWeight = 0.5;
const refused = -0.5;

export interface Judged {
  readonly episode: Episode;
  readonly events: readonly Event[];
  readonly rating: Rating | null;
}

/**
 * −1 to 1; null where nothing was preferred: silence, and offers that were ignored, since moving on is no refusal. A
 * rating outweighs all events, a thumb outweighs the slider.
 */
export function preference(entry: Judged): number | null {
  return fromRating(entry.rating) ?? fromEvents(entry);
}

function fromRating(rating: Rating | null): number | null {
  if (rating === null || verdict(rating) === 'unrated') return null;
  if (rating.thumb !== null) return rating.thumb === 'up' ? 1 : -1;
  // 1 → −1, 10 → 1. Reasons alone are a thumb down.
  return rating.score === null ? -1 : (rating.score - 5.5) / 4.5;
}

function fromEvents({ episode, events }: Judged): number | null {
  const outcome = outcomeOf(episode, events);
  switch (outcome.type) {
    case 'silent':
    case 'offered':
    case 'shown':
    case 'read':
    case 'ignored':
      return null;
    case 'rejected':
    case 'reverted':
      return refused;
    case 'partlyAccepted':
      return partly(episode, events);
    case 'accepted':
      return acceptedOnly * weightOf(events);
    case 'retained':
      return kept * Math.min(1, shareOf(events) / keptShare) * weightOf(events);
  }
}

const latest = (events: readonly Event[], type: Event['type']): Event | undefined =>
  events
    .filter((event) => event.type === type)
    .sort((a, b) => a.at - b.at)
    .at(-1);

const shareOf = (events: readonly Event[]): number => latest(events, 'retained')?.share ?? 1;

const weightOf = (events: readonly Event[]): number =>
  latest(events, 'accepted')?.reason === 'typed' ? typedWeight : 1;

function partly({ candidates, offered }: Episode, events: readonly Event[]): number {
  const event = latest(events, 'partlyAccepted');
  const whole =
    candidates.find(({ id }) => id === event?.candidateId) ?? (offered === null ? undefined : candidates[offered]);
  const length = whole?.text.length ?? 0;
  const share = length === 0 || event?.text === undefined ? 0.5 : Math.min(1, event.text.length / length);
  return kept * share;
}
