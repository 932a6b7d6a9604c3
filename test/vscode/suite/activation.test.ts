import assert from 'node:assert/strict';
import { suite, suiteSetup, test } from 'mocha';
import * as vscode from 'vscode';
import { commands, views } from '../../../src/protocol/ids.ts';
import { visible, waitFor } from './ui.ts';

suite('activation', () => {
  let extension: vscode.Extension<unknown>;

  suiteSetup(() => {
    const found = vscode.extensions.getExtension('attune.attune');
    assert.ok(found, 'VS Code does not know attune.attune');
    extension = found;
  });

  test('Attune activates by itself after the window has started', async () => {
    await waitFor(() => extension.isActive, 'Attune to be active', 30_000);
  });

  test('every command of the palette, the keys and the menus exists', async () => {
    await extension.activate();
    const known = new Set(await vscode.commands.getCommands(true));
    assert.deepEqual(
      Object.values(commands).filter((command) => !known.has(command)),
      [],
    );
  });

  test('every command a user can find is declared with a title', () => {
    /** Run by VS Code or by a key, never by name. */
    const hidden: readonly string[] = [commands.inlineAccepted, commands.rejectInline];
    const declared: readonly { command: string; title: string }[] = extension.packageJSON.contributes.commands;
    const titled = new Set(declared.filter((entry) => entry.title !== '').map((entry) => entry.command));
    assert.deepEqual(
      Object.values(commands).filter((command) => !hidden.includes(command) && !titled.has(command)),
      [],
    );
  });

  test('the rating panel opens from its icon in the activity bar', async () => {
    await vscode.commands.executeCommand(`${views.ratings}.focus`);
    await waitFor(() => visible('iframe.webview.ready[src*="extensionId=attune.attune"]'), 'the rating panel');
  });
});
