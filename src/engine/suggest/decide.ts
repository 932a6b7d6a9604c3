/** From cleaned candidates to an offer or silence. */
import type { InlineMode } from '../../protocol/config.ts';
import type { Drawn } from './choose.ts';
import { inkOf } from './place.ts';

/** A candidate that may be offered, or why it may not. */
export interface Considered {
  readonly text: string;
  readonly model: string;
  /** The part of the document after the cursor that it takes the place of. */
  readonly replaces: string;
  readonly probability?: number;
  readonly droppedBy?: string;
}

/** How a candidate was seen. */
export interface Judged {
  /** How likely the candidate, shown, is taken. */
  readonly chance: number;
  /** What that was computed from. */
  readonly features: readonly number[];
}

/** `judged` is null for what a filter dropped: nobody asks how likely that is. */
export interface Decided extends Considered {
  readonly judged: Judged | null;
  /** Probability with which this one was to be offered first. */
  readonly propensity: number;
}

/** Decided candidates: `offer` best first, then the rest. */
export interface Decision {
  readonly offer: readonly Decided[];
  readonly silent: readonly Decided[];
  readonly best: number;
  /** With what probability this offer, or this silence, was chosen. */
  readonly propensity: number;
  /** True: the first one was drawn; false: the threshold chose it. */
  readonly drawn: boolean;
}

/**
 * Least chance of being taken at which an offer is shown.
 * Normal: with +0.75 for an accepted and −0.25 for a shown and not accepted offer (Cursor's published rewards), showing
 * begins to pay at one in four. Eager: where Copilot's contextual filter drew the line. Subtle: rather taken than not.
 */
export const thresholds = { eager: 0.15, normal: 0.25, subtle: 0.5, explicit: 0.02 } as const;

/**
 * The reward of silence to a trained selector, which knows no thresholds: showing at a chance t of being taken brings t − ¼ on
 * average (+¾ t − ¼ (1 − t)), so with this reward of silence showing pays from the mode's threshold on: −0.1 eager, 0 normal, ¼
 * subtle. What is asked for by hand is never answered by silence.
 */
export const silenceWorth = (threshold: number): number =>
  threshold === thresholds.explicit ? Number.NEGATIVE_INFINITY : threshold - thresholds.normal;

/** The threshold of a request; null: nothing may be offered unasked. */
export function thresholdFor(trigger: 'automatic' | 'explicit', mode: InlineMode): number | null {
  if (trigger === 'explicit') return thresholds.explicit;
  return mode === 'manual' ? null : thresholds[mode];
}

/**
 * A rule that never shows what it doubts never hears that it was wrong. So of what is not quite likely enough a small share is
 * shown all the same.
 */
const trial = { least: 0.1, share: 0.05 } as const;

export interface Rule {
  readonly threshold: number;
  /** Most candidates to offer. */
  readonly most: number;
  /** `rival`: probability of the likeliest other candidate, 0 without any. */
  readonly judge: (candidate: Considered, rival: number) => Judged;
  /** 0 to below 1, the same for the same candidate in the same line; 1: nothing is tried. */
  readonly draw: (candidate: Considered) => number;
  /** Draws what comes first of those that may be offered, none included; null, or absent: the threshold decides. */
  readonly choose?: (free: readonly Scored[], all: readonly Considered[]) => Choice | null;
}

/** `leastScore`: of what stands behind the first, to be stepped through. */
export interface Choice extends Drawn {
  readonly leastScore: number;
}

/** A candidate with how likely it is taken: 0 to 1. */
export interface Scored {
  readonly candidate: Considered;
  readonly judged: Judged | null;
  readonly score: number;
}

/** For models that don't tell how sure they are. */
export const unknownProbability = 0.5;

/** Taking an offer is a key too: one visible character is typed as fast. */
const leastInk = 2;

/** Dropped because of what it is; what was turned down here before could be offered otherwise. */
export const isFiltered = ({ droppedBy }: Pick<Considered, 'droppedBy'>): boolean =>
  droppedBy !== undefined && droppedBy !== 'refused';

