/** Last of its phase: the view is left open for the reload that follows (`trainingView.phase2.test.ts`). */
import assert from 'node:assert/strict';
import { suite, test } from 'mocha';
import * as vscode from 'vscode';
import { commands } from '../../../src/protocol/ids.ts';
import { attune } from './attune.ts';
import { closeEditors, countInTraining, evaluate, shot, trainingTexts, waitFor } from './ui.ts';

/** A served VS Code writes its state every few seconds into the browser; a desktop one does when it is closed. */
const KEPT = `(async () => {
  const names = (await indexedDB.databases()).map(({ name }) => name).filter((name) => name.startsWith('vscode-web-state-db'));
  const values = await Promise.all(names.map((name) => new Promise((resolve, reject) => {
    const opening = indexedDB.open(name);
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const reading = opening.result.transaction('ItemTable').objectStore('ItemTable').getAll();
      reading.onsuccess = () => { opening.result.close(); resolve(JSON.stringify(reading.result)); };
    };
  })));
  return names.length === 0 || values.some((value) => value.includes('mainThreadWebview-attune.training'));
})()`;

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
    await waitFor(() => evaluate('.monaco-workbench', KEPT), 'VS Code to have written down which editors are open');
  });
});
