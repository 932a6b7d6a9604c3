import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { seeded } from '../../../tensor/random.ts';
import { withSilenceWorth } from './ppo.ts';
import { advantagesOf, clippedTerm, klEstimates, whitened } from './ppoFormulas.ts';

const near = (actual: number, expected: number, tolerance = 1e-12) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual}, not ${expected}`);

describe('advantages', () => {
  it('are those worked out by hand', () => {
    const { advantages, returns } = advantagesOf([1, 0, 2], [0.5, 1, 1.5], { gamma: 0.9, lambda: 0.5 });
    // δ = 1 + 0.9 − 0.5, 0 + 1.35 − 1, 2 − 1.5
    const [last, middle] = [0.5, 0.35 + 0.45 * 0.5];
    near(advantages[2]!, last);
    near(advantages[1]!, middle);
    near(advantages[0]!, 1.4 + 0.45 * middle);
    near(returns[0]!, advantages[0]! + 0.5);
  });

  it('A5-04: with γ = 0.99 and λ = 0.95 are those worked out by hand', () => {
    // δ₂ = 1 − 0.6; δ₁ = 0 + 0.99 · 0.6 − 0.4; δ₀ = 0 + 0.99 · 0.4 − 0.5; each carries 0.9405 of the one behind it.
    const { advantages, returns } = advantagesOf([0, 0, 1], [0.5, 0.4, 0.6], { gamma: 0.99, lambda: 0.95 });
    near(advantages[2]!, 0.4);
    near(advantages[1]!, 0.194 + 0.9405 * 0.4);
    near(advantages[1]!, 0.5702);
    near(advantages[0]!, -0.104 + 0.9405 * 0.5702);
    near(advantages[0]!, 0.4322731);
    near(returns[0]!, 0.9322731);
    near(returns[2]!, 1);
  });

  it('of one step are those of a bandit, whatever γ and λ', () => {
    for (const options of [
      { gamma: 1, lambda: 0.95 },
      { gamma: 0.5, lambda: 0 },
    ]) {
      const { advantages, returns } = advantagesOf([0.75], [0.2], options);
      near(advantages[0]!, 0.55);
      near(returns[0]!, 0.75);
    }
  });

  it('with λ = 1 are what is yet to come, less what was expected', () => {
    const { returns } = advantagesOf([1, 2, 3], [9, -4, 7], { gamma: 1, lambda: 1 });
    [6, 5, 3].forEach((sum, i) => {
      near(returns[i]!, sum);
    });
  });
});

describe('whitening', () => {
  it('A5-04: uses the variance of the batch itself, and can leave the mean', () => {
    const [low, , high] = whitened([1, 2, 3]);
    near(high!, 1 / Math.sqrt(2 / 3 + 1e-8));
    near(low!, -high!);
    near(whitened([1, 2, 3], { shiftMean: false })[1]!, 2);
  });
});

describe('the clipped surrogate', () => {
  const ln = Math.log;

  it('A5-04: stops rewarding beyond the range, and goes on punishing what came from there', () => {
    near(clippedTerm(ln(1.5), 0, 2).loss, -2.4);
    near(clippedTerm(ln(0.5), 0, 2).loss, -1);
    near(clippedTerm(ln(0.5), 0, -2).loss, 1.6);
    near(clippedTerm(ln(1.5), 0, -2).loss, 3);
    assert.equal(clippedTerm(ln(1.5), 0, 1).clipped, true);
    assert.equal(clippedTerm(ln(1.1), 0, 1).clipped, false);
  });

  it('A5-04: of a bad action is at most c times its advantage', () => {
    near(clippedTerm(ln(10), 0, -2).loss, 6);
    near(clippedTerm(ln(10), 0, -2, { dualClip: Number.POSITIVE_INFINITY }).loss, 20);
  });

  it('survives ratios beyond all numbers', () => {
    near(clippedTerm(0, -5_000, 1).ratio, Math.exp(20), 1e-3);
  });

  it('is PyTorch’s', async () => {
    const file = new URL('../../../../test/fixtures/tensor/formulas.json', import.meta.url);
    const { cases } = JSON.parse(await readFile(file, 'utf8')) as {
      cases: {
        name: string;
        attributes: { clip_range: number };
        inputs: Record<string, { data: number[] }>;
        output: { data: number[] };
      }[];
    };
    const { inputs, output, attributes } = cases.find(({ name }) => name === 'ppoPolicyLoss')!;
    const column = (name: string) => inputs[name]!.data;
    const mask = column('mask');
    const terms = column('log_probs').map((logProbability, i) => {
      const options = { clip: attributes.clip_range, dualClip: Number.POSITIVE_INFINITY };
      return (
        mask[i]! * clippedTerm(logProbability, column('old_log_probs')[i]!, column('advantages')[i]!, options).loss
      );
    });
    const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
    near(sum(terms) / sum(mask), output.data[0]!, 1e-9);
  });
});

describe('estimates of a divergence', () => {
  it('k1 and k3 are right on average, k2 nearly; k2 and k3 are never negative', () => {
    const [p, q] = [
      [0.5, 0.3, 0.2],
      [0.4, 0.35, 0.25],
    ] as const;
    const all = p.map((chance, i) => ({ chance, ...klEstimates(Math.log(chance), Math.log(q[i]!)) }));
    const truth = p.reduce((sum, chance, i) => sum + chance * Math.log(chance / q[i]!), 0);
    const average = (name: 'k1' | 'k2' | 'k3') => all.reduce((sum, one) => sum + one.chance * one[name], 0);
    near(average('k1'), truth);
    near(average('k3'), truth);
    near(average('k2'), truth, truth / 10);
    const random = seeded(1);
    for (let i = 0; i < 100; i += 1) {
      const { k2, k3 } = klEstimates(-5 * random(), -5 * random());
      assert.ok(k2 >= 0 && k3 >= 0);
    }
  });
});

describe('what silence is worth', () => {
  const near = (given: readonly number[], wanted: readonly number[]): void => {
    for (const [i, p] of given.entries()) assert.ok(Math.abs(p - wanted[i]!) < 1e-12, `${given} for ${wanted}`);
  };

  it('moves the odds of silence by those of the chance at which showing pays', () => {
    // Subtle: showing pays from ½ on, odds 1 against ⅓: three times as silent. 0.4 is odds of 2 to 3, then 2 to 1.
    near(withSilenceWorth([0.45, 0.15, 0.4], 0.25), [0.25, 1 / 12, 2 / 3]);
    near(withSilenceWorth([0.45, 0.15, 0.4], 0), [0.45, 0.15, 0.4]);
  });

  it('is never chosen where it is no answer, and always where nothing could pay', () => {
    near(withSilenceWorth([0.3, 0.1, 0.6], Number.NEGATIVE_INFINITY), [0.75, 0.25, 0]);
    near(withSilenceWorth([0, 0, 1], Number.NEGATIVE_INFINITY), [0.5, 0.5, 0]);
    near(withSilenceWorth([0.3, 0.1, 0.6], 1), [0, 0, 1]);
    near(withSilenceWorth([0.6, 0.4, 0], 0.25), [0.6, 0.4, 0]);
  });
});
