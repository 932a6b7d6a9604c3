import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  episodeArgument,
  isConfirmed,
  layerArgument,
  modeArgument,
  modelArgument,
  modelForUseArgument,
  nameArgument,
  trainArgument,
} from './arguments.ts';

test('only an explicit yes takes the place of the question before everything is deleted', () => {
  assert.ok(isConfirmed({ confirmed: true }));
  // What menus, keys and views pass to a command.
  for (const given of [undefined, null, true, 'yes', {}, { confirmed: 'true' }, { path: '/a', scheme: 'file' }, []]) {
    assert.ok(!isConfirmed(given), JSON.stringify(given));
  }
});

test('a model is taken from a script only when it is whole', () => {
  assert.deepEqual(modelArgument({ source: 'ollama', id: 'm' }), { source: 'ollama', id: 'm' });
  assert.equal(modelArgument({ source: 'cloud', id: 'm' }), undefined);
  assert.equal(modelForUseArgument({ source: 'ollama', id: 'm' }), undefined);
  assert.equal(modelForUseArgument({ source: 'ollama', id: 'm', use: 'both' })?.use, 'both');
  assert.equal(nameArgument(''), undefined);
  const id = '01890000-0000-7000-8000-000000000001';
  assert.deepEqual([episodeArgument(id), episodeArgument('last'), episodeArgument({ id })], [id, undefined, undefined]);
});

test('a mode for a language is taken only when there is such a mode; null stands for “as everywhere”', () => {
  assert.deepEqual(modeArgument({ languageId: 'rust', mode: null }), { languageId: 'rust', mode: null });
  assert.equal(modeArgument({ mode: 'loud' }), undefined);
  assert.deepEqual(modeArgument({ path: '/a', scheme: 'file' }), {});
});

test('a training is ordered by a key or a script only in its own words; a menu’s context orders nothing', () => {
  const order = { layers: ['selector'], dryRun: true, activate: false };
  assert.deepEqual(trainArgument(order), order);
  assert.deepEqual(trainArgument({ webview: 'attune.ratings', preventDefaultContextMenuItems: true }), {});
  assert.equal(trainArgument({ layers: ['policy'] }), undefined);
  assert.equal(trainArgument({ layers: [] }), undefined);
  assert.deepEqual(
    [layerArgument('rewardModel'), layerArgument({}), layerArgument('all')],
    ['rewardModel', undefined, undefined],
  );
});
