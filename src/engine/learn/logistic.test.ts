import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fitLogistic, logit, type Prior, predict, type Sample, sigmoid } from './logistic.ts';

const loose = (size: number): Prior => ({ mean: Array(size).fill(0), precision: Array(size).fill(0.01) });

/** mulberry32 */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function drawn(weights: readonly number[], count: number, seed: number): Sample[] {
  const random = seeded(seed);
  return Array.from({ length: count }, () => {
    const features = weights.map((_, index) => (index === 0 ? 1 : 4 * random() - 2));
    const score = features.reduce((sum, value, index) => sum + value * weights[index]!, 0);
    return { features, label: random() < sigmoid(score) ? 1 : 0, weight: 1 };
  });
}

test('the weights that made the labels are found again', () => {
  const truth = [-0.5, 1, -2, 0];
  const { mean } = fitLogistic(loose(4), drawn(truth, 4000, 1));
  for (const [index, weight] of truth.entries()) assert.ok(Math.abs(mean[index]! - weight) < 0.2, `${mean}`);
});

test('without samples the prior stands, and far from them it holds', () => {
  const prior: Prior = { mean: [0.3, -1], precision: [2, 1e9] };
  assert.deepEqual([...fitLogistic(prior, []).mean], [0.3, -1]);
  const { mean } = fitLogistic(prior, drawn([2, 2], 500, 2));
  assert.ok(Math.abs(mean[1]! + 1) < 0.01 && mean[0]! > 0.3);
});

test('the result is the top of the posterior: no small step from it is better', () => {
  const precision = fc.array(fc.double({ min: 0.1, max: 10, noNaN: true }), { minLength: 3, maxLength: 3 });
  const samples = fc.array(
    fc.record({
      features: fc.array(fc.double({ min: -8, max: 8, noNaN: true }), { minLength: 3, maxLength: 3 }),
      label: fc.constantFrom<0 | 1>(0, 1),
      weight: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(precision, samples, (precisions, rows) => {
      const prior = { mean: [0, 1, -1], precision: precisions };
      const at = [...fitLogistic(prior, rows, [5, -5, 5]).mean];
      const top = logPosterior(prior, rows, at);
      for (const [index] of at.entries()) {
        for (const step of [-0.01, 0.01]) {
          const moved = at.with(index, at[index]! + step);
          assert.ok(logPosterior(prior, rows, moved) <= top + 1e-9);
        }
      }
    }),
    { numRuns: 100 },
  );
});

function logPosterior({ mean, precision }: Prior, samples: readonly Sample[], at: readonly number[]): number {
  let value = 0;
  for (const [index, weight] of at.entries()) value -= 0.5 * precision[index]! * (weight - mean[index]!) ** 2;
  for (const { features, label, weight } of samples) {
    const score = at.reduce((sum, one, index) => sum + one * features[index]!, 0);
    value += weight * Math.log(Math.max(1e-300, label === 1 ? sigmoid(score) : sigmoid(-score)));
  }
  return value;
}

test('what was seldom seen is less sure than what was seen often', () => {
  const samples = drawn([0, 1], 50, 3);
  const few = fitLogistic(loose(2), samples.slice(0, 5));
  const many = fitLogistic(loose(2), samples);
  const widening = (of: typeof few) => logit(predict(of, [1, 2], 1), 1e-9) - logit(predict(of, [1, 2]), 1e-9);
  assert.ok(widening(few) > 2 * widening(many) && widening(many) > 0);
});
