/** Last of its phase: the view is left open for the reload that follows (`trainingView.phase2.test.ts`). */
import assert from 'node:assert/strict';
import { suite, test } from 'mocha';
import * as vscode from 'vscode';
import { commands } from '../../../src/protocol/ids.ts';
import { attune } from './attune.ts';
import { closeEditors, countInTraining, shot, trainingTexts, waitFor } from './ui.ts';

suite('the Training view', () => {
  test('opens once, says what there is to learn from, and stays open over a reload', async () => {
    await attune();
    await closeEditors();
    await vscode.commands.executeCommand(commands.openTraining);
    await vscode.commands.executeCommand(commands.openTraining);
    const words = await waitFor(
      async () => (await countInTraining('attune-training h2')) > 0 && (await trainingTexts('attune-training')).join(),
      'the page',
    );
    assert.doesNotMatch(words, /undefined|NaN|\[object/);
    const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
    assert.deepEqual(
      tabs.map(({ label }) => label),
      ['Attune Training'],
    );
    await shot('training-view');
  });
});
