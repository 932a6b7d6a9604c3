import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, suiteSetup, suiteTeardown, test } from 'mocha';
import * as vscode from 'vscode';
import { commands } from '../../../src/protocol/ids.ts';
import { attune, episodes, workspaceRead } from './attune.ts';
import { closeEditors, createFile, cursorAfter, type, waitFor } from './ui.ts';

suite('the memory', () => {
  let folder: string;
  let file: vscode.Uri;

  suiteSetup(async () => {
    await attune();
    await workspaceRead();
    const editor = await createFile('src/plain.ts', "import { MemoryDatabase } from './shared/database.js';\n\n");
    await cursorAfter(editor, "database.js';\n\n");
    await type('const database = new Mem', 60);
    await waitFor(async () => (await episodes()).length > 0, 'a suggestion to have been remembered');
    folder = await mkdtemp(join(tmpdir(), 'attune-export-'));
    file = vscode.Uri.file(join(folder, 'memory.jsonl'));
  });
  suiteTeardown(async () => {
    await closeEditors();
    await rm(folder, { recursive: true, force: true });
  });

  test('export writes everything, delete removes, import brings back what was exported and nothing twice', async () => {
    const api = await attune();
    const before = await episodes();
    await vscode.commands.executeCommand(commands.exportMemory, file);
    const lines = (await readFile(file.fsPath, 'utf8')).trim().split('\n');
    const kinds = lines.slice(1).map((line) => JSON.parse(line).record);
    assert.ok(kinds.filter((kind) => kind === 'episode').length >= before.length);
    assert.ok(kinds.includes('event'));

    const victim = before[0]!.episode.id;
    const deleted = await api.engine.ask('direct', { episodeIds: [victim], use: 'deleted' });
    assert.ok(deleted.ok);
    assert.ok(!(await episodes()).some((card) => card.episode.id === victim));

    await vscode.commands.executeCommand(commands.resetMemory, { confirmed: true });
    await waitFor(async () => (await episodes()).length === 0, 'the memory to be empty');
    const { path } = await api.engine.ask('memoryStats', {});
    assert.ok((await stat(path)).isDirectory());

    await vscode.commands.executeCommand(commands.importMemory, file);
    const after = await waitFor(async () => {
      const cards = await episodes();
      return cards.length === before.length && cards;
    }, 'everything to be back');
    assert.deepEqual(after, before);
    await vscode.commands.executeCommand(commands.importMemory, file);
    assert.deepEqual(await episodes(), before);
  });

  test('what is stored is shown: folder, counts and size', async () => {
    await vscode.commands.executeCommand(commands.showMemoryStats);
    const editor = await waitFor(() => vscode.window.activeTextEditor, 'the report');
    const api = await attune();
    const { path } = await api.engine.ask('memoryStats', {});
    await waitFor(() => editor.document.getText().includes(path), 'the folder to be named');
  });
});
