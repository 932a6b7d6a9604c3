import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { seeded } from '../../../tensor/random.ts';
import { foldsOf } from './folds.ts';
import { learningCurve } from './learningCurve.ts';

test('A5-05: every row is tested once, and never with its file among the training rows', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 80 }), fc.integer(), (files, seed) => {
      const groups = files.map((file) => `${file}.ts`);
      const folds = foldsOf(groups, 5, seeded(seed));
      const tested = folds.flatMap(({ test }) => test).sort((a, b) => a - b);
      assert.deepEqual(tested, new Set(groups).size < 2 ? [] : groups.map((_, i) => i));
      for (const { training, test } of folds) {
        const known = new Set(training.map((i) => groups[i]));
        assert.ok(test.every((i) => !known.has(groups[i])));
        assert.equal(training.length + test.length, groups.length);
      }
    }),
    { numRuns: 100 },
  );
});

test('folds are of about one size where the files are', () => {
  const sizes = foldsOf(
    Array.from({ length: 100 }, (_, i) => `${i % 20}`),
    5,
    seeded(1),
  ).map(({ test }) => test.length);
  assert.deepEqual(sizes, [20, 20, 20, 20, 20]);
});

test('a learning curve rises with what is measured, and leaves out counts there are no labels for', async () => {
  const groups = Array.from({ length: 60 }, (_, i) => `${i}`);
  const options = { groups, counts: [10, 40, 100], random: seeded(2), repetitions: 2 };
  const curve = await learningCurve(options, (training) => training.length / 100);
  assert.deepEqual(
    curve.map(({ labels, figure }) => [labels, Math.round(figure.value * 100)]),
    [
      [10, 10],
      [40, 40],
    ],
  );
});
