import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { seeded } from '../../../tensor/random.ts';
import { startRuntime } from '../../../tensor/runtime/runtime.ts';
import { fitBayesianLinear } from '../reward/bayesianLinear.ts';
import type { Row } from '../reward/rewardModel.ts';
import { type PpoMetrics, type PpoOptions, ppo } from './ppo.ts';
import { play } from './testWorld.ts';

const runtime = startRuntime({ log: { debug() {} } });
after(() => runtime.close());

const fitReward = (rows: readonly Row[]) =>
  fitBayesianLinear(rows, { blocks: [{ name: 'all', start: 0, end: 12 }], centre: 0 });
const make = (options: Partial<PpoOptions> = {}) =>
  ppo({ runtime, random: seeded(7), fitReward, slots: 4, hidden: 0, ...options });

describe('PPO on virtual feedback', { timeout: 120_000 }, () => {
  for (const hidden of [0, 64]) {
    it(`learns what the developer likes, ${hidden ? 'with a hidden layer' : 'linear'}`, async () => {
      const seen: PpoMetrics[] = [];
      const selector = make({ hidden, onRefit: (rounds) => seen.push(...rounds) });
      const { late, oracle, random } = await play(selector, { seed: 3, steps: 240 });
      await selector.close?.();
      const share = (late - random) / (oracle - random);
      assert.ok(share > 0.6, `${share} of the way from random ${random} to the oracle’s ${oracle}`);
      assert.equal(seen.length, 30 * 12);
      for (const { steps, approxKl, explainedVariance, kl } of seen) {
        assert.ok(steps >= 1 && steps <= 12, `${steps} steps`);
        assert.ok(approxKl <= 0.03, `a step was made ${approxKl} away`);
        assert.ok(explainedVariance <= 1);
        assert.ok(Math.abs(kl) < 1, 'the policy as it began is the reference here');
      }
      const mean = (of: readonly PpoMetrics[]) => of.reduce((sum, { reward }) => sum + reward, 0) / of.length;
      assert.ok(mean(seen.slice(-60)) > mean(seen.slice(0, 12)), 'what it is rewarded for rises');
    });
  }

  it('gives the same policy for the same seed, above the floor', async () => {
    const policies: Float32Array[] = [];
    for (let turn = 0; turn < 2; turn += 1) {
      const selector = make();
      await play(selector, { seed: 5, steps: 24 });
      policies.push(selector.policy!.parameters);
      const candidates = Array.from({ length: 3 }, (_, i) => new Float64Array(12).fill(i - 1));
      const probabilities = selector.probabilities({ candidates });
      assert.ok(Math.min(...probabilities) >= 0.05 / 4 - 1e-12);
      assert.ok(Math.abs(probabilities.reduce((a, b) => a + b, 0) - 1) < 1e-9);
      await selector.close?.();
    }
    assert.deepEqual(policies[0], policies[1]);
  });

  it('stays near the promoted policy when that is what counts', async () => {
    const free = make();
    await play(free, { seed: 5, steps: 40 });
    const reference = { shape: { features: 12, hidden: 0 }, parameters: new Float32Array(39) };
    const held = make({ reference, beta: 100 });
    await play(held, { seed: 5, steps: 40 });
    const candidates = Array.from({ length: 3 }, (_, i) => new Float64Array(12).fill(i - 1));
    const spread = (of: readonly number[]) => Math.max(...of) - Math.min(...of);
    assert.ok(spread(held.probabilities({ candidates })) < 0.5 * spread(free.probabilities({ candidates })));
    await free.close?.();
    await held.close?.();
  });
});

describe('PPO on real feedback alone', { timeout: 120_000 }, () => {
  it('learns too, from more decisions', async () => {
    const selector = make({ feedback: 'real' });
    const { late, random } = await play(selector, { seed: 3, steps: 960 });
    await selector.close?.();
    assert.ok(late > random + 0.05, `${late}, and ${random} at random`);
  });
});
