/** Does it help this developer? Accepted among shown, with and without memory and learning. */
import type { HelpReport } from '../../../protocol/training.ts';
import type { StoredEpisode } from '../../memory/store.ts';
import { type Fate, fateOf } from '../decisions.ts';
import { type Arm, verdictOf, verdictText } from '../evaluation/sequential.ts';

/** What became of an offer that was seen; null: it was not seen, or nobody knows yet, or it went for another reason than the text. */
export function shownFate({ episode, events }: StoredEpisode): Extract<Fate, 'taken' | 'turnedDown'> | null {
  if (episode.offered === null) return null;
  const { fate } = fateOf(episode, events);
  if (fate !== 'taken' && fate !== 'turnedDown') return null;
  const seen = events.some(({ type }) => type === 'shown' || type === 'read');
  // What was taken was seen, whatever the editor had the time to tell.
  return seen || fate === 'taken' ? fate : null;
}

/**
 * The arms of what was offered here since the first place without memory, so that both saw the same weeks; repeated edits and what
 * others made have no arms. A sequential test: it may be looked at as often as one likes.
 */
export function helpReport(newestFirst: Iterable<StoredEpisode>): HelpReport {
  let treated: Arm = { accepted: 0, decisions: 0 };
  let control: Arm = { accepted: 0, decisions: 0 };
  let sinceControl: Arm = treated;
  for (const entry of newestFirst) {
    const { episode } = entry;
    if (episode.kind === 'nextEdit' || episode.author !== undefined) continue;
    const fate = shownFate(entry);
    const counted = (arm: Arm): Arm =>
      fate === null ? arm : { accepted: arm.accepted + (fate === 'taken' ? 1 : 0), decisions: arm.decisions + 1 };
    if (episode.arm === 'control') {
      control = counted(control);
      sinceControl = treated;
    } else treated = counted(treated);
  }
  const verdict = verdictOf(sinceControl, control);
  const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
  return {
    kind: verdict.kind,
    text: verdictText(verdict),
    low: finite(verdict.low),
    high: finite(verdict.high),
    more: verdict.kind === 'notYet' ? verdict.more : null,
    treated: sinceControl,
    control,
  };
}
