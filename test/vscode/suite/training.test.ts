/** What can be trained on is found out by training: the runtime's bundle and the native library are where the engine looks. */
import assert from 'node:assert/strict';
import { suite, suiteSetup, teardown, test } from 'mocha';
import * as vscode from 'vscode';
import { commands } from '../../../src/protocol/ids.ts';
import { attune } from './attune.ts';
import { parentOf, processRunning } from './processes.ts';
import { click, closeEditors, notifications, quickPick, shot, waitFor } from './ui.ts';

const label = 'Check What This Machine Can Train On';
const progress = '.notification-toast:has-text("checking what this machine can train on")';
const report = (): vscode.TextEditor | undefined =>
  vscode.window.visibleTextEditors.find(({ document }) => document.uri.path === '/training.md');

/** The process that trains, of this window's engine. */
const runtimeProcess = (): number | null => processRunning('tensorRuntime.mjs');

suite('the check of what can be trained on', () => {
  suiteSetup(async () => {
    await attune();
  });
  teardown(closeEditors);

  test('from the menu: a read-only report in which the CPU works and everything else does or says why not', async function () {
    this.timeout(180_000);
    const menu = vscode.commands.executeCommand(commands.showMenu);
    await waitFor(async () => (await quickPick()).some((entry) => entry.includes(label)), 'the menu');
    await click(`.quick-input-widget .monaco-list-row:has-text("${label}")`);
    await menu;
    const editor = await waitFor(report, 'the report', 170_000);
    const lines = editor.document.getText().split('\n');
    const rows = lines.filter((line) => /^\| .* \| (yes|no) \|/.test(line));
    assert.match(lines.join('\n'), /Training works here\. It would run on \*\*\S/);
    assert.match(rows[0] ?? '', /^\| The CPU \| yes \| [\d.]+ ms for a training step \|$/);
    assert.equal(rows.length, 5, rows.join('\n'));
    for (const row of rows) assert.match(row, /\| yes \| [\d.]+ ms |\| no \| .{10,}\. \|$/);
    assert.doesNotMatch(lines.join('\n'), /undefined|\bat .*:\d+:\d+/);
    assert.equal(editor.document.uri.scheme, 'attune', 'nothing can be typed into it');
    await shot('training-report');
  });

  test('cancelled in its notification it ends at once, a process that hangs too, without a report and without a word', async function () {
    if (process.platform !== 'linux') return this.skip();
    const running = vscode.commands.executeCommand(commands.checkTraining);
    const trainer = await waitFor(runtimeProcess, 'the process of ONNX Runtime');
    process.kill(trainer, 'SIGSTOP');
    await click(`${progress} .monaco-button:has-text("Cancel")`);
    await running;
    assert.equal(parentOf(trainer), null, 'the process is gone');
    assert.equal(runtimeProcess(), null, 'and no other took its place');
    assert.equal(report(), undefined);
    assert.deepEqual(
      (await notifications()).filter((message) => /train|runtime|cancel/i.test(message)),
      [],
    );
  });
});
