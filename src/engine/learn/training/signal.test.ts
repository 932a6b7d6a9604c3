import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seeded, standardNormal } from '../../../tensor/random.ts';
import { foldsOf } from '../evaluation/folds.ts';
import { fitBayesianLinear } from '../reward/bayesianLinear.ts';
import { heldOut } from '../reward/crossValidation.ts';
import type { Row } from '../reward/rewardModel.ts';
import { world, worldBlocks } from '../reward/testWorlds.ts';
import { improvement, levelled } from './improvement.ts';
import { signalOf } from './signal.ts';

function judged(rows: readonly Row[], strata: readonly string[]) {
  const folds = foldsOf(
    rows.map(({ group }) => group),
    5,
    seeded(1),
  );
  const models = folds.map(({ training }) =>
    fitBayesianLinear(
      training.map((i) => rows[i]!),
      { blocks: worldBlocks },
    ),
  );
  const predictions = heldOut(rows, folds, models);
  const random = seeded(2);
  const atLevel = (all: readonly number[]) => levelled(rows, all, folds, strata);
  return {
    signal: signalOf(rows, predictions, strata, random),
    gain: improvement(rows, atLevel(predictions.map(({ mean }) => mean)), atLevel(rows.map(() => 0.5)), { random })!,
  };
}

test('a taste is a signal, and what it explains is a gain', () => {
  const { rows } = world({ seed: 3, count: 150 });
  const { signal, gain } = judged(
    rows,
    rows.map(() => 'rating'),
  );
  assert.ok(signal.low > 0.3, `${signal.low}`);
  assert.ok(gain.low > 0.3 && gain.value > gain.low && gain.value < 1, `${gain.low} to ${gain.high}`);
});

test('that labels of one kind are higher than those of another is neither', () => {
  // Feature 1 tells the kind, and nothing tells more.
  const random = seeded(8);
  let [pooled, within] = [0, 0];
  for (let turn = 0; turn < 10; turn += 1) {
    const rows = world({ seed: 100 + turn, count: 150, weights: 0 }).rows.map((row, i): Row => {
      const features = row.features.map((value, at) => (at === 1 ? (i % 2 === 0 ? 1 : -1) : value));
      return { ...row, features, target: 0.5 + (i % 2 === 0 ? 0.2 : -0.2) + 0.1 * standardNormal(random) };
    });
    const kinds = rows.map((_, i) => (i % 2 === 0 ? 'rating' : 'event'));
    if (
      judged(
        rows,
        rows.map(() => ''),
      ).signal.low > 0
    )
      pooled += 1;
    const { signal, gain } = judged(rows, kinds);
    if (signal.low > 0 && gain.low > 0) within += 1;
  }
  assert.equal(pooled, 10);
  assert.equal(within, 0);
});

test('a taste is a gain among labels of kinds that lie far apart too, of which the model knows nothing', () => {
  const rows = world({ seed: 3, count: 200 }).rows.map((row, i) => ({
    ...row,
    target: row.target + (i % 2 === 0 ? 0.4 : -0.4),
  }));
  const { signal, gain } = judged(
    rows,
    rows.map((_, i) => (i % 2 === 0 ? 'rating' : 'event')),
  );
  assert.ok(signal.low > 0.2, `${signal.low}`);
  assert.ok(gain.low > 0, `${gain.low} to ${gain.high}`);
});

test('predictions are moved to the level of their stratum in the other files; where there is none of it, to that of all', () => {
  const rows = world({ seed: 3, count: 5 }).rows.map((row, i) => ({ ...row, target: [0.2, 0.4, 0.9, 0.1, 0.6][i]! }));
  const folds = [{ training: [0, 1, 2], test: [3, 4] }];
  const strata = ['a', 'a', 'b', 'a', 'c'];
  const rounded = (all: readonly number[]): number[] => all.map((one) => Math.round(1000 * one) / 1000);
  assert.deepEqual(rounded(levelled(rows, [0.5, 0.5, 0.5, 0.5, 0.5], folds, strata)), [0.5, 0.5, 0.5, 0.3, 0.5]);
  assert.deepEqual(rounded(levelled(rows, [0, 0.2, 0.8, 0.5, 0.5], folds, strata)), [0, 0.2, 0.8, 0.7, 0.667]);
});

test('where nothing varies, nothing is a signal', () => {
  const { rows } = world({ seed: 3, count: 40 });
  const same = rows.map((row) => ({ ...row, target: 0.5 }));
  const { signal } = judged(
    same,
    same.map(() => ''),
  );
  assert.deepEqual([signal.low, signal.high], [-1, 1]);
});
