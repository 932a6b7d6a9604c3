import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seeded } from '../../../tensor/random.ts';
import { intervalCoverage } from '../evaluation/coverage.ts';
import { spearman } from '../evaluation/spearman.ts';
import { fitBayesianLinear } from './bayesianLinear.ts';
import type { Row } from './rewardModel.ts';
import { world } from './testWorlds.ts';

const close = (a: number, b: number, within = 1e-9): void => assert.ok(Math.abs(a - b) < within, `${a} and ${b}`);
const row = (features: readonly number[], target: number, change: Partial<Row> = {}): Row => ({
  features: Float64Array.from(features),
  target,
  weight: 1,
  source: 'rating',
  group: 'a.ts',
  episodeId: 'e',
  at: 0,
  ...change,
});
const two = [
  { name: 'bias', start: 0, end: 1 },
  { name: 'slope', start: 1, end: 2 },
];
const fixed = { blocks: two, rounds: 0, centre: 0, start: { blocks: [2, 1], noise: 4 } };

test('the posterior by hand', () => {
  // S⁻¹ = diag(2, 1) + 4 (φ₁φ₁ᵀ + ½ φ₂φ₂ᵀ) with φ₁ = (1, 1), φ₂ = (1, −1): [[8, 2], [2, 7]]. Information: 4 (1 · φ₁ + ½ · 0.5 φ₂) = (5, 3).
  const model = fitBayesianLinear([row([1, 1], 1), row([1, -1], 0.5, { weight: 0.5 })], fixed);
  // ([7, −2], [−2, 8]) / 52
  close(model.weights[0]!, (7 * 5 - 2 * 3) / 52);
  close(model.weights[1]!, (-2 * 5 + 8 * 3) / 52);
  const { mean, deviation } = model.estimate(Float64Array.of(1, 2));
  close(mean, (29 + 2 * 14) / 52);
  close(deviation ** 2, (7 - 8 + 32) / 52);
  close(model.noise, 0.5);
});

test('without any row it is the prior, and says how unsure it is', () => {
  const { mean, deviation } = fitBayesianLinear([], { blocks: two }).estimate(Float64Array.of(1, 0));
  close(mean, 0.5);
  close(deviation, 1);
});

test('one more row gives what a fit of all rows gives', () => {
  const { rows, blocks } = world({ seed: 1, count: 40 });
  const start = fitBayesianLinear(rows.slice(0, 39), { blocks });
  const options = { blocks, rounds: 0, start: start.precisions };
  const whole = fitBayesianLinear(rows, options);
  const grown = start.with(rows[39]!);
  const probe = rows[3]!.features;
  close(grown.estimate(probe).mean, whole.estimate(probe).mean);
  close(grown.estimate(probe).deviation, whole.estimate(probe).deviation);
});

test('known weights are found, and the noise, and which block matters', () => {
  const { rows, blocks, truth } = world({ seed: 2, count: 600, noise: 0.1 });
  const model = fitBayesianLinear(rows, { blocks });
  close(model.noise, 0.1, 0.01);
  const errors = rows.map(({ features }, i) => model.estimate(features).mean - truth[i]!);
  assert.ok(Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / errors.length) < 0.035);
  // A block of nothing but noise is switched off.
  const random = seeded(9);
  const more = rows.map((one) => ({ ...one, features: Float64Array.of(...one.features, random(), random() - 0.5) }));
  const wider = fitBayesianLinear(more, { blocks: [...blocks, { name: 'nothing', start: 33, end: 35 }] });
  assert.ok(wider.precisions.blocks.at(-1)! > 4 * wider.precisions.blocks[2]!, `${wider.precisions.blocks}`);
});

test('90 % intervals cover 90 % of the ratings of other edits, with few labels and with many', () => {
  for (const count of [20, 50, 200]) {
    let inside = 0;
    const seeds = 12;
    for (let seed = 0; seed < seeds; seed += 1) {
      const { rows, blocks } = world({ seed: 100 + seed, count: count + 400 });
      const model = fitBayesianLinear(rows.slice(0, count), { blocks });
      const test = rows.slice(count);
      const predictions = test.map(({ features }) => {
        const { mean, deviation } = model.estimate(features);
        return { mean, deviation: Math.hypot(deviation, model.noise) };
      });
      inside +=
        intervalCoverage(
          predictions,
          test.map(({ target }) => target),
        ).value / seeds;
    }
    assert.ok(inside > 0.85 && inside < 0.945, `${count} labels: ${inside}`);
  }
});

test('pairs teach the order without any scale', () => {
  const { rows, blocks, truth } = world({ seed: 5, count: 500, noise: 0.05 });
  const pairs = Array.from({ length: 150 }, (_, i): Row => {
    const [a, b] = [rows[2 * i]!, rows[2 * i + 1]!];
    const [better, worse] = a.target > b.target ? [a, b] : [b, a];
    return { ...a, features: better.features.map((f, k) => f - worse.features[k]!), target: 0.35, source: 'pair' };
  });
  const model = fitBayesianLinear(pairs, { blocks });
  const test = rows.slice(300);
  const rho = spearman(
    test.map(({ features }) => model.estimate(features).mean),
    truth.slice(300),
  );
  assert.ok(rho.defined && rho.value > 0.85, `${JSON.stringify(rho)}`);
});

test('with forgetting, the newer taste wins', () => {
  const before = world({ seed: 6, count: 200 });
  const turned = before.rows.map((one) => ({ ...one, target: 1 - one.target }));
  const rows = [...before.rows, ...turned];
  const rhoOf = (forgetting: number) => {
    const model = fitBayesianLinear(rows, { blocks: before.blocks, forgetting });
    const rho = spearman(
      turned.map(({ features }) => model.estimate(features).mean),
      turned.map(({ target }) => target),
    );
    return rho.defined ? rho.value : 0;
  };
  const [forgetful, not] = [rhoOf(0.98), rhoOf(1)];
  assert.ok(forgetful > 0.8 && not < 0.5, `${forgetful} ${not}`);
});

test('draws from the posterior vary as it says', () => {
  const { rows, blocks } = world({ seed: 7, count: 60 });
  const model = fitBayesianLinear(rows, { blocks });
  const probe = rows[1]!.features;
  const random = seeded(3);
  const draws = Array.from({ length: 2000 }, () => model.sample(random)(probe));
  const mean = draws.reduce((sum, value) => sum + value, 0) / draws.length;
  const spread = Math.sqrt(draws.reduce((sum, value) => sum + (value - mean) ** 2, 0) / draws.length);
  const { mean: expected, deviation } = model.estimate(probe);
  close(mean, expected, 4 * (deviation / Math.sqrt(2000)));
  assert.ok(Math.abs(spread / deviation - 1) < 0.06);
});