/** Two independent reasons to believe a text: the chance that both are wrong shrinks. */
export const noisyOr = (a: number, b: number): number => 1 - (1 - a) * (1 - b);

/**
 * Equal texts become one, and strengthen each other when one comes from the memory. Order: those first that are expected to save most
 * keystrokes.
 */
export function decide(candidates: readonly Considered[], rule: Rule): Decision {
  const { most } = rule;
  const different = merged(candidates);
  const rivalOf = (one: Considered) =>
    Math.max(0, ...different.map((other) => (other === one ? 0 : (other.probability ?? 0))));
  const sorted = different
    .map((candidate): Scored => {
      const judged = isFiltered(candidate) ? null : rule.judge(candidate, rivalOf(candidate));
      return { candidate, judged, score: judged?.chance ?? candidate.probability ?? unknownProbability };
    })
    .sort((a, b) => saving(b) - saving(a));
  const free = sorted.filter(({ candidate }) => candidate.droppedBy === undefined && inkOf(candidate.text) >= leastInk);
  const choice = free.length === 0 ? null : (rule.choose?.(free, different) ?? null);
  const { shown, propensity, shareOf } = choice ? byDraw(free, choice, most) : byThreshold(free, rule);
  const decided = (one: Scored): Decided => ({ ...one.candidate, judged: one.judged, propensity: shareOf(one) });
  return {
    offer: shown.map(decided),
    silent: sorted.filter((one) => !shown.includes(one)).map(decided),
    best: Math.max(0, ...free.map(({ score }) => score)),
    propensity,
    drawn: choice !== null,
  };
}

interface Chosen {
  readonly shown: readonly Scored[];
  readonly propensity: number;
  readonly shareOf: (one: Scored) => number;
}

function byThreshold(free: readonly Scored[], { threshold, most, draw: drawOf }: Rule): Chosen {
  let shown = free.filter(({ score }) => score >= threshold).slice(0, most);
  let propensity = 1;
  let first = shown[0];
  const doubtful = free.find(({ score }) => score >= trial.least);
  if (first === undefined && doubtful !== undefined) {
    const draw = drawOf(doubtful.candidate);
    if (draw < trial.share) shown = [doubtful];
    if (draw < 1) {
      propensity = draw < trial.share ? trial.share : 1 - trial.share;
      first = doubtful;
    }
  }
  const share = shown.length === 0 || propensity < 1 ? trial.share : 1;
  return { shown, propensity, shareOf: (one) => (one === first ? share : 0) };
}

/** Behind the one that was drawn come the likelier ones, those likely enough. */
function byDraw(free: readonly Scored[], { probabilities, action, leastScore }: Choice, most: number): Chosen {
  const shareOf = (one: Scored): number => probabilities[free.indexOf(one)] ?? 0;
  const first = free[action];
  const others = free
    .filter((one) => one !== first && one.score >= leastScore)
    .sort((a, b) => shareOf(b) - shareOf(a))
    .slice(0, most - 1);
  return { shown: first === undefined ? [] : [first, ...others], propensity: probabilities[action]!, shareOf };
}

function merged(candidates: readonly Considered[]): Considered[] {
  const byText = new Map<string, Considered>();
  for (const candidate of candidates) {
    const key = `${candidate.droppedBy ?? ''}\n${candidate.replaces}\n${candidate.text}`;
    const twin = byText.get(key);
    if (twin === undefined) byText.set(key, candidate);
    else {
      const [a, b] = [twin.probability ?? unknownProbability, candidate.probability ?? unknownProbability];
      const both = candidate.droppedBy === undefined && twin.model !== candidate.model;
      const known = twin.probability !== undefined || candidate.probability !== undefined;
      if (both || known) byText.set(key, { ...twin, probability: both ? noisyOr(a, b) : Math.max(a, b) });
    }
  }
  return [...byText.values()];
}

/** Keystrokes an offer is expected to save: a wrong one costs about as much as reading six characters. */
export function saving({ score, candidate }: Pick<Scored, 'score' | 'candidate'>): number {
  return score * inkOf(candidate.text) - (1 - score) * 6;
}
