import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainL10n } from '../platform/l10n.ts';
import { hostModelFailure } from './hostModelFailure.ts';

test('each way VS Code’s models fail tells the user something to do', () => {
  const reasons = ['NoPermissions', 'Blocked', 'NotFound', 'Unknown'].map((code) => {
    const { reason, message, nextStep } = hostModelFailure(code, plainL10n);
    assert.ok(message.length > 10 && nextStep.length > 3, code);
    return reason;
  });
  assert.deepEqual(reasons, ['unauthorized', 'rateLimited', 'modelMissing', 'other']);
});
