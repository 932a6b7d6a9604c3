import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { evaluateWorkspaceModel } from './workspaceModel.ts';

const folder = join(import.meta.dirname, '..', '..', 'engine');

test('on real source the model saves typing, says how sure it is, and repeats itself exactly', async () => {
  const evaluate = (maxFiles: number) => evaluateWorkspaceModel({ folder, maxFiles, places: 240 });
  const [result, again] = [await evaluate(80), await evaluate(80)];
  const [all, , , sure] = result.thresholds;
  assert.ok(result.places > 150);
  // What broken learning would give: nothing offered, or offers right no more often than one in ten.
  assert.ok(all!.charactersPerPlace > 1, JSON.stringify(result.thresholds));
  assert.ok(sure!.right > 0.5 && sure!.offered > 0.1, JSON.stringify(result.thresholds));
  assert.ok(result.calibrationError < 0.2, String(result.calibrationError));
  assert.deepEqual([again.thresholds, again.reliability], [result.thresholds, result.reliability]);
});

test('what other files hold is what helps: with one file only, less is saved', async () => {
  const many = await evaluateWorkspaceModel({ folder: join(folder, 'workspace'), places: 200 });
  const none = await evaluateWorkspaceModel({ folder: join(folder, 'workspace'), places: 200, others: false });
  assert.ok(many.thresholds[0]!.charactersPerPlace > none.thresholds[0]!.charactersPerPlace);
});
