import type { Outcome } from '../../engine/learn/selector/selector.ts';
import type { Features } from './features.ts';
import type { Policy } from './policy.ts';
import { best, type Decision, reactionTo } from './stream.ts';

/** What came of one decision. Rewards and acceptance are expectations: what chance does on top is noise, and the same for all. */
export interface Played {
  readonly regret: number;
  readonly reward: number;
  readonly shown: boolean;
  /** That it is accepted; 0 where nothing is shown. */
  readonly acceptance: number;
}

/** A policy through all decisions of one developer. */
export async function play(policy: Policy, decisions: readonly Decision[], featuresOf: Features): Promise<Played[]> {
  const played: Played[] = [];
  try {
    for (const decision of decisions) {
      const { place, prospects, dice, chance } = decision;
      const probabilities = policy.probabilities(decision);
      const action = drawn(probabilities, dice);
      const prospect = prospects[action];
      const outcome: Outcome = {
        candidates: prospects.map(({ candidate }) => featuresOf(place, candidate)),
        action,
        probabilities,
        reward: prospect ? reactionTo(prospect, chance).reward : 0,
      };
      await policy.learn(decision, outcome);
      const reward = prospect?.expected ?? 0;
      played.push({
        regret: best(decision) - reward,
        reward,
        shown: prospect !== undefined,
        acceptance: prospect?.acceptance ?? 0,
      });
    }
  } finally {
    await policy.close?.();
  }
  return played;
}

/** The action at `dice`, from 0 to 1, of the cumulated probabilities. */
function drawn(probabilities: readonly number[], dice: number): number {
  let sum = 0;
  for (const [action, probability] of probabilities.entries()) {
    sum += probability;
    if (dice < sum) return action;
  }
  return probabilities.findLastIndex((probability) => probability > 0);
}
