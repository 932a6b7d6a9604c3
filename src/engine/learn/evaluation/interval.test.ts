import assert from 'node:assert/strict';
import { test } from 'node:test';
import { meanInterval, normalCdf, normalQuantile, shareInterval } from './interval.ts';

test('the normal distribution as in printed tables', () => {
  for (const [z, p] of [
    [0, 0.5],
    [1, 0.8413447460685429],
    [-1.96, 0.024997895148220435],
    [3, 0.9986501019683699],
    [-6, 9.865876450376946e-10],
  ] as const) {
    assert.ok(Math.abs(normalCdf(z) / p - 1) < 1e-9, `${z}`);
  }
  assert.ok(Math.abs(normalQuantile(0.975) - 1.959963984540054) < 1e-9);
  assert.equal(normalQuantile(0), -Infinity);
});

test('Wilson’s interval of 8 in 10, and at the ends', () => {
  const { low, high } = shareInterval(8, 10);
  // By hand: (0.8 + 0.19207 ± 1.95996 √(0.016 + 0.0096036)) / 1.38415.
  assert.ok(Math.abs(low - 0.49016) < 1e-4 && Math.abs(high - 0.94331) < 1e-4, `${low} ${high}`);
  assert.equal(shareInterval(0, 5).low, 0);
  assert.ok(shareInterval(0, 5).high > 0.4);
  assert.deepEqual([shareInterval(0, 0).low, shareInterval(0, 0).high], [0, 1]);
});

test('the interval of a mean', () => {
  const { value, low, high } = meanInterval([1, 2, 3, 4]);
  assert.equal(value, 2.5);
  // 1.96 · √(5/3) / 2
  assert.ok(Math.abs(high - low - 2 * 1.265152) < 1e-5);
});
