/**
 * What a decision brought, for selectors: a versioned pure function. Accepted +0.75, shown and not accepted −0.25 (Cursor's published
 * figures), more for larger edits, 0 for silence. What was said counts more than what happened.
 */
import { type Event, verdict } from '../../../protocol/episode.ts';
import type { StoredEpisode } from '../../memory/store.ts';
import { fateOf } from '../decisions.ts';

/** Raise with every change of a figure below. */
export const decisionRewardVersion = 1;

export const acceptedReward = 0.75;
const unwanted = -0.25;
/** So many lines and it cost twice as much to read, which is the most. */
const linesOfDouble = 40;

/** Of an offer that was shown in vain. `lines`: changed ones. */
export const unwantedReward = (lines: number): number => unwanted * Math.min(2, 1 + lines / linesOfDouble);

/** Of the offered candidate; null: nothing is known yet, or it ended for another reason than the text. */
export function decisionReward(entry: StoredEpisode): number | null {
  const { episode } = entry;
  if (episode.offered === null) return 0;
  const candidate = episode.candidates[episode.offered];
  const share = wantedShare(entry);
  if (candidate === undefined || share === null) return null;
  const vain = unwantedReward(changedLines(episode.before, candidate.text));
  return (1 - share) * vain + share * acceptedReward;
}

/** How far what was shown was wanted, 0 to 1, whatever it cost to read; null: as of the reward, or nothing was shown. */
export function wantedShare({ episode, events, rating }: StoredEpisode): number | null {
  const candidate = episode.offered === null ? undefined : episode.candidates[episode.offered];
  if (candidate === undefined) return null;
  const said = verdict(rating);
  if (rating !== null && said !== 'unrated') {
    if (rating.thumb === null && rating.score !== null) return (rating.score - 1) / 9;
    return said === 'good' ? 1 : 0;
  }
  const { fate } = fateOf(episode, events);
  const happened = (...types: readonly Event['type'][]): boolean => events.some(({ type }) => types.includes(type));
  // Going elsewhere before one could read it says nothing.
  if (fate === 'turnedDown') return happened('read', 'rejected', 'reverted') ? 0 : null;
  if (fate !== 'taken') return null;
  const taken = events.filter(({ type }) => type === 'accepted' || type === 'partlyAccepted');
  // Cycled past: another one was wanted.
  if (taken.length > 0 && taken.every(({ candidateId = candidate.id }) => candidateId !== candidate.id)) return 0;
  return happened('accepted', 'retained') ? 1 : shareTaken(taken, candidate.text.length);
}

/** Word by word, each event tells of its own word. */
function shareTaken(events: readonly Event[], length: number): number {
  const taken = events.reduce((sum, { text }) => sum + (text?.length ?? length / 2), 0);
  return Math.min(1, taken / Math.max(1, length));
}

/** Lines of `after` that do not stand in `before`. */
export function changedLines(before: string, after: string): number {
  const left = new Map<string, number>();
  for (const line of before.split('\n')) left.set(line.trim(), (left.get(line.trim()) ?? 0) + 1);
  let changed = 0;
  for (const line of after.split('\n')) {
    const count = left.get(line.trim()) ?? 0;
    if (count > 0) left.set(line.trim(), count - 1);
    else changed += 1;
  }
  return changed;
}
