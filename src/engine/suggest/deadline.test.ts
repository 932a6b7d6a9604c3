import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Source, systemTimer, type Timer, withDeadline } from './deadline.ts';

/** Time that passes when told to. */
function manualTimer(): Timer & { fire(): void; readonly waiting: number } {
  const waiting = new Set<() => void>();
  return {
    after(_ms, fire) {
      waiting.add(fire);
      return () => waiting.delete(fire);
    },
    fire() {
      for (const one of [...waiting]) one();
    },
    get waiting() {
      return waiting.size;
    },
  };
}

const source = (gather: Source<string>['gather']): Source<string> => ({
  name: 's',
  empty: '',
  gather,
  describe: (value) => `got ${value}`,
});
const run = (timer: Timer, gather: Source<string>['gather']) =>
  withDeadline(source(gather), {
    deadlineMs: 100,
    clock: { now: () => 0 },
    timer,
    signal: new AbortController().signal,
  });

test('what is ready in time is used, and the timer is called off', async () => {
  const timer = manualTimer();
  assert.deepEqual(await run(timer, () => 'value'), { value: 'value', ms: 0, note: 'got value' });
  assert.equal(timer.waiting, 0);
});

test('a late source is dropped, told so, and the note says it', async () => {
  const timer = manualTimer();
  let told = false;
  const result = run(timer, (signal) => {
    signal.addEventListener('abort', () => {
      told = true;
    });
    return new Promise<string>(() => {});
  });
  timer.fire();
  assert.deepEqual(await result, { value: '', ms: 0, note: 'dropped: not ready after 100 ms' });
  assert.equal(told, true);
});

test('a source that fails, at once or later, costs nothing but its own part', async () => {
  const boom = () => {
    throw new TypeError('x');
  };
  assert.equal((await run(manualTimer(), boom)).note, 'dropped: TypeError');
  assert.equal((await run(manualTimer(), async () => boom())).value, '');
});

test('the real timer can be called off', () => {
  systemTimer.after(60_000, () => assert.fail('called off'))();
});
