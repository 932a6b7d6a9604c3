/** Whether what a version decides brings what was expected of it: on real rewards, an alarm when it does not. */
import { type Cusum, cusum } from '../evaluation/cusum.ts';

/** What a decision of the version was expected to bring, and how much single ones differ. */
export interface Expectation {
  readonly mean: number;
  readonly deviation: number;
}

/** Of rewards from −¼ to ¾, of which so large a share is the higher one. */
const leastDeviation = 0.2;

/** `mean`: reward of a decision. Accepted or not is a coin's throw around it. */
export function expectationOf(mean: number): Expectation {
  const chance = Math.min(1, Math.max(0, mean + 0.25));
  return { mean, deviation: Math.max(leastDeviation, Math.sqrt(chance * (1 - chance))) };
}

/**
 * Deviations that add up to an alarm. With CUSUM's usual 5, of accepted or not (which is skewed), one version in six that is as good as
 * expected would be taken back within its first hundred decisions; with 8 few are, and a fall from six in ten to one in ten is noticed
 * some five decisions later.
 */
const threshold = 8;

/** So many decisions of the past make an expectation. */
export const leastOfPast = 20;

export interface Alarm {
  readonly expected: number;
  /** Mean reward of the last decisions, and of how many: those in which it fell. */
  readonly seen: number;
  readonly decisions: number;
}

export interface RewardWatch {
  /** Non-null once: rewards have fallen. */
  add(reward: number): Alarm | null;
}

export function rewardWatch(expected: Expectation): RewardWatch {
  const fallen: Cusum = cusum({ ...expected, threshold });
  /** Since the sum was last 0: those that add up to the alarm. */
  let run: number[] = [];
  let told = false;
  return {
    add(reward) {
      const alarm = fallen.add(reward);
      run = fallen.fallen > 0 ? [...run, reward] : [];
      if (!alarm || told) return null;
      told = true;
      const seen = run.reduce((sum, one) => sum + one, 0) / run.length;
      return { expected: expected.mean, seen, decisions: run.length };
    },
  };
}

const points = (reward: number): string => reward.toFixed(2).replace('-', '−');

/** For the version's history and for the developer. */
export const alarmReason = ({ expected, seen, decisions }: Alarm): string =>
  `The last ${decisions} decisions brought ${points(seen)} each on average, where ${points(expected)} was expected.`;
