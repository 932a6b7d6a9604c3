/** Which candidate is offered first, or none, where that is drawn: so that later it can be told what another choice would have brought. */
import { drawFor } from '../learn/acceptance.ts';

/** A choice that was drawn. */
export interface Drawn {
  /** Probability with which each candidate came first, silence last; they add up to 1. */
  readonly probabilities: readonly number[];
  /** Index into them. */
  readonly action: number;
}

/** Without silence, where something was asked for. */
export function shownOnly(probabilities: readonly number[]): readonly number[] {
  const shown = 1 - probabilities.at(-1)!;
  const size = probabilities.length - 1;
  return [...probabilities.slice(0, -1).map((p) => (shown > 0 ? p / shown : 1 / size)), 0];
}

/** `draw`: 0 to below 1. */
export function actionAt(probabilities: readonly number[], draw: number): number {
  let left = draw;
  for (const [action, p] of probabilities.entries()) {
    left -= p;
    if (left < 0) return action;
  }
  // Rounding: the last one that can come at all.
  return probabilities.findLastIndex((p) => p > 0);
}

/** The same for the same candidates at the same place, in whatever order they come. */
export const drawAmong = (seed: number, place: string, texts: readonly string[]): number =>
  drawFor(seed, [place, ...texts.toSorted()].join('\n'));
