import assert from 'node:assert/strict';
import { test } from 'node:test';
import { benchTrain } from './train.ts';

test('a simulated developer’s taste is learnt from 150 ratings, and the selector’s time is counted', async () => {
  let rowsSeen = 0;
  const result = await benchTrain({
    labels: 150,
    seed: 3,
    trainSelector: async (_, model, rows) => {
      rowsSeen = rows.length;
      assert.ok(Number.isFinite(model.estimate(rows[0]!.features).mean));
    },
  });
  assert.equal(rowsSeen, 150);
  assert.ok(result.spearman !== null && result.spearman > 0.4, `${result.spearman}`);
  assert.ok(result.coverage90 > 0.8);
  assert.ok(result.selectorMs !== null && result.totalMs >= result.rewardModelMs);
});
