import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Rating } from '../../../protocol/episode.ts';
import { rating } from '../../memory/testRecords.ts';
import { agreementOf } from './agreement.ts';

const entry = (id: string, mine: Partial<Rating> | null, ...others: Partial<Rating>[]) => ({
  episode: { id },
  rating: mine && rating(id, { thumb: null, ...mine }),
  otherRatings: others.map((other) => rating(id, { thumb: null, rater: 'ann', ...other })),
});

test('A5-06: κ of the raters of this memory, scores and thumbs on one scale', () => {
  // By hand, of (1, 2), (9, 10), (9 for a thumb up, 9), (2 for a thumb down, 1): squares of 3, by chance 488 of the 16 combinations.
  const { mean, pairs } = agreementOf([
    entry('a', { score: 1 }, { score: 2 }),
    entry('b', { score: 9 }, { score: 10 }),
    entry('c', { thumb: 'up' }, { score: 9 }),
    entry('d', { thumb: 'down' }, { score: 1 }),
    entry('e', { score: 4 }),
    entry('f', null, { score: 7 }),
  ]);
  assert.deepEqual(
    pairs.map(({ raters, items }) => [raters, items]),
    [[['me', 'ann'], 4]],
  );
  assert.ok(mean.defined && Math.abs(mean.value - (1 - (3 / 4) * (16 / 488))) < 1e-12);
});

test('A5-06: of one rater, of a withdrawn rating and of raters who used one category there is no κ, and it says why', () => {
  const none = (of: ReturnType<typeof agreementOf>) => (of.mean.defined ? null : of.mean.reason);
  assert.equal(none(agreementOf([entry('a', { score: 3 })])), 'no two raters rated the same');
  assert.equal(
    none(agreementOf([entry('a', { score: 3 }, { score: 3, withdrawn: true })])),
    'no two raters rated the same',
  );
  assert.equal(none(agreementOf([entry('a', { score: 9 }, { thumb: 'up' })])), 'κ is undefined for every pair');
  assert.equal(none(agreementOf([entry('a', { score: 9 }, { comment: 'hm' })])), 'no two raters rated the same');
});
