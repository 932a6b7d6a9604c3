import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commands } from '../../protocol/ids.ts';
import { plainL10n } from '../platform/l10n.ts';
import { learningItems } from './menuItems.ts';
import { emptyState, version } from './training.fixture.ts';

const items = (state: typeof emptyState | null) => learningItems({ state, step: null }, plainL10n);

test('the menu says what there is to learn from and whether learning helps', () => {
  const data = { ...emptyState.data, newRatings: 12 };
  assert.deepEqual(
    items({ ...emptyState, data }).map(({ command, description }) => [command, description]),
    [
      [commands.train, '12 new ratings'],
      [commands.openTraining, 'not enough yet: about 140 more'],
    ],
  );
  assert.equal(items({ ...emptyState, data: { ...data, newRatings: 1 } })[0]?.description, '1 new rating');
});

test('undoing is offered exactly when something that was learnt is in use', () => {
  const offered = (serving: boolean) =>
    items({ ...emptyState, versions: [{ ...version, serving }] }).find(({ command }) => command === commands.rollBack);
  assert.equal(offered(false), undefined);
  assert.equal(offered(true)?.description, 'in use: the reward model');
});

test('an engine that does not say in time costs the numbers, not the commands', () => {
  assert.deepEqual(
    items(null).map(({ command }) => command),
    [commands.train, commands.openTraining],
  );
});

test('while a training is under way it can be watched, not begun again', () => {
  const step = { stage: 'selector', share: 0.5, secondsLeft: null, message: '', scalars: [] } as const;
  const [only, ...rest] = learningItems({ state: emptyState, step }, plainL10n);
  assert.deepEqual(rest, []);
  assert.equal(only?.command, commands.openTraining);
  assert.equal(only?.description, 'learning the selector, 50 %');
});
