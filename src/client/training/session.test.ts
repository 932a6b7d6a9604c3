import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ToTrainingPanel, TrainingStep } from '../../protocol/trainingPanel.ts';
import type { PanelProblem } from '../../protocol/webview.ts';
import { type TrainingSession, type TrainingSessionParts, trainingSession } from './session.ts';
import { emptyState, runOf, versionId } from './training.fixture.ts';

const step: TrainingStep = { stage: 'selector', share: 0.5, secondsLeft: 3, message: '', scalars: [] };
const run = runOf('rewardModel', 'promote', 'Better.');
const failure = { reason: 'disk', message: 'The disk is full.', nextStep: 'Free some space.' } as const;
const order = { layers: ['rewardModel'], dryRun: false, resume: false };

interface Bench {
  readonly session: TrainingSession;
  readonly posted: ToTrainingPanel[];
  readonly asked: { readonly method: string; readonly params: unknown }[];
  readonly did: unknown[];
  answers: Record<string, () => unknown>;
  problem: PanelProblem | null;
  step: TrainingStep | null;
  cancellable: boolean;
  trained: () => unknown;
  /** Lets pushes due within so many milliseconds happen. */
  settle(withinMs?: number): Promise<void>;
  types(): string[];
}

function bench(): Bench {
  let due: { task: () => void; delayMs: number }[] = [];
  const it: Bench = {
    session: undefined as never,
    posted: [],
    asked: [],
    did: [],
    problem: null,
    step: null,
    cancellable: true,
    trained: () => ({ ok: true, runs: [run], report: '# Report' }),
    answers: {
      trainingState: () => emptyState,
      trainingRun: () => ({ ok: true, run, report: '# Report' }),
      decideVersion: () => ({ ok: true }),
      rollBack: () => ({ ok: true, serving: null }),
      discardTraining: () => ({ ok: true }),
      cancelTraining: () => ({ ok: true }),
    },
    async settle(withinMs = 100) {
      const now = due.filter(({ delayMs }) => delayMs <= withinMs);
      due = due.filter(({ delayMs }) => delayMs > withinMs);
      for (const { task } of now) task();
      await new Promise((resolve) => setImmediate(resolve));
    },
    types: () => it.posted.map(({ type }) => type),
  };
  const note =
    (name: string) =>
    (...rest: unknown[]): void =>
      void it.did.push([name, ...rest]);
  const session = trainingSession({
    ask: (async (method: string, params: unknown) => {
      it.asked.push({ method, params });
      return it.answers[method]!();
    }) as TrainingSessionParts['ask'],
    post: (message) => it.posted.push(message),
    problem: () => it.problem,
    step: () => it.step,
    start: (async (given: unknown) => {
      it.did.push(['start', given]);
      return it.trained();
    }) as TrainingSessionParts['start'],
    cancel: () => it.cancellable,
    ended: note('ended'),
    showReport: async (report) => note('report')(report),
    openEpisode: async (episodeId) => episodeId === versionId,
    run: note('run'),
    log: { debug: () => {}, warn: (message) => it.did.push(['warn', message]) },
    later: (task, delayMs) => due.push({ task, delayMs }),
    texts: {
      silentEngine: { message: 'The engine is silent.', nextStep: 'Restart it.' },
      episodeGone: { message: 'Gone.', nextStep: '' },
    },
  });
  return Object.assign(it, { session });
}

async function opened(): Promise<Bench> {
  const it = bench();
  await it.session.handle({ type: 'ready' });
  await it.settle();
  it.posted.length = 0;
  it.asked.length = 0;
  return it;
}

test('a page that is ready gets the state, what stands in the way, and the training under way', async () => {
  const it = bench();
  it.step = step;
  it.problem = { kind: 'restricted', message: 'Restricted Mode.' };
  await it.session.handle({ type: 'ready' });
  await it.settle();
  assert.deepEqual(it.posted, [
    { type: 'step', step },
    { type: 'state', state: emptyState },
    { type: 'problem', problem: it.problem },
  ]);
});

test('before a page is there and after it is gone nothing is asked of the engine', async () => {
  const it = bench();
  it.session.refresh();
  it.session.memoryChanged();
  it.session.stepped(step);
  await it.settle(Number.POSITIVE_INFINITY);
  assert.deepEqual([it.asked, it.posted], [[], []]);
  const open = await opened();
  open.session.refresh();
  open.session.hidden();
  await open.settle(Number.POSITIVE_INFINITY);
  assert.deepEqual([open.asked, open.posted], [[], []]);
});

test('typing asks for the state once in two seconds, a changed version at once', async () => {
  const it = await opened();
  for (let key = 0; key < 20; key += 1) it.session.memoryChanged();
  await it.settle(1999);
  assert.deepEqual(it.asked, []);
  it.session.refresh();
  it.session.refresh();
  await it.settle();
  assert.equal(it.asked.length, 1);
  // The slow one that was due is not needed any more.
  await it.settle(Number.POSITIVE_INFINITY);
  assert.equal(it.asked.length, 1);
  it.session.memoryChanged();
  await it.settle(2000);
  assert.equal(it.asked.length, 2);
});

