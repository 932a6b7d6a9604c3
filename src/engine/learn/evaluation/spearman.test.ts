import assert from 'node:assert/strict';
import { test } from 'node:test';
import { partialSpearman, ranksOf, spearman, spearmanInterval } from './spearman.ts';

const ratings = [7, 7, 3, 9, 1, 5, 5, 5, 10, 2];
const predicted = [0.6, 0.7, 0.2, 0.9, 0.2, 0.4, 0.6, 0.5, 0.8, 0.1];
const lengths = [3, 4, 1, 8, 2, 4, 6, 5, 9, 2];

test('equal values share the mean of their ranks', () => {
  assert.deepEqual([...ranksOf([5, 1, 5, 3])], [3.5, 1, 3.5, 2]);
});

test('A5-10: Spearman with ties, as NumPy gives it for the ranks', () => {
  const rho = spearman(ratings, predicted);
  assert.ok(rho.defined && Math.abs(rho.value - 0.93812095999547) < 1e-12);
  const partial = partialSpearman(ratings, predicted, lengths);
  assert.ok(partial.defined && Math.abs(partial.value - 0.8350270825206905) < 1e-12);
});

test('without any spread there is no correlation, and it says why', () => {
  assert.deepEqual(spearman([1, 1, 1], [1, 2, 3]), { defined: false, reason: 'all values are the same' });
  assert.equal(spearman([1], [1]).defined, false);
  assert.throws(() => spearman([1, 2], [1]), RangeError);
});

test('the interval narrows as the study’s table says', () => {
  // Half widths at 0.6: 0.26 of 30, 0.20 of 50, 0.14 of 100, 0.10 of 200.
  for (const [count, half] of [
    [30, 0.26],
    [50, 0.2],
    [100, 0.14],
    [200, 0.1],
  ] as const) {
    const { low, high } = spearmanInterval(0.6, count);
    assert.ok(Math.abs((high - low) / 2 - half) < 0.006, `${count}: ${(high - low) / 2}`);
  }
  assert.deepEqual([spearmanInterval(1, 3).low, spearmanInterval(1, 3).high], [-1, 1]);
});
