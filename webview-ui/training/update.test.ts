import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TrainingState } from '../../src/protocol/training.ts';
import type { TrainingStep } from '../../src/protocol/trainingPanel.ts';
import { previewRun, previewTraining } from '../preview/trainingData.ts';
import { persisted, restored } from './persist.ts';
import { type Action, initialState, type Step, type ViewState } from './state.ts';
import { update } from './update.ts';

const now = Date.UTC(2026, 10, 26, 12);
const many = previewTraining(now, 2000);
const [selector3, reward4, selector2, reward3] = many.versions.map(({ id }) => id);

const all = (state: ViewState, ...actions: readonly Action[]): Step =>
  actions.reduce<Step>((step, action) => update(step.state, action), { state, send: [] });
const told = (state: TrainingState): Action => ({ type: 'host', message: { type: 'state', state } });
const running = (requestId: string): TrainingState => ({
  ...many,
  running: { requestId, stage: 'reading', share: 0, secondsLeft: null, startedAt: now },
});
const step = (stage: TrainingStep['stage'], at: number, value: number): TrainingStep => ({
  stage,
  share: 0.5,
  secondsLeft: 10,
  message: '',
  scalars: [{ tag: 'ppo/loss/policy_avg', step: at, value }],
});

test('what waits for a decision is shown first, and its run is asked for once', () => {
  const first = update(initialState, told(many));
  assert.equal(first.state.selected, selector3);
  assert.deepEqual(first.send, [{ type: 'run', id: selector3 }]);
  assert.deepEqual(update(first.state, told(many)).send, []);
});

test('the selection is kept over updates, and let go of when its version is gone', () => {
  const chosen = all(initialState, told(many), { type: 'select', id: reward3! });
  assert.equal(update(chosen.state, told(many)).state.selected, reward3);
  const gone = { ...many, versions: many.versions.filter(({ id }) => id !== reward3) };
  assert.equal(update(chosen.state, told(gone)).state.selected, selector3);
  assert.equal(update(chosen.state, told({ ...many, versions: [] })).state.selected, null);
});

test('a version is never compared with itself, nor with one that is gone', () => {
  const both = all(initialState, told(many), { type: 'select', id: reward4! }, { type: 'compare', id: reward3! });
  assert.equal(both.state.other, reward3);
  assert.deepEqual(both.send, [{ type: 'run', id: reward3 }]);
  assert.equal(update(both.state, { type: 'select', id: reward3! }).state.other, null);
  const gone = { ...many, versions: many.versions.filter(({ id }) => id !== reward3) };
  assert.equal(update(both.state, told(gone)).state.other, null);
});

test('curves are those of the training under way: a new one begins with none, the end clears them', () => {
  const first = all(initialState, told(many), told(running('a')), { type: 'steps', steps: [step('selector', 0, 1)] });
  assert.deepEqual(first.state.curves.points.get('ppo/loss/policy_avg'), [[0, 1]]);
  assert.equal(update(first.state, told(running('a'))).state.curves.points.size, 1);
  assert.equal(update(first.state, told(running('b'))).state.curves.points.size, 0);
  const ended = update(first.state, told(many)).state;
  assert.equal(ended.curves.points.size, 0);
  assert.equal(ended.step, null);
});

test('a step that overtakes the news of its training is not lost', () => {
  const early = all(initialState, told(many), { type: 'steps', steps: [step('selector', 0, 1)] }, told(running('a')));
  assert.equal(early.state.curves.points.size, 1);
});

test('a new stage is announced once, not with every step', () => {
  const one = all(initialState, told(running('a')), { type: 'steps', steps: [step('selector', 0, 1)] });
  assert.deepEqual(one.state.announcement?.what, { type: 'stage', stage: 'selector' });
  const two = update(one.state, { type: 'steps', steps: [step('selector', 1, 1)] });
  assert.equal(two.state.announcement, one.state.announcement);
});

test('when a training ends with versions, they are announced and looked at; without, that it stopped is said', () => {
  const before: TrainingState = { ...running('a'), versions: many.versions.slice(2) };
  const ended = all(initialState, told(before), { type: 'select', id: reward3! }, told(many));
  assert.deepEqual(ended.state.announcement?.what, { type: 'finished', ids: [selector3, reward4] });
  assert.equal(ended.state.selected, selector3);
  const left: TrainingState = {
    ...many,
    unfinished: { at: now, stage: 'selector', why: 'cancelled', finished: ['reading'] },
  };
  const stopped = all(initialState, told(running('a')), { type: 'select', id: reward3! }, told(left));
  assert.deepEqual(stopped.state.announcement?.what, { type: 'stopped' });
  assert.equal(stopped.state.selected, reward3);
});

