import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Episode, Event, Rating } from '../../../protocol/episode.ts';
import { episode, rating } from '../../memory/testRecords.ts';
import { judged } from '../reward/testJudged.ts';
import { changedLines, decisionReward, unwantedReward, wantedShare } from './decisionReward.ts';

type Happened = readonly (readonly [Event['type'], Partial<Event>?])[];
/** Of one line of 11 characters in place of nothing. */
function rewardOf(happened: Happened, change: Partial<Episode> = {}, said: Partial<Rating> | null = null) {
  const one = episode(change);
  const own = said === null ? null : rating(one.id, said);
  const reward = decisionReward({ ...judged(happened, { episode: one, rating: own }), forbidden: false });
  return reward === null ? null : Number(reward.toFixed(4));
}
const shown: Happened = [['offered'], ['shown'], ['read']];
const vain = Number(unwantedReward(1).toFixed(4));

test('accepted, shown in vain, silent', () => {
  assert.equal(rewardOf([...shown, ['accepted']]), 0.75);
  assert.equal(rewardOf([...shown, ['rejected', { reason: 'escape' }]]), vain);
  assert.equal(rewardOf([...shown, ['ignored', { reason: 'typedPast' }]]), vain);
  assert.equal(rewardOf([...shown, ['accepted'], ['reverted']]), vain);
  assert.equal(rewardOf([], { offered: null }), 0);
});

test('nothing is said by what nobody could read, by what made way for another, and by what is still open', () => {
  assert.equal(rewardOf([['offered'], ['shown'], ['ignored', { reason: 'moved' }]]), null);
  assert.equal(rewardOf([['offered'], ['shown'], ['ignored', { reason: 'superseded' }]]), null);
  assert.equal(rewardOf(shown), null);
});

test('a part is worth its share', () => {
  const between = (share: number) => Number((vain + share * (0.75 - vain)).toFixed(4));
  assert.equal(rewardOf([...shown, ['partlyAccepted', { text: 'sum' }]]), between(3 / 11));
  assert.equal(rewardOf([...shown, ['partlyAccepted', { text: 'sum' }], ['accepted']]), 0.75);
});

test('whoever took another candidate did not want this one', () => {
  const candidates = episode().candidates.concat(episode().candidates);
  assert.equal(rewardOf([...shown, ['accepted', { candidateId: candidates[1]!.id }]], { candidates }), vain);
  assert.equal(rewardOf([...shown, ['accepted', { candidateId: candidates[0]!.id }]], { candidates }), 0.75);
});

test('what was said counts more than what happened', () => {
  const accepted: Happened = [...shown, ['accepted']];
  assert.equal(rewardOf(accepted, {}, { thumb: 'down' }), vain);
  assert.equal(rewardOf(shown, {}, { thumb: 'up' }), 0.75);
  assert.equal(rewardOf(shown, {}, { thumb: null, score: 1 }), vain);
  assert.equal(rewardOf(shown, {}, { thumb: null, score: 10 }), 0.75);
  assert.equal(rewardOf(accepted, {}, { thumb: 'down', withdrawn: true }), 0.75);
});

test('how far it was wanted does not depend on its length, as what it brought does; of silence it is not known', () => {
  const rejected: Happened = [...shown, ['rejected', { reason: 'escape' }]];
  const [first] = episode().candidates;
  const long = { candidates: [{ ...first!, text: 'step();\n'.repeat(40) }] };
  const shareOf = (happened: Happened, change: Partial<Episode>): number | null =>
    wantedShare({ ...judged(happened, { episode: episode(change), rating: null }), forbidden: false });
  assert.ok(rewardOf(rejected, long)! < vain);
  assert.deepEqual([shareOf(rejected, {}), shareOf(rejected, long)], [0, 0]);
  assert.deepEqual([shareOf([...shown, ['accepted']], {}), shareOf([...shown, ['accepted']], long)], [1, 1]);
  assert.equal(shareOf([...shown, ['partlyAccepted', { text: 'sum' }]], {}), 3 / 11);
  assert.equal(shareOf([], { offered: null }), null);
});

test('larger edits cost more, twice as much at most', () => {
  assert.equal(unwantedReward(0), -0.25);
  assert.equal(unwantedReward(20), -0.375);
  assert.equal(unwantedReward(40), -0.5);
  assert.equal(unwantedReward(4000), -0.5);
});

test('changed lines are those that were not there, each as often as it is new', () => {
  assert.equal(changedLines('a\nb', 'a\nb'), 0);
  assert.equal(changedLines('a\nb', '  a\nc\nc'), 2);
  assert.equal(changedLines('', 'a\nb'), 2);
  assert.equal(changedLines('a', 'a\na'), 1);
});
