import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collect, watchRejections } from '../../../test/fakes/collect.ts';
import { toFailure } from './failure.ts';
import { type Guard, guarded } from './guard.ts';
import type { ModelChunk } from './languageModel.ts';

const base = {
  firstMs: 60_000,
  nextMs: 60_000,
  toFailure: (error: unknown) =>
    toFailure(error, { source: 'openai', address: 'http://h', model: 'm', nowMs: 0, hide: [] }),
};
const text = (value: string): ModelChunk => ({ type: 'text', text: value });
const end: ModelChunk = { type: 'end', finish: 'stop' };

/** Settles only when the guard's signal ends, as a request does. */
const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')), { once: true });
  });

test('a cancelled request ends at once and closes its connection, even when the server never answers', async () => {
  const uncaught = watchRejections();
  const controller = new AbortController();
  let inner: AbortSignal | undefined;
  const stream = guarded({ ...base, signal: controller.signal }, async function* (guard: Guard) {
    inner = guard.signal;
    yield text('a');
    await untilAborted(guard.signal);
  });
  const seen: ModelChunk[] = [];
  for await (const chunk of stream) {
    seen.push(chunk);
    controller.abort();
  }
  assert.deepEqual(
    seen.map(({ type }) => type),
    ['text', 'failed'],
  );
  assert.equal(inner?.aborted, true);
  await uncaught();
});

test('a source that ignores its signal doesn’t keep the user waiting', async () => {
  const controller = new AbortController();
  const stream = guarded({ ...base, signal: controller.signal }, async function* () {
    controller.abort();
    await new Promise(() => {});
    yield end;
  });
  assert.equal((await collect(stream)).failure?.reason, 'cancelled');
});

test('a request cancelled before it began is never made', async () => {
  let made = false;
  const stream = guarded({ ...base, signal: AbortSignal.abort() }, async function* () {
    made = true;
    yield end;
  });
  assert.equal((await collect(stream)).failure?.reason, 'cancelled');
  assert.equal(made, false);
});

test('a reader who stops early closes the connection', async () => {
  let inner: AbortSignal | undefined;
  const stream = guarded({ ...base, signal: new AbortController().signal }, async function* (guard: Guard) {
    inner = guard.signal;
    yield text('a');
    yield text('b');
    yield end;
  });
  for await (const _ of stream) break;
  assert.equal(inner?.aborted, true);
});

test('silence ends a request, before the first piece and within the answer', async () => {
  const silent = guarded({ ...base, firstMs: 5, signal: new AbortController().signal }, async function* (guard: Guard) {
    await untilAborted(guard.signal);
    yield end;
  });
  const first = await collect(silent);
  assert.equal(first.failure?.reason, 'timeout');
  assert.match(first.failure?.message ?? '', /sent nothing/);
  const stalled = guarded({ ...base, nextMs: 5, signal: new AbortController().signal }, async function* (guard: Guard) {
    yield text('a');
    await untilAborted(guard.signal);
  });
  const second = await collect(stalled);
  assert.equal(second.text, 'a');
  assert.match(second.failure?.message ?? '', /middle of its answer/);
});

test('a reader who takes his time isn’t mistaken for a silent server', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const stream = guarded(
    { ...base, firstMs: 20, nextMs: 20, signal: new AbortController().signal },
    async function* () {
      yield text('a');
      yield end;
    },
  );
  const seen: string[] = [];
  for await (const chunk of stream) {
    seen.push(chunk.type);
    t.mock.timers.tick(1000);
  }
  assert.deepEqual(seen, ['text', 'end']);
});

test('a model that thinks for long is not silent', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const stream = guarded(
    { ...base, firstMs: 30, signal: new AbortController().signal },
    async function* (guard: Guard) {
      for (let thought = 0; thought < 6; thought++) {
        t.mock.timers.tick(25);
        guard.heard();
      }
      yield end;
    },
  );
  assert.equal((await collect(stream)).failure, null);
});

test('whatever happens inside, there is one end and nothing is thrown', async () => {
  const thrown = await collect(
    guarded({ ...base, signal: new AbortController().signal }, async function* () {
      yield text('a');
      throw new SyntaxError('x');
    }),
  );
  assert.deepEqual([thrown.text, thrown.failure?.reason], ['a', 'malformed']);
  const endless = await collect(
    guarded({ ...base, signal: new AbortController().signal }, async function* () {
      yield text('a');
    }),
  );
  assert.equal(endless.failure?.reason, 'malformed');
  const twice = await collect(
    guarded({ ...base, signal: new AbortController().signal }, async function* () {
      yield text('a');
      yield end;
      yield text('late');
      yield end;
    }),
  );
  assert.deepEqual([twice.text, twice.end?.finish], ['a', 'stop']);
  const atOnce = await collect(
    guarded({ ...base, signal: new AbortController().signal }, () => {
      throw new Error('before it began');
    }),
  );
  assert.equal(atOnce.failure?.reason, 'other');
});
