import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AskPolicy } from './askPolicy.ts';

function start() {
  const asked: string[] = [];
  const timers = new Set<{ at: number; run: () => void }>();
  const clock = { time: 0 };
  const policy = new AskPolicy({
    now: () => clock.time,
    schedule(delayMs, run) {
      const timer = { at: clock.time + delayMs, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    ask: (uri) => asked.push(`${uri} ${clock.time}`),
    onPending: () => {},
  });
  const pass = (ms: number): void => {
    clock.time += ms;
    for (const timer of [...timers]) {
      if (timer.at > clock.time) continue;
      timers.delete(timer);
      timer.run();
    }
  };
  return { policy, pass, asked };
}

test('asked once, in the pause after the last key', () => {
  const { policy, pass, asked } = start();
  for (let key = 0; key < 5; key += 1) {
    policy.edited('a');
    assert.ok(policy.pending);
    pass(200);
  }
  assert.deepEqual(asked, []);
  pass(100);
  pass(5000);
  assert.deepEqual(asked, ['a 1100']);
  assert.ok(!policy.pending);
});

test('a change that may be unfinished is asked about again, after the time the engine names or when the cursor leaves', () => {
  const waiting = start();
  waiting.policy.edited('a');
  waiting.pass(300);
  waiting.policy.answered('a', 700);
  waiting.pass(700);
  assert.deepEqual(waiting.asked, ['a 300', 'a 1000']);
  const leaving = start();
  leaving.policy.edited('a');
  leaving.pass(300);
  leaving.policy.answered('a', 700);
  leaving.policy.moved('a', true);
  leaving.pass(300);
  assert.deepEqual(leaving.asked, ['a 300', 'a 600']);
});

test('moving about after an answer, or long after the edit, asks nothing', () => {
  const { policy, pass, asked } = start();
  policy.edited('a');
  pass(300);
  policy.answered('a', null);
  policy.moved('a', true);
  pass(1000);
  policy.answered('a', 700);
  pass(20_000);
  assert.deepEqual(asked, ['a 300']);
});

test('undo, several cursors, a selection or another document end it', () => {
  for (const end of [
    (policy: AskPolicy) => policy.reset(),
    (policy: AskPolicy) => policy.moved('a', false),
    (policy: AskPolicy) => policy.moved('b', true),
  ]) {
    const { policy, pass, asked } = start();
    policy.edited('a');
    end(policy);
    pass(5000);
    assert.deepEqual(asked, []);
    assert.ok(!policy.pending);
  }
});
