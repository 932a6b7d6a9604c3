/** How often the intervals of off-policy evaluation hold the true value, where that is known. */
import { seeded } from '../../../tensor/random.ts';
import { type Interval, shareInterval } from './interval.ts';
import { makeBandit } from './knownBandit.ts';
import { offPolicyValue, valueDifference } from './offPolicy.ts';

export interface CoverageOptions {
  /** In a log. */
  readonly decisions: number;
  /** A bandit for each seed. */
  readonly seeds: readonly number[];
  /** Of each bandit. */
  readonly logs: number;
}

/** Shares of the intervals of 95 %, with their own. */
export interface OffPolicyCoverage {
  /** Of the value of a policy. */
  readonly value: Interval;
  /** Of how much more that is than what decided. */
  readonly difference: Interval;
}

export function offPolicyCoverage({ decisions, seeds, logs }: CoverageOptions): OffPolicyCoverage {
  let [values, differences] = [0, 0];
  for (const seed of seeds) {
    const { log, value, behaviourValue } = makeBandit(seed);
    const random = seeded(100 + seed);
    for (let i = 0; i < logs; i += 1) {
      const logged = log(decisions, random);
      const own = offPolicyValue(logged);
      const { low, high } = own.estimates.sndr;
      if (low <= value && value <= high) values += 1;
      const before = offPolicyValue(logged.map((one) => ({ ...one, policy: one.behaviour })));
      const difference = valueDifference(own, before);
      const truth = value - behaviourValue;
      if (difference.low <= truth && truth <= difference.high) differences += 1;
    }
  }
  const all = logs * seeds.length;
  return { value: shareInterval(values, all), difference: shareInterval(differences, all) };
}
