/** Whether a new version may take the place of what serves: a pure function of what was measured on held-out files. */
import type { Interval } from '../evaluation/interval.ts';

/** A figure between its bounds. */
export type Bounds = Omit<Interval, 'level'>;

export interface GateEvidence {
  /** Labels (or decisions) it was trained and tested on. */
  readonly labels: number;
  /** Files they come from; those of one file are never split between training and test. */
  readonly groups: number;
  /** Rank correlation with held-out ratings, by cross-validation; null for kinds that predict no ratings. */
  readonly spearman: Bounds | null;
  /**
   * Candidate minus what serves (nothing: the untrained behaviour) on the same held-out files, paired, in a figure of which more is
   * better. Null: could not be measured.
   */
  readonly difference: Bounds | null;
}

export interface GateLimits {
  readonly minLabels: number;
  readonly minGroups: number;
  /** So much worse is no harm, in units of `difference`. */
  readonly tolerance: number;
  /** More labels than that nobody waits for: then the gain is too small to matter. */
  readonly mostMore: number;
}

/** DESIGN.md, section 6: a reward model needs 20 labels, a selector 50 offers. */
export const gateLimits: Readonly<Record<'rewardModel' | 'selector' | 'policy', GateLimits>> = {
  rewardModel: { minLabels: 20, minGroups: 3, tolerance: 0, mostMore: 2000 },
  selector: { minLabels: 50, minGroups: 3, tolerance: 0, mostMore: 2000 },
  policy: { minLabels: 60, minGroups: 3, tolerance: 0, mostMore: 2000 },
};

export type GateVerdict =
  | { readonly type: 'promote'; readonly reason: string }
  | { readonly type: 'reject'; readonly why: 'noSignal' | 'worse' | 'noGain' | 'notMeasured'; readonly reason: string }
  /** `more`: about so many further labels would decide it; null: labels from more files are needed. */
  | { readonly type: 'notEnough'; readonly more: number | null; readonly reason: string };

const shown = (value: number): string => value.toFixed(2).replace('-', '−');
const between = ({ low, high }: Bounds): string => `${shown(low)} to ${shown(high)}`;

/** Better on held-out files, with an interval that excludes harm: promote. All else says why not. */
export function gate(evidence: GateEvidence, limits: GateLimits): GateVerdict {
  const { labels, groups, spearman, difference } = evidence;
  if (labels < limits.minLabels) {
    const more = limits.minLabels - labels;
    return { type: 'notEnough', more, reason: `Not enough yet: ${more} more labels are needed.` };
  }
  if (groups < limits.minGroups) {
    const reason = `Not enough yet: the labels come from ${groups} of at least ${limits.minGroups} files.`;
    return { type: 'notEnough', more: null, reason };
  }
  // Not “low > 0 is false”: bounds that are no numbers are no signal either.
  if (spearman && !(spearman.low > 0)) {
    const reason = `No learnable signal: predictions agree with held-out ratings by ${between(spearman)} (0: not at all).`;
    return { type: 'reject', why: 'noSignal', reason };
  }
  if (!difference || ![difference.value, difference.low, difference.high].every(Number.isFinite)) {
    return { type: 'reject', why: 'notMeasured', reason: 'It could not be compared with what is in use.' };
  }
  const { value, low, high } = difference;
  if (value > 0 && low >= -limits.tolerance) {
    return { type: 'promote', reason: `Better on held-out files by ${shown(value)} (95 %: ${between(difference)}).` };
  }
  if (high <= 0) {
    return {
      type: 'reject',
      why: 'worse',
      reason: `Worse on held-out files by ${shown(-value)} (95 %: ${between(difference)}).`,
    };
  }
  const more = value > 0 ? moreNeeded(labels, difference, limits.tolerance) : Number.POSITIVE_INFINITY;
  if (more > limits.mostMore) {
    return { type: 'reject', why: 'noGain', reason: `No better than what is in use (95 %: ${between(difference)}).` };
  }
  return { type: 'notEnough', more, reason: `Not enough yet: about ${more} more labels would decide it.` };
}

/** Half-widths shrink with 1/√n: so many more until the lower bound is at −tolerance, if the difference stays what it is. */
function moreNeeded(labels: number, { value, low }: Bounds, tolerance: number): number {
  return Math.max(1, Math.ceil(labels * (((value - low) / (value + tolerance)) ** 2 - 1)));
}
