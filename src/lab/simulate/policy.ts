import { largest, only } from '../../engine/learn/selector/floor.ts';
import type { Outcome, Selector } from '../../engine/learn/selector/selector.ts';
import type { Features } from './features.ts';
import type { Decision } from './stream.ts';
import { attributes, bit } from './styles.ts';
import { habits } from './world.ts';

/** What decides what is shown, as the harness asks it: a selector of the product, or somebody to compare it with. */
export interface Policy {
  /** Probability of each candidate and, last, of silence. */
  probabilities(decision: Decision): readonly number[];
  learn(decision: Decision, outcome: Outcome): void | Promise<void>;
  close?(): Promise<void>;
}

/** A selector sees features only, never what the developer thinks. */
export function selectorPolicy(selector: Selector, featuresOf: Features): Policy {
  return {
    probabilities: ({ place, prospects }) =>
      selector.probabilities({ candidates: prospects.map(({ candidate }) => featuresOf(place, candidate)) }),
    learn: (_, outcome) => selector.learn(outcome),
    ...(selector.close ? { close: () => selector.close!() } : {}),
  };
}

/** The most usual style, attribute by attribute: what a model writes when nobody tells it otherwise. */
const usualStyle = attributes.reduce(
  (style, attribute) => (habits[attribute] > 0.5 ? style | bit(attribute) : style),
  0,
);
const bits = (value: number): number => (value === 0 ? 0 : (value & 1) + bits(value >>> 1));

/** No learning: the candidate nearest to the usual style, always. */
export const none = (): Policy => ({
  probabilities: ({ prospects }) =>
    only(
      largest(prospects.map(({ candidate }) => -bits((candidate.style ^ usualStyle) & ~bit('bug')))),
      prospects.length + 1,
    ),
  learn() {},
});

/** Any candidate, always shown. */
export const random = (): Policy => ({
  probabilities: ({ prospects }) => [...prospects.map(() => 1 / prospects.length), 0],
  learn() {},
});

/** Knows what the developer thinks and in which mood: the upper bound. */
export const oracle = (): Policy => ({
  probabilities: ({ prospects }) =>
    only(largest([...prospects.map(({ expected }) => expected), 0]), prospects.length + 1),
  learn() {},
});
