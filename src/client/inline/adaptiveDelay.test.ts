import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { inlineModes } from '../../protocol/config.ts';
import type { LifecycleEvent } from '../../protocol/lifecycle.ts';
import { AdaptiveDelay } from './adaptiveDelay.ts';

const uri = 'file:///a.ts';
const event = (type: LifecycleEvent['type'], episodeId: string): LifecycleEvent => ({ episodeId, at: 0, type });

function harness() {
  const clock = { now: 1000 };
  const delay = new AdaptiveDelay(() => clock.now);
  const keys = (count: number, intervalMs: number, into = uri): void => {
    for (let index = 0; index < count; index++) {
      clock.now += intervalMs;
      delay.typed(into);
    }
  };
  const minutes = (count: number): void => {
    clock.now += count * 60_000;
  };
  return { clock, delay, keys, minutes };
}

test('before the rhythm is known the wait is 125 ms in all, of which VS Code has waited 50', () => {
  const { delay, keys } = harness();
  assert.equal(delay.delayMs('normal'), 75);
  keys(20, 300);
  assert.equal(delay.delayMs('normal'), 75, '20 keys make 19 intervals');
});

test('a slow typist is waited for longer, a fast one is not asked about at every key', () => {
  const slow = harness();
  slow.keys(30, 300);
  assert.equal(slow.delay.delayMs('normal'), 250);
  const fast = harness();
  fast.keys(30, 40);
  assert.equal(fast.delay.delayMs('normal'), 50, 'never below 100 ms in all');
  const hunting = harness();
  hunting.keys(30, 900);
  assert.equal(hunting.delay.delayMs('normal'), 350, 'never above 400 ms in all');
});

test('pauses to think and keys in another file say nothing about the rhythm', () => {
  const { delay, keys } = harness();
  keys(30, 200);
  keys(60, 5000);
  assert.equal(delay.delayMs('normal'), 150);
  for (let index = 0; index < 60; index++) {
    keys(1, 900, `file:///${index}.ts`);
  }
  assert.equal(delay.delayMs('normal'), 150);
});

test('the rhythm follows the last hundred keys', () => {
  const { delay, keys } = harness();
  keys(200, 300);
  keys(100, 150);
  assert.equal(delay.delayMs('normal'), 100);
});

test('every rejection makes it wait half as long again, every acceptance a fifth less', () => {
  const { delay, keys } = harness();
  keys(30, 200);
  delay.hear([event('rejected', 'e1')]);
  assert.equal(delay.delayMs('normal'), 250);
  delay.hear([event('rejected', 'e2')]);
  assert.equal(delay.delayMs('normal'), 400, '450 − 50, and never more than 400');
  delay.hear([event('accepted', 'e3')]);
  assert.equal(delay.delayMs('normal'), 310);
});

test('a verdict fades in ten minutes', () => {
  const { delay, keys, minutes } = harness();
  keys(30, 200);
  delay.hear([event('rejected', 'e1')]);
  minutes(5);
  assert.equal(delay.delayMs('normal'), Math.round(200 * 1.5 ** 0.5 - 50));
  minutes(5);
  assert.equal(delay.delayMs('normal'), 150);
});

test('one suggestion taken in parts counts once, and undoing it turns it into a rejection', () => {
  const { delay, keys } = harness();
  keys(30, 200);
  delay.hear([event('partlyAccepted', 'e1'), event('partlyAccepted', 'e1'), event('accepted', 'e1')]);
  assert.equal(delay.delayMs('normal'), 110);
  delay.hear([event('reverted', 'e1')]);
  assert.equal(delay.delayMs('normal'), 250);
});

test('what was merely passed over changes nothing', () => {
  const { delay } = harness();
  delay.hear((['offered', 'shown', 'read', 'ignored', 'retained'] as const).map((type) => event(type, type)));
  assert.equal(delay.delayMs('normal'), 75);
});

test('eager waits half, subtle half as long again', () => {
  const { delay, keys } = harness();
  keys(30, 200);
  assert.deepEqual(
    (['eager', 'normal', 'subtle'] as const).map((mode) => delay.delayMs(mode)),
    [50, 150, 250],
  );
});

test('whatever happens, the wait is between 0 and 400 ms', () => {
  const step = fc.oneof(
    fc.record({ wait: fc.integer({ min: -100_000, max: 900_000 }), key: fc.constant(true) }),
    fc.record({
      wait: fc.integer({ min: 0, max: 2000 }),
      verdict: fc.constantFrom('accepted' as const, 'rejected' as const, 'reverted' as const),
      id: fc.nat(20),
    }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), fc.constantFrom(...inlineModes), (steps, mode) => {
      const { clock, delay } = harness();
      for (const one of steps) {
        clock.now += one.wait;
        if ('key' in one) delay.typed(uri);
        else delay.hear([event(one.verdict, `e${one.id}`)]);
        const waitMs = delay.delayMs(mode);
        assert.ok(waitMs >= 0 && waitMs <= 400, String(waitMs));
      }
    }),
  );
});
