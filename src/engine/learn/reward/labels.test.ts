import assert from 'node:assert/strict';
import { test } from 'node:test';
import { episode, rating } from '../../memory/testRecords.ts';
import { featureExtractor } from '../features/features.ts';
import type { Judged } from './judgements.ts';
import { labelsOf } from './labels.ts';
import { judged } from './testJudged.ts';

const { featuresOf } = featureExtractor();
const labels = (...entries: Judged[]) => labelsOf(entries, (offer) => featuresOf(offer, []));
const only = (entry: Judged) => {
  const { rows } = labels(entry);
  assert.equal(rows.length, 1);
  return [rows[0]!.source, Number(rows[0]!.target.toFixed(4)), rows[0]!.weight];
};
const said = (change: Parameters<typeof rating>[1]) => judged([], { rating: rating('e', change) });

test('what was said', () => {
  assert.deepEqual(only(said({ thumb: null, score: 1 })), ['rating', 0, 1]);
  assert.deepEqual(only(said({ thumb: null, score: 10 })), ['rating', 1, 1]);
  assert.deepEqual(only(said({ thumb: 'up' })), ['thumb', 0.9, 0.8]);
  assert.deepEqual(only(said({ thumb: 'down' })), ['thumb', 0.1, 0.8]);
  // A slider that agrees says more; one that contradicts the thumb says nothing.
  assert.deepEqual(only(said({ thumb: 'up', score: 8 })), ['rating', 0.7778, 1]);
  assert.deepEqual(only(said({ thumb: 'down', score: 8 })), ['thumb', 0.1, 0.8]);
  assert.deepEqual(only(said({ thumb: null, reasons: ['wrongStyle'] })), ['thumb', 0.1, 0.8]);
});

test('what happened', () => {
  const kept = (afterMs: number, share = 1) => only(judged([['accepted'], ['retained', { afterMs, share }]]));
  assert.deepEqual(only(judged([['shown'], ['accepted']])), ['event', 0.55, 0.6]);
  assert.deepEqual(kept(30_000), ['event', 0.69, 0.6]);
  assert.deepEqual(kept(600_000), ['event', 0.9, 0.6]);
  assert.deepEqual(kept(120_000, 0.5), ['event', 0.45, 0.6]);
  assert.deepEqual(only(judged([['accepted', { reason: 'typed' }]])), ['event', 0.55, 0.3]);
  assert.deepEqual(only(judged([['accepted'], ['reverted']])), ['event', 0.1, 0.8]);
  assert.deepEqual(only(judged([['shown'], ['rejected', { reason: 'escape' }]])), ['event', 0.15, 0.5]);
  assert.deepEqual(only(judged([['shown'], ['read'], ['ignored', { reason: 'typedPast' }]])), ['event', 0.35, 0.15]);
});

test('what gives no row is counted with its reason', () => {
  const { rows, skipped } = labels(
    judged([], { episode: episode({ offered: null }) }),
    judged([['shown']]),
    judged([['shown'], ['ignored', { reason: 'typedPast' }]]),
    judged([['shown'], ['read'], ['ignored', { reason: 'moved' }]]),
    judged([['shown'], ['read'], ['ignored', { reason: 'superseded' }]]),
    judged([['accepted']], { episode: episode({ offered: 3 }) }),
    judged([], { rating: rating('e', { thumb: null }) }),
  );
  assert.equal(rows.length, 0);
  assert.deepEqual(Object.fromEntries(skipped), {
    silent: 1,
    'nothing happened yet': 2,
    'not read': 1,
    'went elsewhere': 1,
    superseded: 1,
    'unknown candidate': 1,
    'rating without a verdict': 1,
  });
});

test('a rating beats what happened to the same text', () => {
  const { rows, skipped } = labels(judged([['accepted']], { rating: rating('e', { thumb: 'down' }) }));
  assert.deepEqual(
    rows.map(({ source }) => source),
    ['thumb'],
  );
  assert.equal(skipped.get('a rating says more'), 1);
});

test('pairs: the one chosen over one seen, and the correction over the proposal; not over what nobody saw', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((x, i) => ({ ...episode().candidates[0]!, id: `${i}`, text: `${x}(1);` }));
  const three = episode({ candidates: [a!, b!, c!], kind: 'edit' });
  const choice = judged(
    [
      ['shown', { candidateId: '0' }],
      ['accepted', { candidateId: '1' }],
    ],
    { episode: three },
  );
  const { rows } = labels(choice);
  assert.deepEqual(
    rows.map(({ source, target, weight }) => [source, target, weight]),
    [
      ['event', 0.55, 0.6],
      ['pair', 0.35, 0.5],
    ],
  );
  // A pair has no bias, and points from the one passed over to the one taken.
  assert.equal(rows[1]!.features[0], 0);
  const turned = labels(
    judged(
      [
        ['shown', { candidateId: '1' }],
        ['accepted', { candidateId: '0' }],
      ],
      { episode: three },
    ),
  );
  assert.deepEqual(
    [...turned.rows[1]!.features.map((value) => -value + 0)],
    [...rows[1]!.features.map((value) => value + 0)],
  );

  const corrected = labels(judged([], { rating: rating('e', { correction: 'total(prices)' }) }));
  assert.deepEqual(
    corrected.rows.map(({ source }) => source),
    ['thumb', 'pair'],
  );
  assert.equal(labels(judged([], { rating: rating('e', { correction: 'sum(prices)' }) })).rows.length, 1);
});

test('raters of different middles are brought together, the more the more they said', () => {
  const scores = (rater: string, score: number, count: number) =>
    Array.from({ length: count }, () => judged([], { rating: rating('e', { rater, thumb: null, score }) }));
  const mean = (count: number, of: string) => {
    const entries = [...scores('mild', 9, count), ...scores('strict', 5, count)];
    const { rows } = labels(...entries);
    const ids = new Set(entries.filter(({ rating: one }) => one!.rater === of).map(({ episode: { id } }) => id));
    const targets = rows.filter(({ episodeId }) => ids.has(episodeId)).map(({ target }) => target);
    return targets.reduce((sum, one) => sum + one, 0) / targets.length;
  };
  const gap = (count: number) => mean(count, 'mild') - mean(count, 'strict');
  assert.ok(gap(2) > 0.8 * (4 / 9) && gap(90) < 0.2 * (4 / 9), `${gap(2)} ${gap(90)}`);
});