test('a dry run ends without a version, and is not said to have stopped', () => {
  const { state } = all(initialState, told(running('a')), told(many));
  assert.deepEqual(state.announcement?.what, { type: 'over' });
});

test('after a reload the whole of a training is told before its state: it takes the place of what was kept', () => {
  const kept = restored(
    persisted({ ...initialState, curves: { requestId: 'old', points: new Map([['x', [[0, 1]]]]) } }),
  );
  const { state } = all(kept, { type: 'steps', steps: [step('selector', 0, 1)] }, told(running('new')));
  assert.deepEqual([...state.curves.points.keys()], ['ppo/loss/policy_avg']);
});

test('that another version serves is said', () => {
  const after: TrainingState = {
    ...many,
    versions: many.versions.map((row) => ({ ...row, serving: row.id === selector3 || row.id === reward3 })),
  };
  const { state } = all(initialState, told(many), told(after));
  assert.deepEqual(state.announcement?.what, { type: 'serving', layer: 'selector', id: selector3 });
  assert.notEqual(selector2, selector3);
});

test('Train sends the layers chosen; none chosen sends nothing; Resume takes all that was begun', () => {
  const chosen = all(initialState, told(many), { type: 'layer', layer: 'selector', chosen: false });
  assert.deepEqual(update(chosen.state, { type: 'train', dryRun: true, resume: false }).send, [
    { type: 'train', layers: ['rewardModel'], dryRun: true, resume: false },
  ]);
  const none = update(chosen.state, { type: 'layer', layer: 'rewardModel', chosen: false });
  assert.deepEqual(update(none.state, { type: 'train', dryRun: false, resume: false }).send, []);
  assert.deepEqual(update(none.state, { type: 'train', dryRun: false, resume: true }).send, [
    { type: 'train', layers: ['rewardModel', 'selector'], dryRun: false, resume: true },
  ]);
});

test('discarding asks first, and the question goes away with what it is about', () => {
  const unfinished: TrainingState = {
    ...many,
    unfinished: { at: now, stage: 'selector', why: 'cancelled', finished: ['reading'] },
  };
  const asked = all(initialState, told(unfinished), { type: 'askDiscard' });
  assert.deepEqual(asked.send, []);
  assert.equal(asked.focus, 'discard-now');
  assert.deepEqual(update(asked.state, { type: 'discard' }).send, [{ type: 'discard' }]);
  assert.equal(update(asked.state, told(many)).state.confirmingDiscard, false);
});

test('a failure is shown until it is dismissed or something new is tried; a run that was awaited can be asked for again', () => {
  const failed = all(initialState, told(many), {
    type: 'host',
    message: { type: 'failed', message: 'No.', nextStep: 'Try.' },
  });
  assert.deepEqual(failed.state.failed, { message: 'No.', nextStep: 'Try.' });
  assert.deepEqual(failed.state.runs.get(selector3!), { type: 'failed' });
  assert.deepEqual(update(failed.state, { type: 'loadRun', id: selector3! }).send, [{ type: 'run', id: selector3 }]);
  assert.equal(update(failed.state, { type: 'dismiss' }).state.failed, null);
  assert.equal(update(failed.state, { type: 'train', dryRun: false, resume: false }).state.failed, null);
});

test('cancelling is said until the training is gone, or could not be cancelled', () => {
  const cancelled = all(initialState, told(running('a')), { type: 'cancel' });
  assert.deepEqual(cancelled.send, [{ type: 'cancel' }]);
  assert.equal(cancelled.state.cancelling, true);
  assert.equal(update(cancelled.state, told(running('a'))).state.cancelling, true);
  assert.equal(update(cancelled.state, told(many)).state.cancelling, false);
});

test('what is looked at and the curves so far survive a reload; anything else begins afresh', () => {
  const { state } = all(
    initialState,
    told(running('a')),
    { type: 'steps', steps: [step('selector', 0, 1), step('selector', 1, Number.NaN)] },
    { type: 'select', id: reward3! },
    { type: 'toggle', part: 'skipped' },
    { type: 'host', message: { type: 'run', run: previewRun(many.versions[3]!) } },
  );
  const back = restored(JSON.parse(JSON.stringify(persisted(state))));
  assert.equal(back.selected, reward3);
  assert.ok(back.toggled.has('skipped'));
  assert.deepEqual(back.curves.points.get('ppo/loss/policy_avg'), [
    [0, 1],
    [1, null],
  ]);
  assert.equal(update(back, told(running('a'))).state.curves.points.size, 1);
  assert.equal(restored({ selected: 7 }), initialState);
  assert.equal(restored(undefined), initialState);
});
