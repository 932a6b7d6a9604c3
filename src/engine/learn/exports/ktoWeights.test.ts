import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ktoWeights } from './ktoWeights.ts';

test('weights bring both sides within 1 to 4/3, whatever their sizes, and change nothing where they are', () => {
  assert.deepEqual(ktoWeights(100, 100), { desirable_weight: 1, undesirable_weight: 1 });
  assert.deepEqual(ktoWeights(4, 3), { desirable_weight: 1, undesirable_weight: 1 });
  assert.deepEqual(ktoWeights(70, 10), { desirable_weight: 1, undesirable_weight: 6 });
  assert.deepEqual(ktoWeights(12, 36), { desirable_weight: 3.5, undesirable_weight: 1 });
  for (const desirable of [1, 2, 3, 7, 50, 999, 20_000]) {
    for (const undesirable of [1, 2, 3, 8, 61, 1000, 15_001]) {
      const { desirable_weight: d, undesirable_weight: u } = ktoWeights(desirable, undesirable)!;
      const ratio = (d * desirable) / (u * undesirable);
      assert.ok(ratio >= 1 && ratio <= 4 / 3 + 1e-12, `${desirable} : ${undesirable} becomes ${ratio}`);
    }
  }
});

test('of one kind alone there is no weight', () => {
  assert.equal(ktoWeights(10, 0), null);
  assert.equal(ktoWeights(0, 10), null);
});
