/**
 * The reward of an episode, a pure function of what was said and what happened, in two numbers that must not be mixed: what the
 * developer preferred, and what showing it cost them. Accepted is worth +0.75 as in Cursor's published rewards, scaled by what
 * survives; refused and reverted −0.5; explicit ratings ±1. Only events and ratings are stored; a number without its version
 * means nothing.
 */
import { type Episode, type Event, outcomeOf, type Rating, verdict } from '../../protocol/episode.ts';

/** Raise with every change of a figure below. */
export const rewardVersion = 2;

/** An accepted text that survived two minutes to at least this share counts as kept whole. */
const keptShare = 0.8;
const kept = 0.75;
/** Accepted, and not yet known what became of it. */
const acceptedOnly = 0.5;
/** Typed out by hand: the same text, but nobody chose it. */
const typedWeight = 0.5;
const refused = -0.5;
/** Deleting the place of an offer may have had other reasons. */
const deletedInto = -0.25;
/** Shown, read, and not taken: an interruption (Cursor's published figure). Less where there was no time to read. */
const interrupted = -0.25;
const unread = 0.3;

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
      return outcome.reason === 'deleted' ? deletedInto : refused;
    case 'reverted':
      return refused;
    case 'partlyAccepted':
      return kept * partTaken(episode, events);
    case 'accepted':
      return acceptedOnly * weightOf(events);
    case 'retained':
      return kept * Math.min(1, shareOf(events) / keptShare) * weightOf(events) * partTaken(episode, events);
  }
}

/**
 * What it cost to show it, −0.25 to 0: nothing where it was taken, or not seen, or asked for. For the decision to show or to stay
 * silent only; moving on is no refusal of the text.
 */
export function interruption({ episode, events }: Pick<Judged, 'episode' | 'events'>): number {
  const has = (type: Event['type']): boolean => events.some((event) => event.type === type);
  if (episode.kind === 'edit' || has('accepted') || has('partlyAccepted') || has('retained')) return 0;
  return has('read') ? interrupted : has('shown') ? unread * interrupted : 0;
}

const latest = (events: readonly Event[], type: Event['type']): Event | undefined =>
  events
    .filter((event) => event.type === type)
    .sort((a, b) => a.at - b.at)
    .at(-1);

const shareOf = (events: readonly Event[]): number => latest(events, 'retained')?.share ?? 1;

const weightOf = (events: readonly Event[]): number =>
  latest(events, 'accepted')?.reason === 'typed' ? typedWeight : 1;

/** Share of the text that was taken, where only a part was; 1: all of it. */
function partTaken({ candidates, offered }: Episode, events: readonly Event[]): number {
  const event = latest(events, 'partlyAccepted');
  if (event === undefined || latest(events, 'accepted') !== undefined) return 1;
  const whole =
    candidates.find(({ id }) => id === event.candidateId) ?? (offered === null ? undefined : candidates[offered]);
  const length = whole?.text.length ?? 0;
  // Word by word, each event tells of its own word.
  const taken = events.filter(({ type }) => type === 'partlyAccepted').map(({ text }) => text?.length);
  if (length === 0 || taken.some((one) => one === undefined)) return 0.5;
  return Math.min(1, taken.reduce((sum: number, one) => sum + (one ?? 0), 0) / length);
}
