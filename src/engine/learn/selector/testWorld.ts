/** A small world for tests: candidates with random features, and a developer who accepts by a hidden linear taste. */
import { seeded, standardNormal } from '../../../tensor/random.ts';
import { dot } from '../cholesky.ts';
import { sigmoid } from '../logistic.ts';
import type { Selector } from './selector.ts';

export interface Played {
  /** Mean expected reward of a decision over the last third. */
  readonly late: number;
  /** The same of one who knows the taste, and of showing a random candidate. */
  readonly oracle: number;
  readonly random: number;
  /** Share of decisions of the last third at which something was shown. */
  readonly shown: number;
}

export interface World {
  readonly seed: number;
  readonly steps: number;
  readonly size?: number;
  readonly candidates?: number;
  /** Decision from which on the taste is its opposite. */
  readonly drift?: number;
  /** Added to the logit of being accepted. */
  readonly mood?: (step: number) => number;
}

export const expectedReward = (chance: number): number => chance - 0.25;

/** Plays `steps` decisions and tells what came of them. */
export async function play(selector: Selector, world: World): Promise<Played> {
  const { seed, steps, size = 12, candidates: count = 4, drift = Infinity, mood = () => 0 } = world;
  const random = seeded(seed);
  const taste = Float64Array.from({ length: size }, () => standardNormal(random) * 1.2);
  const totals = { late: 0, oracle: 0, random: 0, shown: 0, decisions: 0 };
  for (let step = 0; step < steps; step += 1) {
    const candidates = Array.from({ length: count }, () =>
      Float64Array.from({ length: size }, (_, i) => (i === 0 ? 1 : standardNormal(random) / Math.sqrt(size / 4))),
    );
    const sign = step >= drift ? -1 : 1;
    const chances = candidates.map((row) => sigmoid(sign * (dot(taste, row) - taste[0]!) - 0.5 + mood(step)));
    const probabilities = selector.probabilities({ candidates });
    const action = drawn(probabilities, random());
    const chance = chances[action];
    const reward = chance === undefined ? 0 : random() < chance ? 0.75 : -0.25;
    await selector.learn({ candidates, action, probabilities, reward });
    if (step < (2 * steps) / 3) continue;
    totals.decisions += 1;
    totals.late += chance === undefined ? 0 : expectedReward(chance);
    totals.oracle += Math.max(0, ...chances.map(expectedReward));
    totals.random += chances.reduce((sum, one) => sum + expectedReward(one), 0) / count;
    totals.shown += chance === undefined ? 0 : 1;
  }
  const { decisions, ...rest } = totals;
  return {
    late: rest.late / decisions,
    oracle: rest.oracle / decisions,
    random: rest.random / decisions,
    shown: rest.shown / decisions,
  };
}

/** The action at which the running sum passes `at`, from 0 to below 1. */
export function drawn(probabilities: readonly number[], at: number): number {
  let sum = 0;
  for (const [action, p] of probabilities.entries()) {
    sum += p;
    if (at < sum) return action;
  }
  return probabilities.length - 1;
}
