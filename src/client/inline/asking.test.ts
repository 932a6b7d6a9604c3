import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Asking, type Cancellation } from './asking.ts';

/** A token of which the test knows who still listens. */
function source() {
  const listeners = new Set<() => void>();
  const token = {
    isCancellationRequested: false as boolean,
    onCancellationRequested(listener: () => void) {
      listeners.add(listener);
      return { dispose: () => void listeners.delete(listener) };
    },
  } satisfies Cancellation;
  return {
    token,
    listeners,
    cancel() {
      token.isCancellationRequested = true;
      for (const listener of [...listeners]) listener();
    },
  };
}

function harness() {
  const timers = new Set<() => void>();
  const asking = new Asking((_delayMs, run) => {
    timers.add(run);
    return () => void timers.delete(run);
  });
  const quietIsOver = (): void => {
    for (const run of [...timers]) run();
  };
  return { asking, timers, quietIsOver };
}

const never = (): Promise<string> => new Promise(() => {});

test('a cancelled wait ends at once, and nothing is asked', async () => {
  const { asking, timers } = harness();
  const key = source();
  let asked = 0;
  const answer = asking.ask(key.token, 75, async () => {
    asked += 1;
  });
  assert.deepEqual([timers.size, asking.pending], [1, 1]);
  key.cancel();
  assert.equal(await answer, null);
  assert.deepEqual([asked, timers.size, key.listeners.size, asking.pending], [0, 0, 0, 0]);
});

test('after the quiet the answer comes through, without a wait it is asked for at once', async () => {
  const { asking, timers, quietIsOver } = harness();
  const key = source();
  const answer = asking.ask(key.token, 75, async () => 'ghost');
  quietIsOver();
  assert.equal(await answer, 'ghost');
  let asked = false;
  const explicit = asking.ask(key.token, 0, async () => {
    asked = true;
    return 'by hand';
  });
  assert.ok(asked, 'before anything else runs');
  assert.equal(await explicit, 'by hand');
  assert.deepEqual([timers.size, key.listeners.size, asking.pending], [0, 0, 0]);
});

test('the editor does not wait for an engine that notices a cancellation late', async () => {
  const { asking } = harness();
  const key = source();
  const late = Promise.withResolvers<string>();
  const answer = asking.ask(key.token, 0, () => late.promise);
  key.cancel();
  assert.equal(await answer, null);
  assert.equal(asking.pending, 1, 'the question itself is still open');
  late.resolve('too late');
  await late.promise;
  await Promise.resolve();
  assert.equal(asking.pending, 0);
});

test('an engine that dies is heard of, unless nobody asks any more', async () => {
  const { asking } = harness();
  const key = source();
  await assert.rejects(
    asking.ask(key.token, 0, () => Promise.reject(new Error('gone'))),
    /gone/,
  );
  const dying = Promise.withResolvers<string>();
  const answer = asking.ask(key.token, 0, () => dying.promise);
  key.cancel();
  assert.equal(await answer, null);
  // An unhandled rejection would fail this test.
  dying.reject(new Error('gone'));
  await new Promise(setImmediate);
  assert.deepEqual([key.listeners.size, asking.pending], [0, 0]);
});

test('a token that is cancelled already is neither listened to nor asked for', async () => {
  const { asking, timers } = harness();
  const key = source();
  key.cancel();
  assert.equal(await asking.ask(key.token, 75, never), null);
  assert.deepEqual([timers.size, key.listeners.size, asking.pending], [0, 0, 0]);
});

test('ten thousand keys against an engine that never answers: all calls settle, and nothing is retained', async () => {
  const keys = 10_000;
  const { asking, timers, quietIsOver } = harness();
  const retained: WeakRef<object>[] = [];
  const remember = <T extends object>(made: T): T => {
    retained.push(new WeakRef(made));
    return made;
  };
  const tokens: ReturnType<typeof source>[] = [];
  const answers: Promise<string | null>[] = [];
  let asked = 0;
  const silent = (): Promise<string> => {
    asked += 1;
    return remember(never());
  };
  for (let key = 0; key < keys; key++) {
    tokens.at(-1)?.cancel();
    const next = source();
    remember(next.token);
    tokens.push(next);
    answers.push(remember(asking.ask(next.token, 75, silent)));
    // Every other key comes while the one before is still waiting, the others while the engine is silent.
    if (key % 2 === 1) continue;
    quietIsOver();
    await new Promise(setImmediate);
  }
  tokens.at(-1)?.cancel();
  const settled = await Promise.all(answers);
  assert.ok(settled.every((answer) => answer === null));
  assert.equal(asked, keys / 2);
  assert.deepEqual([tokens.reduce((sum, { listeners }) => sum + listeners.size, 0), timers.size], [0, 0]);
  assert.equal(asking.pending, asked, 'open are questions to the engine, no calls of the editor');
  tokens.length = 0;
  answers.length = 0;
  await new Promise(setImmediate);
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  assert.equal(retained.filter((one) => one.deref() !== undefined).length, 0);
  assert.equal(retained.length, 2 * keys + asked);
});
