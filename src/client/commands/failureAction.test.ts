import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commands } from '../../protocol/ids.ts';
import { Failure } from '../../protocol/rpc.ts';
import { plainL10n } from '../platform/l10n.ts';
import { failureAction, unavailableFailure } from './failureAction.ts';

const known = new Set<string>([...Object.values(commands), 'workbench.action.openSettings', 'workbench.trust.manage']);

test('every failure the user can act on has a button, and every button runs a command that exists', () => {
  const without = Failure.entries.reason.options.filter((reason) => {
    const action = failureAction(reason, plainL10n);
    if (action) assert.ok(known.has(action.command), action.command);
    return action === null;
  });
  assert.deepEqual(without, ['cancelled', 'readOnly']);
});

test('a rejected key leads to the key, a missing model to the models', () => {
  assert.equal(failureAction('unauthorized', plainL10n)?.command, commands.setApiKey);
  assert.equal(failureAction('modelMissing', plainL10n)?.command, commands.selectModel);
});

test('a command run while the engine is away says what to do, by how it is away', () => {
  assert.match(unavailableFailure('restarting', plainL10n).nextStep, /in a moment/);
  assert.match(unavailableFailure('crashed', plainL10n).nextStep, /Restart/);
});
