/** Which candidate is offered first, or none, where that is drawn: so that later it can be told what another choice would have brought. */
import { drawFor } from '../learn/acceptance.ts';
import { largest, makeFloor } from '../learn/selector/floor.ts';

/** A choice that was drawn. */
export interface Drawn {
  /** Probability with which each candidate came first, silence last; they add up to 1. */
  readonly probabilities: readonly number[];
  /** Index into them. */
  readonly action: number;
}

/** Draws of the belief: a propensity is known to within 6 points at worst, and no floor below it is lost. */
export const drawsOfBelief = 64;

/**
 * Share of choices among unsure answers that is drawn evenly: none may be so rare that nothing can be learnt of it. The gate is
 * pushed out of silence by its own trials. It sees little of how a text is written: a fifth drawn evenly costs next to nothing, and
 * a selector can be judged by half as many decisions as with the usual share.
 */
export const evenShare = 0.2;
const floor = makeFloor(evenShare);

/**
 * Thompson sampling: of each draw of the belief the best candidate, or silence where none is likely enough; probabilities are the
 * shares of the draws, above the floor. `chances`: of each draw, how likely each candidate is taken; `valueOf` orders those likely
 * enough. `explicit`: something was asked for, so silence is no answer.
 */
export function thompson(
  chances: readonly Float64Array[],
  rule: { readonly threshold: number; readonly explicit: boolean; valueOf(candidate: number, chance: number): number },
): readonly number[] {
  const size = chances[0]?.length ?? 0;
  const policy = new Array<number>(size + 1).fill(0);
  for (const drawn of chances) {
    const values = drawn.map((chance, i) =>
      rule.explicit || chance >= rule.threshold ? rule.valueOf(i, chance) : Number.NEGATIVE_INFINITY,
    );
    const best = largest(values);
    policy[best >= 0 && values[best]! > Number.NEGATIVE_INFINITY ? best : size]! += 1 / chances.length;
  }
  const wished = rule.explicit ? policy.slice(0, -1) : policy;
  const shares = floor.apply({ policy: wished, shown: [] });
  return rule.explicit ? [...shares, 0] : shares;
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
