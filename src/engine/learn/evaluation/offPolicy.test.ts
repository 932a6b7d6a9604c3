import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { seeded } from '../../../tensor/random.ts';
import { makeBandit } from './knownBandit.ts';
import { type LoggedDecision, offPolicyValue } from './offPolicy.ts';
import { offPolicyCoverage } from './offPolicyCoverage.ts';

const near = (actual: number, expected: number, tolerance = 1e-12) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual}, not ${expected}`);

describe('estimators', () => {
  const candidates = [Float64Array.of(0), Float64Array.of(1)];
  const logged: readonly LoggedDecision[] = [
    { candidates, action: 0, reward: 0.75, behaviour: [0.5, 0.25, 0.25], policy: [0.25, 0.5, 0.25], group: 'a' },
    { candidates, action: 1, reward: -0.25, behaviour: [0.5, 0.25, 0.25], policy: [0.25, 0.5, 0.25], group: 'b' },
    { candidates, action: 2, reward: 0, behaviour: [0.5, 0.25, 0.25], policy: [0.25, 0.5, 0.25], group: 'c' },
  ];
  // w = ½, 2, 1; w·r = 0.375, −0.5, 0. A model that says 0.4 of the first candidate and 0.1 of the other.
  const fitReward = () => (row: Float64Array) => (row[0] === 0 ? 0.4 : 0.1);
  const { estimates, effectiveSize, largestWeight } = offPolicyValue(logged, { fitReward, folds: 3 });

  it('are those worked out by hand', () => {
    near(estimates.ips.value, -0.125 / 3);
    near(estimates.snips.value, -0.125 / 3.5);
    near(estimates.dm.value, 0.25 * 0.4 + 0.5 * 0.1);
    // w·(r − q̂) = ½·0.35, 2·(−0.35), 0
    near(estimates.dr.value, 0.15 + (0.175 - 0.7) / 3);
    near(estimates.sndr.value, 0.15 + (0.175 - 0.7) / 3.5);
    near(effectiveSize, 3.5 ** 2 / 5.25);
    near(largestWeight, 2);
  });

  it('know how unsure they are', () => {
    const terms = [0.375, -0.5, 0];
    const variance = terms.reduce((sum, term) => sum + (term + 0.125 / 3) ** 2, 0) / 2;
    near(estimates.ips.deviation, Math.sqrt(variance / 3));
    assert.ok(estimates.ips.low < estimates.ips.value && estimates.ips.value < estimates.ips.high);
  });

  it('refuse propensities of 0, and no decisions', () => {
    assert.throws(() => offPolicyValue([{ ...logged[0]!, behaviour: [0, 0.5, 0.5] }]), /probability 0/);
    assert.throws(() => offPolicyValue([]), /no decisions/);
  });

  it('of the policy that decided are the mean reward', () => {
    const { log } = makeBandit(2);
    const own = log(200, seeded(3)).map((one) => ({ ...one, policy: one.behaviour }));
    const { estimates: of, effectiveSize: size } = offPolicyValue(own);
    const reward = own.reduce((sum, one) => sum + one.reward, 0) / own.length;
    near(of.ips.value, reward);
    near(of.snips.value, reward);
    near(size, 200, 1e-9);
  });
});

describe('over many logs of a bandit with known value', () => {
  const bandit = makeBandit(11);

  it('inverse propensities and doubly robust ones are right on average', () => {
    for (const [estimator, replications] of [
      ['ips', 2_000],
      ['dr', 500],
    ] as const) {
      const random = seeded(5);
      const values = Array.from(
        { length: replications },
        () => offPolicyValue(bandit.log(60, random)).estimates[estimator].value,
      );
      const average = values.reduce((a, b) => a + b, 0) / values.length;
      const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - average) ** 2, 0) / values.length);
      const error = (average - bandit.value) / (spread / Math.sqrt(replications));
      assert.ok(Math.abs(error) < 3, `${estimator}: off by ${error} standard errors`);
    }
  });

  // Logs of six bandits: with 200 in all, chance alone moves the share by 1.6 %.
  for (const [decisions, logs] of [
    [40, 150],
    [120, 150],
    [300, 130],
  ] as const) {
    it(`the headline’s intervals of ${decisions} decisions hold the true value at least 93 % of the time, also of the gain`, () => {
      const { value, difference } = offPolicyCoverage({ decisions, seeds: [11, 12, 13, 14, 15, 16], logs });
      assert.ok(value.value >= 0.93, `value: ${value.value}`);
      assert.ok(difference.value >= 0.93, `gain: ${difference.value}`);
      // Wide enough is easy: as wide as it takes.
      assert.ok(value.value <= 0.98, `value: ${value.value}`);
    });
  }
});
