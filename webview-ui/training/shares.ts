/** Shares and their intervals. */
import type { TrainingState } from '../../src/protocol/training.ts';
import type { Bounded } from './charts/whisker.ts';

/** 1.959964: of a 95 % interval. */
const z = 1.959964;

/** 95 % by Wilson's score (1927): right for few trials and near 0 and 1. Nothing seen: nothing known. */
export function wilson(successes: number, trials: number): Bounded {
  if (!(trials > 0)) return { value: null, low: null, high: null };
  const share = successes / trials;
  const scale = 1 + z ** 2 / trials;
  const centre = (share + z ** 2 / (2 * trials)) / scale;
  const half = (z / scale) * Math.sqrt((share * (1 - share)) / trials + z ** 2 / (4 * trials ** 2));
  // Exactly, where rounding would leave a speck.
  const low = successes === 0 ? 0 : Math.max(0, centre - half);
  const high = successes === trials ? 1 : Math.min(1, centre + half);
  return { value: share, low, high };
}

export type AcceptanceSpan = Pick<TrainingState['acceptance'][number], 'from' | 'to' | 'shown' | 'accepted'>;

/**
 * Neighbouring spans put together until there are at most `most`, each of at least `fewest` shown suggestions (the last may have
 * fewer): a share of two suggestions is noise. Sums, not means of shares, so that what is drawn is what was seen.
 */
export function pooled(spans: readonly AcceptanceSpan[], most: number, fewest: number): readonly AcceptanceSpan[] {
  const total = spans.reduce((sum, { shown }) => sum + shown, 0);
  const size = Math.max(fewest, Math.ceil(total / Math.max(1, most)));
  const made: AcceptanceSpan[] = [];
  let open: AcceptanceSpan | null = null;
  for (const { from, to, shown, accepted } of spans) {
    open = open
      ? { from: open.from, to, shown: open.shown + shown, accepted: open.accepted + accepted }
      : { from, to, shown, accepted };
    if (open.shown < size) continue;
    made.push(open);
    open = null;
  }
  if (open && open.shown > 0) made.push(open);
  return made;
}
