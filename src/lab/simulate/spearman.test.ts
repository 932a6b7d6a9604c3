import assert from 'node:assert/strict';
import { test } from 'node:test';
import { installedWorld } from './ratedStream.ts';
import { measureSpearman, spearmanTable } from './spearman.ts';

/** Fewer places than there are: writing their candidates is what takes time. */
const world = { ...installedWorld(), places: 720 };

test('ratings in unseen files are foretold, the better the more were given, and as surely as is said', () => {
  const result = measureSpearman({ developers: 2, firstSeed: 3, counts: [50, 200], world });
  const [few, many] = [result.at[50]!, result.at[200]!];
  // 0.05 below what it was when this was written; of random ratings it is 0.
  assert.ok(few.spearman > 0.47 && many.spearman > 0.6, JSON.stringify(result));
  assert.ok(many.spearman > few.spearman + 0.03);
  for (const { coverage90 } of [few, many]) assert.ok(coverage90 > 0.84 && coverage90 < 0.95, `${coverage90}`);
  assert.ok(result.heldOut >= 400);
  assert.ok(many.spearman < result.ceiling && result.retest < result.ceiling, 'nobody knows more than the developer');
  assert.match(spearmanTable(result), /^200 +0\.\d{3}/m);
});

test('from a random rater nothing is learnt', () => {
  const { at } = measureSpearman({ developers: 2, firstSeed: 3, counts: [200], temper: 'random', world });
  assert.ok(Math.abs(at[200]!.spearman) < 0.1, `${at[200]!.spearman}`);
});
