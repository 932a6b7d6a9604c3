import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CancellationToken } from 'vscode-jsonrpc';
import { Emitter } from 'vscode-jsonrpc';
import type { Failure } from '../../protocol/rpc.ts';
import type { TrainingStep } from '../../protocol/trainingPanel.ts';
import { EngineUnavailable } from '../engine/engineState.ts';
import { type TrainingOrder, TrainingTask } from './trainingTask.ts';

const underWay: Failure = { reason: 'other', message: 'A training is under way.', nextStep: '' };
const order: TrainingOrder = { layers: ['rewardModel'], dryRun: false, resume: false };
const done = { ok: true, runs: [], report: '# Report' } as const;
const cancelled = { ok: false, failure: { reason: 'cancelled', message: 'Cancelled.', nextStep: '' } } as const;

type Step = Omit<TrainingStep, 'stage'> & { readonly requestId: string; readonly stage: TrainingStep['stage'] };
const step = (requestId: string, share: number, value = share): Step => ({
  requestId,
  stage: 'rewardModel',
  share,
  secondsLeft: 3,
  message: '',
  scalars: [{ tag: 'loss', step: 1, value }],
});

/** An engine that trains until it is told how that ends. */
function bench() {
  const listeners = new Map<string, (params: never) => void>();
  const states = new Emitter<{ type: string }>();
  const asked: { params: Record<string, unknown>; token: CancellationToken; end: PromiseWithResolvers<unknown> }[] = [];
  const engine = {
    hear: (method: string, handler: (params: never) => void) => {
      listeners.set(method, handler);
      return { dispose: () => listeners.delete(method) };
    },
    ask: (_method: string, params: Record<string, unknown>, token: CancellationToken) => {
      const end = Promise.withResolvers<unknown>();
      asked.push({ params, token, end });
      token.onCancellationRequested(() => end.resolve(cancelled));
      return end.promise;
    },
    onDidChangeState: states.event,
  };
  let made = 0;
  const task = new TrainingTask(engine as never, () => `request-${++made}`);
  const shares: (number | null)[] = [];
  task.onDidChange((one) => shares.push(one?.share ?? null));
  const hear = (method: string, params: unknown) => listeners.get(method)?.(params as never);
  return { task, asked, shares, hear, states };
}

test('what is heard of the training that was begun is passed on, what belongs to another is not', async () => {
  const { task, asked, shares, hear } = bench();
  const ended = task.start(order, underWay);
  assert.deepEqual(asked[0]?.params, { requestId: 'request-1', ...order });
  hear('trainingProgress', step('request-1', 0.25));
  hear('trainingProgress', step('another', 0.9));
  hear('trainingProgress', step('request-1', 0.5));
  // Versions may change in the middle: it is still under way.
  hear('trainingChanged', {});
  assert.equal(task.step?.share, 0.5);
  asked[0]?.end.resolve(done);
  assert.deepEqual(await ended, done);
  assert.equal(task.step, null);
  assert.deepEqual(shares, [0, 0.25, 0.5, null]);
});

test('a view that opens in the middle gets the whole curve, the next training begins with an empty one', async () => {
  const { task, asked, hear } = bench();
  const ended = task.start(order, underWay);
  hear('trainingProgress', step('request-1', 0.25, 3));
  hear('trainingProgress', step('request-1', 0.5, 2));
  assert.deepEqual(
    task.whole?.scalars.map(({ value }) => value),
    [3, 2],
  );
  assert.equal(task.step?.scalars.length, 1);
  asked[0]?.end.resolve(done);
  await ended;
  void task.start(order, underWay);
  assert.deepEqual(task.whole?.scalars, []);
});

test('a second one is refused while the first goes on', async () => {
  const { task, asked } = bench();
  const first = task.start(order, underWay);
  assert.deepEqual(await task.start(order, underWay), { ok: false, failure: underWay });
  assert.equal(asked.length, 1);
  asked[0]?.end.resolve(done);
  assert.equal((await first).ok, true);
});

test('cancelled from the notification or from the view it ends, and the next may begin', async () => {
  const { task, asked } = bench();
  const token = new Emitter<void>();
  const first = task.start(order, underWay, { isCancellationRequested: false, onCancellationRequested: token.event });
  token.fire();
  assert.deepEqual(await first, cancelled);
  const second = task.start(order, underWay);
  assert.equal(task.cancel(), true);
  assert.deepEqual(await second, cancelled);
  assert.equal(asked[1]?.params.requestId, 'request-2');
  assert.equal(task.cancel(), false, 'there is none any more');
});

test('an engine that dies in the middle leaves nothing under way', async () => {
  const { task, asked, hear } = bench();
  const ended = task.start(order, underWay);
  hear('trainingProgress', step('request-1', 0.5));
  asked[0]?.end.reject(new EngineUnavailable('restarting'));
  await assert.rejects(ended, EngineUnavailable);
  assert.equal(task.step, null);
});

test('one in the background is seen too, until it has changed something or its engine is gone', () => {
  const { task, hear, states } = bench();
  hear('trainingProgress', step('background', 0.3));
  assert.equal(task.step?.share, 0.3);
  assert.equal(task.cancel(), false, 'it is not ours to cancel');
  hear('trainingChanged', {});
  assert.equal(task.step, null);
  hear('trainingProgress', step('background', 0.1));
  states.fire({ type: 'restarting' });
  assert.equal(task.step, null);
});
