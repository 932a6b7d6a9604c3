/** Accepted among shown over time, with what served when. */
import type { TrainingState } from '../../../protocol/training.ts';
import type { StoredEpisode } from '../../memory/store.ts';
import type { Lifecycle, VersionKind } from '../registry/lifecycle.ts';
import { shownFate } from './help.ts';

export type Span = TrainingState['acceptance'][number];

const mostSpans = 40;
/** Fewer offers say nothing. */
const leastShown = 10;

/** Consecutive spans of equally many shown offers, oldest first. */
export function acceptanceSpans(newestFirst: Iterable<StoredEpisode>, lifecycle: Lifecycle): Span[] {
  const shown: { readonly at: number; readonly taken: boolean }[] = [];
  for (const entry of newestFirst) {
    const { kind, at, author } = entry.episode;
    const fate = kind === 'nextEdit' || author !== undefined ? null : shownFate(entry);
    if (fate !== null) shown.push({ at, taken: fate === 'taken' });
  }
  shown.sort((a, b) => a.at - b.at);
  const size = Math.max(leastShown, Math.ceil(shown.length / mostSpans));
  const spans: Span[] = [];
  for (let start = 0; start < shown.length; start += size) {
    const part = shown.slice(start, start + size);
    const to = part.at(-1)!.at;
    spans.push({
      from: part[0]!.at,
      to,
      shown: part.length,
      accepted: part.filter(({ taken }) => taken).length,
      rewardModel: servingAt(lifecycle, 'rewardModel', to),
      selector: servingAt(lifecycle, 'selector', to),
    });
  }
  return spans;
}

/** What of a kind served at a time, by the history of the versions; null: nothing. */
export function servingAt(lifecycle: Lifecycle, kind: VersionKind, at: number): string | null {
  let since = Number.NEGATIVE_INFINITY;
  let serving: string | null = null;
  for (const { id, kind: its, history } of lifecycle.versions) {
    if (its !== kind) continue;
    // A stale one goes on serving until it is rejected, or another takes its place.
    let from: number | null = null;
    for (const change of history) {
      if (change.at > at) break;
      if (change.state === 'active') from = change.at;
      else if (change.state !== 'stale') from = null;
    }
    if (from !== null && from >= since) {
      since = from;
      serving = id;
    }
  }
  return serving;
}
