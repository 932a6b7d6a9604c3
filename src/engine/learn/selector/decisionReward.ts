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
export function decisionReward({ episode, events, rating }: StoredEpisode): number | null {
  const { offered } = episode;
  if (offered === null) return 0;
  const text = episode.candidates[offered]?.text;
  if (text === undefined) return null;
  const vain = unwantedReward(changedLines(episode.before, text));
  const said = verdict(rating);
  if (rating !== null && said !== 'unrated') {
    if (rating.thumb === null && rating.score !== null) {
      return vain + ((rating.score - 1) / 9) * (acceptedReward - vain);
    }
    return said === 'good' ? acceptedReward : vain;
  }
  const { fate } = fateOf(episode, events);
  if (fate === 'taken') return acceptedReward * partOf(events, text.length) + vain * (1 - partOf(events, text.length));
  if (fate === 'turnedDown')
    return events.some(({ type }) => type === 'read' || type === 'rejected' || type === 'reverted') ? vain : null;
  return null;
}

/** Share of the text that was taken; 1: all. */
function partOf(events: readonly Event[], length: number): number {
  if (events.some(({ type }) => type === 'accepted' || type === 'retained')) return 1;
  const parts = events.filter(({ type }) => type === 'partlyAccepted');
  const taken = parts.reduce((sum, { text }) => sum + (text?.length ?? length / 2), 0);
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
