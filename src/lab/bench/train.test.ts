import assert from 'node:assert/strict';
import { test } from 'node:test';
import { benchTrain } from './train.ts';

test('a simulated developer’s taste is learnt from 150 ratings, and a selector is really fitted', async () => {
  // It throws when the selector was not refitted once.
  const result = await benchTrain({ labels: 150, seed: 3 });
  assert.ok(result.spearman !== null && result.spearman > 0.4, `${result.spearman}`);
  assert.ok(result.coverage90 > 0.8);
  assert.ok(result.selectorMs > 0);
  assert.equal(Math.abs(result.totalMs - result.rewardModelMs - result.selectorMs) <= 1, true);
});
