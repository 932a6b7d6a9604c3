import assert from 'node:assert/strict';
import { suite, test } from 'mocha';
import * as vscode from 'vscode';
import { commands } from '../../../src/protocol/ids.ts';
import { attune } from './attune.ts';
import { closeEditors, countInTraining, waitFor } from './ui.ts';

suite('the Training view', () => {
  test('is there again after the window was reloaded, with its state, and still only once', async () => {
    await attune();
    await waitFor(async () => (await countInTraining('attune-training h2')) > 0, 'the page to be filled');
    await vscode.commands.executeCommand(commands.openTraining);
    const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
    assert.equal(tabs.filter(({ label }) => label === 'Attune Training').length, 1);
    await closeEditors();
  });
});
