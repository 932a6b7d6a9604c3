import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EventType } from './episode.ts';
import { follows, historyOf, offeredLife, step } from './lifecycle.ts';

const history = (...types: EventType[]) => historyOf(types.map((type) => ({ type })));

test('a step tells what happened, to which candidate, and when', () => {
  const { life } = step(offeredLife('e1'), 'shown', { at: 5, candidateId: 'c1' });
  const { event } = step(life, 'rejected', { at: 9, candidateId: 'c1', reason: 'escape' });
  assert.deepEqual(event, { episodeId: 'e1', candidateId: 'c1', at: 9, type: 'rejected', reason: 'escape' });
});

test('illegal steps do not compile', () => {
  const offered = offeredLife('e1');
  const rejected = step(offered, 'rejected', { at: 1, reason: 'escape' }).life;
  const accepted = step(offered, 'accepted', { at: 1 }).life;
  const either = Math.random() < 2 ? rejected : accepted;
  // @ts-expect-error what was rejected can't be accepted
  step(rejected, 'accepted', { at: 2 });
  // @ts-expect-error nothing is retained that was not taken
  step(offered, 'retained', { at: 2, afterMs: 30_000, share: 1 });
  // @ts-expect-error nor undone
  step(offered, 'reverted', { at: 2 });
  // @ts-expect-error read follows shown
  step(offered, 'read', { at: 2 });
  // @ts-expect-error what is legal from one of two stages only is not legal
  step(either, 'reverted', { at: 2 });
  // @ts-expect-error an ending has its reason
  step(offered, 'ignored', { at: 2 });
  assert.ok(step(accepted, 'reverted', { at: 2 }));
});

test('the check of stored events knows the same table', () => {
  assert.ok(follows('accepted', 'retained'));
  assert.ok(!follows('rejected', 'accepted'));
  assert.deepEqual(history('offered', 'shown', 'read', 'accepted', 'retained', 'retained'), {
    stage: 'retained',
    illegal: 0,
  });
  assert.deepEqual(history('shown', 'ignored', 'accepted', 'reverted'), { stage: 'reverted', illegal: 0 });
  assert.deepEqual(history('offered', 'shown', 'rejected', 'retained'), { stage: 'rejected', illegal: 1 });
  assert.deepEqual(history('offered', 'accepted', 'reverted', 'shown', 'accepted'), { stage: 'accepted', illegal: 0 });
});
