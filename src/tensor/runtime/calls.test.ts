import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { serialCalls } from './calls.ts';

const never = () => assert.fail('no time-out was asked for');
/** Lets everything that is ready happen. */
const turn = () => new Promise(setImmediate);

describe('calls that take turns', () => {
  it('run one at a time, in order, whether they succeed or not', async () => {
    const calls = serialCalls(never);
    const order: string[] = [];
    const task =
      (name: string, fails = false) =>
      async () => {
        order.push(`${name} starts`);
        await turn();
        order.push(`${name} ends`);
        if (fails) throw new Error(name);
        return name;
      };
    const results = await Promise.allSettled([
      calls.enqueue(task('a')),
      calls.enqueue(task('b', true)),
      calls.enqueue(task('c')),
    ]);
    assert.deepEqual(order, ['a starts', 'a ends', 'b starts', 'b ends', 'c starts', 'c ends']);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
  });

  it('are dropped while they wait, and let go of at once when they run', async () => {
    const calls = serialCalls(never);
    const [first, second] = [new AbortController(), new AbortController()];
    const kept: boolean[] = [];
    let finish = () => {};
    const running = calls.enqueue(
      async (settle) => {
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        kept.push(settle());
      },
      { signal: first.signal },
    );
    const waiting = calls.enqueue(async () => assert.fail('it was cancelled'), { signal: second.signal });
    const next = calls.enqueue(async (settle) => kept.push(settle()));
    second.abort();
    first.abort();
    await assert.rejects(running, { name: 'AbortError' });
    await assert.rejects(waiting, { name: 'AbortError' });
    assert.deepEqual(kept, [], 'its turn lasts until its task ends');
    finish();
    await next;
    assert.deepEqual(kept, [false, true]);
  });

  it('can’t be cancelled any more once they are settled', async () => {
    const calls = serialCalls(never);
    const controller = new AbortController();
    const result = calls.enqueue(
      async (settle) => {
        const keep = settle();
        controller.abort();
        await turn();
        return keep;
      },
      { signal: controller.signal },
    );
    assert.equal(await result, true);
  });

  it('are rejected together, but for the one under way', async () => {
    const calls = serialCalls(never);
    const running = calls.enqueue(async () => {
      await turn();
      return 'done';
    });
    const waiting = [calls.enqueue(async () => 1), calls.enqueue(async () => 2)];
    calls.rejectWaiting(new Error('gone'));
    for (const call of waiting) await assert.rejects(call, /gone/);
    assert.equal(await running, 'done');
  });

  it('tell when one takes too long', async () => {
    let stop = (_error: Error) => {};
    const calls = serialCalls((timeoutMs) => stop(new Error(`longer than ${timeoutMs} ms`)));
    const late = calls.enqueue(
      () =>
        new Promise((_, reject) => {
          stop = reject;
        }),
      { timeoutMs: 1 },
    );
    await assert.rejects(late, /longer than 1 ms/);
  });
});
