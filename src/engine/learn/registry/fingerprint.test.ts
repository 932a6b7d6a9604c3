import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StoredEpisode } from '../../memory/store.ts';
import { episode, event, rating } from '../../memory/testRecords.ts';
import { changedSince, encodeTrainedOn, fingerprintOf, isAmong, parseTrainedOn } from './fingerprint.ts';

function stored(change: Partial<StoredEpisode> = {}): StoredEpisode {
  const one = change.episode ?? episode();
  return { episode: one, events: [], rating: null, otherRatings: [], forbidden: false, ...change };
}
const first = episode();
const rated = stored({
  episode: first,
  rating: rating(first.id),
  events: [event(first.id, 'shown'), event(first.id, 'accepted')],
});
const second = stored();

test('the same data in any order has the same fingerprint; any change of a rating or an event another', () => {
  const { sha256, episodes, ratings, events } = fingerprintOf([rated, second]);
  assert.deepEqual({ episodes, ratings, events }, { episodes: 2, ratings: 1, events: 2 });
  const shuffled = { ...rated, events: rated.events.toReversed() };
  assert.equal(fingerprintOf([second, shuffled]).sha256, sha256);
  const reordered = { ...rated, rating: Object.fromEntries(Object.entries(rated.rating!).toReversed()) as never };
  assert.equal(fingerprintOf([second, reordered]).sha256, sha256);
  const others = [
    [rated],
    [rated, stored()],
    [{ ...rated, rating: { ...rated.rating!, thumb: 'down' as const } }, second],
    [{ ...rated, rating: null }, second],
    [{ ...rated, otherRatings: [rating(first.id, { rater: 'you' })] }, second],
    [{ ...rated, events: rated.events.slice(1) }, second],
  ];
  for (const other of others) assert.notEqual(fingerprintOf(other).sha256, sha256);
});

test('what was trained on survives its file', () => {
  const yours = { ...rated, otherRatings: [rating(first.id, { rater: 'you' })] };
  const { trainedOn } = fingerprintOf([yours, second]);
  assert.deepEqual(parseTrainedOn(encodeTrainedOn(trainedOn)), trainedOn);
  assert.deepEqual(trainedOn.map(({ ratingIds }) => ratingIds.length).toSorted(), [0, 2]);
});

test('changed, withdrawn and deleted are seen; a new event or a first rating is no change', () => {
  const { trainedOn } = fingerprintOf([rated, second]);
  const now = (...entries: StoredEpisode[]) =>
    changedSince(trainedOn, (id) => entries.find((one) => one.episode.id === id) ?? null);
  const later = { ...rated, events: [...rated.events, event(first.id, 'retained')] };
  const justRated = { ...second, rating: rating(second.episode.id) };
  assert.deepEqual([...now(later, justRated)], []);
  const cases = [
    { changed: now({ ...rated, rating: rating(first.id, { thumb: 'down' }) }, second), id: rated.rating!.id },
    { changed: now({ ...rated, rating: null }, second), id: rated.rating!.id },
    { changed: now(rated), id: second.episode.id },
  ];
  for (const { changed, id } of cases) {
    assert.deepEqual([...changed], [id]);
    assert.ok(isAmong(trainedOn, changed));
  }
  assert.ok(!isAmong(trainedOn, new Set(['another'])));
});
