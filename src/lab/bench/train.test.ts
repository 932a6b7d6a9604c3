import assert from 'node:assert/strict';
import { test } from 'node:test';
import { benchTrain } from './train.ts';

test('the job of training learns a simulated developer’s taste from 150 ratings, and tries selectors', async () => {
  // It throws when there was no reward model, or no selector was evaluated.
  const result = await benchTrain({ labels: 150, seed: 3 });
  assert.ok(result.spearman !== null && result.spearman > 0.4, `${result.spearman}`);
  assert.ok(result.coverage90 !== null && result.coverage90 > 0.8);
  assert.ok(result.rewardModelMs > 0 && result.selectorMs > 0);
  assert.ok(Math.abs(result.totalMs - result.rewardModelMs - result.selectorMs) <= 1);
});
