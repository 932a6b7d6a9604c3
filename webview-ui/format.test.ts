import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byteSize, modelLabel, relativeTime, splitPath } from './format.ts';
import { outcomeLabel, ratingText } from './outcome.ts';
import { previewCards } from './preview/data.ts';
import { english, translator } from './strings.ts';

const t = translator({});
const now = Date.UTC(2026, 10, 21, 12);
const minute = 60_000;

test('times read as in the rest of VS Code', () => {
  const read = (at: number): string => relativeTime(at, now, 'en', t);
  assert.equal(read(now - 20_000), 'now');
  assert.equal(read(now + 5 * minute), 'now');
  assert.equal(read(now - 2 * minute), '2 min');
  assert.equal(read(now - 59.9 * minute), '59 min');
  assert.equal(read(now - 180 * minute), '3 h');
  assert.equal(read(now - 3 * 24 * 60 * minute), '3 d');
  assert.match(read(now - 30 * 24 * 60 * minute), /Oct 22|22 Oct/);
  assert.match(read(Date.UTC(2024, 5, 1)), /2024/);
});

test('sizes have a unit and at most one decimal', () => {
  assert.equal(byteSize(640, 'en'), '640 B');
  assert.equal(byteSize(1_163_000, 'en'), '1.2 MB');
  assert.equal(byteSize(64_000_000, 'en'), '64 MB');
  assert.equal(byteSize(1_163_000, 'de'), '1,2 MB');
});

test('a path is split at its last slash, a model loses its server', () => {
  assert.deepEqual(splitPath('src/a/b.ts'), { name: 'b.ts', folder: 'src/a' });
  assert.deepEqual(splitPath('b.ts'), { name: 'b.ts', folder: '' });
  assert.equal(modelLabel('ollama:qwen2.5-coder:1.5b', t), 'qwen2.5-coder:1.5b');
  assert.equal(modelLabel('workspace', t), 'workspace model');
});

test('what became of a suggestion says so in words, with its reason', () => {
  const label = (type: 'rejected' | 'retained' | 'ignored', more: object): string =>
    outcomeLabel({ type, at: 0, ...more }, t).text;
  assert.equal(label('rejected', { reason: 'wrongStyle' }), 'Rejected · Wrong style');
  assert.equal(label('ignored', { reason: 'typedPast' }), 'Ignored · typed on');
  assert.equal(label('retained', { share: 0.917 }), 'Kept 92 %');
  assert.equal(label('rejected', { reason: '<b>not known' }), 'Rejected');
});

test('a rating is read out as it was given', () => {
  const [unrated, both, bad] = previewCards(now);
  assert.equal(ratingText(unrated!, t), 'not rated');
  assert.equal(ratingText(both!, t), 'rated good, rated 9 of 10');
  assert.equal(ratingText({ rating: { ...bad!.rating!, thumb: null, score: null } }, t), 'rated bad');
});

test('a translation takes the place of English, and a missing one does not leave a hole', () => {
  const german = translator({ save: 'Speichern', minutes: '{0} Min.', good: '' });
  assert.equal(german('save'), 'Speichern');
  assert.equal(german('minutes', 5), '5 Min.');
  assert.equal(german('good'), 'Good');
});

test('no string is empty or has a placeholder without a number', () => {
  for (const [key, text] of Object.entries(english)) {
    assert.notEqual(text.trim(), '', key);
    assert.doesNotMatch(text.replace(/\{\d\}/g, ''), /[{}]/, key);
  }
});