test('a training begun in the view runs as ordered, shows its runs, and is handed on for the question', async () => {
  const it = await opened();
  await it.session.handle({ type: 'train', ...order, secret: 'dropped' });
  await it.settle();
  assert.deepEqual(it.did, [
    ['start', order],
    ['ended', { runs: [run], dryRun: false }],
  ]);
  assert.deepEqual(it.types(), ['run', 'state', 'problem']);
});

test('of a dry run the report is shown at once: nothing is kept that it could be asked of later', async () => {
  const it = await opened();
  await it.session.handle({ type: 'train', ...order, dryRun: true });
  assert.deepEqual(it.did.slice(1), [
    ['report', '# Report'],
    ['ended', { runs: [run], dryRun: true }],
  ]);
});

test('why something did not work is said in the view, with the next step; a cancelled training is no failure', async () => {
  const it = await opened();
  it.trained = () => ({ ok: false, failure });
  await it.session.handle({ type: 'train', ...order });
  it.answers.decideVersion = () => ({ ok: false, failure });
  await it.session.handle({ type: 'decide', id: versionId, decision: 'activate' });
  it.answers.rollBack = () => {
    throw new Error('/home/me/secret');
  };
  await it.session.handle({ type: 'rollBack', layer: 'selector' });
  assert.deepEqual(it.posted, [
    { type: 'failed', message: failure.message, nextStep: failure.nextStep },
    { type: 'failed', message: failure.message, nextStep: failure.nextStep },
    { type: 'failed', message: 'The engine is silent.', nextStep: 'Restart it.' },
  ]);
  assert.doesNotMatch(JSON.stringify(it.did), /secret/, 'a log line holds no path');
  it.posted.length = 0;
  it.trained = () => ({ ok: false, failure: { ...failure, reason: 'cancelled' } });
  await it.session.handle({ type: 'train', ...order });
  assert.deepEqual(it.posted, []);
});

test('versions are decided on, rolled back and forgotten through the engine, and the view sees what came of it', async () => {
  const it = await opened();
  await it.session.handle({ type: 'decide', id: versionId, decision: 'reject' });
  await it.session.handle({ type: 'rollBack', layer: 'rewardModel' });
  await it.session.handle({ type: 'discard' });
  assert.deepEqual(
    it.asked.map(({ method, params }) => [method, params]),
    [
      ['decideVersion', { id: versionId, decision: 'reject' }],
      ['rollBack', { layer: 'rewardModel' }],
      ['discardTraining', {}],
    ],
  );
  await it.settle();
  assert.deepEqual(it.types(), ['state', 'problem']);
});

test('a version’s run goes to the view, its report into the editor', async () => {
  const it = await opened();
  await it.session.handle({ type: 'run', id: versionId });
  assert.deepEqual(it.posted, [{ type: 'run', run }]);
  await it.session.handle({ type: 'report', id: versionId });
  assert.deepEqual(it.did, [['report', '# Report']]);
});

test('a training is cancelled whoever began it: one in the background through the engine', async () => {
  const it = await opened();
  await it.session.handle({ type: 'cancel' });
  assert.deepEqual(it.asked, []);
  it.cancellable = false;
  await it.session.handle({ type: 'cancel' });
  assert.deepEqual(it.asked, [{ method: 'cancelTraining', params: {} }]);
});

test('opening what is forgotten is answered with a reason', async () => {
  const it = await opened();
  await it.session.handle({ type: 'openEpisode', episodeId: versionId });
  assert.deepEqual(it.posted, []);
  await it.session.handle({ type: 'openEpisode', episodeId: '01990000-0000-7000-8000-00000000000b' });
  assert.deepEqual(it.types(), ['failed']);
});

test('what is no message of the protocol reaches neither the engine nor a command', async () => {
  const it = await opened();
  const hostile = [
    null,
    'train',
    { type: 'command', command: 'workbench.action.terminal.sendSequence' },
    { type: 'train', layers: [], dryRun: false, resume: false },
    { type: 'train', layers: ['policy'], dryRun: false, resume: false },
    { type: 'decide', id: '../../etc', decision: 'activate' },
    { type: 'rollBack', layer: 'everything' },
  ];
  for (const message of hostile) await it.session.handle(message);
  await it.session.handle({ type: 'command', command: 'openRatings' });
  assert.deepEqual(it.asked, []);
  assert.deepEqual(
    it.did.filter((one) => !JSON.stringify(one).startsWith('["warn"')),
    [['run', 'openRatings']],
  );
  assert.equal(it.did.length, hostile.length + 1);
});

test('with an engine that is silent the view says so instead of staying empty', async () => {
  const it = bench();
  it.answers.trainingState = () => {
    throw new Error('gone');
  };
  await it.session.handle({ type: 'ready' });
  await it.settle();
  assert.deepEqual(it.posted, [
    { type: 'problem', problem: { kind: 'engineDown', message: 'The engine is silent. Restart it.' } },
  ]);
});
