import assert from 'node:assert/strict';
import { suite, suiteSetup, suiteTeardown, test } from 'mocha';
import * as vscode from 'vscode';
import { commands, views } from '../../../src/protocol/ids.ts';
import type { FakeServer } from '../../fakes/fakeServer.ts';
import { startOpenaiServer } from '../../fakes/openaiServer.ts';
import { attune, traces } from './attune.ts';
import {
  closeEditors,
  configure,
  cursorAfter,
  ghostText,
  notifications,
  openFile,
  panelText,
  restoreSettings,
  shot,
  type,
  waitFor,
} from './ui.ts';

/** Long enough for a suggestion that should not come: trusted, one is there in well under a second. */
const aWhileMs = 3000;
const aWhile = () => new Promise((resolve) => setTimeout(resolve, aWhileMs));

suite('in Restricted Mode', () => {
  /** What the user has answer wherever they trust. */
  let server: FakeServer;

  suiteSetup(async () => {
    await attune();
    server = await startOpenaiServer();
    await configure({
      'inline.model': 'openai',
      'edit.model': 'openai',
      'openai.baseUrl': `${server.url}/v1`,
      'openai.model': 'demo-coder',
    });
  });
  suiteTeardown(async () => {
    await closeEditors();
    await restoreSettings();
    await server.close();
  });

  test('nothing is read and nothing suggested while typing', async () => {
    assert.equal(vscode.workspace.isTrusted, false);
    const editor = await openFile('src/customers/customerRepository.ts');
    await cursorAfter(editor, 'export class CustomerRepository {\n');
    await type('  async find', 60);
    await aWhile();
    assert.match(editor.document.getText(), /\{\n {2}async find/);
    assert.equal(await ghostText(), '');
    const api = await attune();
    const { workspaceModel } = await api.engine.ask('memoryStats', {});
    assert.equal(workspaceModel.files, 0);
    assert.deepEqual(await traces(), []);
  });

  test('the panel says so, and how to change it', async () => {
    await vscode.commands.executeCommand(`${views.ratings}.focus`);
    const said = await waitFor(() => panelText('.banner.restricted'), 'the banner');
    assert.match(said, /Restricted Mode: nothing new is suggested or learnt/);
    assert.match(said, /Manage/);
    await shot('restricted');
  });

  test('training and edits are refused with what to do about it', async () => {
    await vscode.commands.executeCommand(commands.train);
    await waitFor(
      async () =>
        (await notifications()).some((message) => /Nothing is trained in Restricted Mode\. Trust/.test(message)),
      'why nothing is trained',
    );
    const editor = vscode.window.activeTextEditor ?? (await openFile('src/customers/customerRepository.ts'));
    editor.selection = new vscode.Selection(0, 0, 3, 0);
    await vscode.commands.executeCommand(commands.proposeEdit, { instruction: 'add a comment' });
    await waitFor(
      async () =>
        (await notifications()).some((message) => /This workspace is in Restricted Mode\. Trust/.test(message)),
      'why no edit is proposed',
    );
  });

  test('no server was asked', () => {
    assert.deepEqual(server.requests, []);
  });
});
