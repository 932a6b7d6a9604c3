import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Rating } from '../../protocol/episode.ts';
import { ratingWithThumb } from './ratingWithThumb.ts';

const before: Rating = {
  id: 'r',
  episodeId: 'e',
  at: 0,
  rater: 'me',
  thumb: 'down',
  score: 2,
  reasons: ['wrongStyle'],
  comment: 'tabs!',
  correction: '\tx',
  withdrawn: false,
};

test('one key rates; nothing else is invented', () => {
  assert.deepEqual(ratingWithThumb('e', null, 'up'), {
    episodeId: 'e',
    thumb: 'up',
    score: null,
    reasons: [],
    comment: '',
    correction: null,
    withdrawn: false,
  });
});

test('changing one’s mind by key keeps the comment and the correction, not what contradicts it', () => {
  const now = ratingWithThumb('e', before, 'up');
  assert.deepEqual([now.thumb, now.score, now.reasons], ['up', null, []]);
  assert.deepEqual([now.comment, now.correction], ['tabs!', '\tx']);
});

test('saying the same again loses nothing', () => {
  const now = ratingWithThumb('e', before, 'down');
  assert.deepEqual([now.score, now.reasons], [2, ['wrongStyle']]);
});

test('a rating that was taken back does not come back', () => {
  const now = ratingWithThumb('e', { ...before, withdrawn: true }, 'down');
  assert.deepEqual([now.score, now.reasons, now.comment], [null, [], '']);
});
