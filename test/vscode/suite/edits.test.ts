import assert from 'node:assert/strict';
import { suite, suiteSetup, suiteTeardown, test } from 'mocha';
import * as vscode from 'vscode';
import { commands } from '../../../src/protocol/ids.ts';
import type { FakeReply, FakeServer } from '../../fakes/fakeServer.ts';
import { startOllamaServer } from '../../fakes/ollamaServer.ts';
import { startOpenaiServer } from '../../fakes/openaiServer.ts';
import { attune, episode } from './attune.ts';
import {
  click,
  closeEditors,
  configure,
  createFile,
  press,
  restoreSettings,
  select,
  shot,
  text,
  type,
  visible,
  waitFor,
} from './ui.ts';

const widget = '.review-widget';
const source = `export function priceOf(order: Order): number {
  if (order.items.length > 0) {
    return order.items.reduce((sum, item) => sum + item.price, 0);
  } else {
    return 0;
  }
}
`;
const body = `  if (order.items.length > 0) {
    return order.items.reduce((sum, item) => sum + item.price, 0);
  } else {
    return 0;
  }`;
const better = `  if (order.items.length === 0) return 0;
  return order.items.reduce((sum, item) => sum + item.price, 0);`;
const other = '  return order.items.reduce((sum, { price }) => sum + price, 0);';
const answer = (whole: string, delayMs = 0): FakeReply => ({ kind: 'text', deltas: whole.split(/(?<=\n)/), delayMs });

async function selectBody(file: string): Promise<vscode.TextEditor> {
  const editor = await createFile(file, source);
  const end = editor.document.positionAt(source.indexOf(body) + body.length);
  const start = editor.document.positionAt(source.indexOf(body));
  await select(editor, new vscode.Selection(start, end));
  return editor;
}

const propose = (instruction: string): Thenable<unknown> =>
  vscode.commands.executeCommand(commands.proposeEdit, { instruction });
const shown = async (what: RegExp): Promise<void> => {
  await waitFor(async () => what.test(await text(widget)), `the proposal to show ${what}`);
};

for (const [wire, start, settings] of [
  [
    'OpenAI-compatible',
    startOpenaiServer,
    (url: string) => ({ 'edit.model': 'openai', 'openai.baseUrl': `${url}/v1`, 'openai.model': 'demo-coder' }),
  ],
  [
    'Ollama',
    startOllamaServer,
    (url: string) => ({ 'edit.model': 'ollama', 'ollama.baseUrl': url, 'ollama.model': 'qwen2.5-coder:1.5b' }),
  ],
] as const) {
  const name = wire === 'Ollama' ? 'ollama' : 'openai';
  suite(`requested edits through an ${wire} server`, () => {
    let server: FakeServer;

    suiteSetup(async () => {
      await attune();
      server = await start();
      await configure(settings(server.url));
    });
    suiteTeardown(async () => {
      await closeEditors();
      await restoreSettings();
      await server.close();
    });

    test('proposals are shown as a diff in the file, stepped through, accepted by key, and undone in one step', async () => {
      let nth = 0;
      server.script = () => answer(nth++ === 0 ? better : other, 20);
      const editor = await selectBody(`src/${name}/accepted.ts`);
      await propose('use an early return');
      await shown(/Proposal 1 of 2/);
      await shot(`edit-${name}`);
      const first = (await text(widget)).includes('=== 0');
      await press('Alt+]');
      await shown(/Proposal 2 of 2/);
      await press('Alt+[');
      await shown(/Proposal 1 of 2/);
      await press('Control+Enter');
      const expected = source.replace(body, first ? better : other);
      await waitFor(() => editor.document.getText() === expected, 'the proposal to be in the file');
      await waitFor(async () => !(await visible(widget)), 'the proposal to go');
      assert.equal(await visible('.panel .comments-panel'), false, 'VS Code’s Comments panel stays closed');
      const card = await episode(
        (one) => one.episode.file === `src/${name}/accepted.ts` && one.outcome.type === 'accepted',
        'the acceptance to be remembered',
      );
      assert.equal(card.episode.instruction, 'use an early return');
      await vscode.commands.executeCommand('undo');
      await waitFor(() => editor.document.getText() === source, 'one undo to bring everything back');
      await episode(
        (one) => one.episode.file === `src/${name}/accepted.ts` && one.outcome.type === 'reverted',
        'the undo to be remembered',
      );
    });

    test('a proposal is rejected with a reason, and the reason is stored as a rating', async () => {
      server.script = () => answer(other);
      const editor = await selectBody(`src/${name}/rejected.ts`);
      await propose('use a reduce');
      await shown(/Proposal 1 of 1/);
      await press('Control+Alt+Backspace');
      await waitFor(() => visible('.quick-input-widget'), 'the list of reasons');
      await type('style');
      await press('Enter');
      const card = await episode(
        (one) => one.episode.file === `src/${name}/rejected.ts` && one.rating !== null,
        'the rating to be stored',
      );
      assert.equal(card.outcome.type, 'rejected');
      assert.equal(card.rating?.thumb, 'down');
      assert.deepEqual(card.rating?.reasons, ['wrongStyle']);
      assert.equal(editor.document.getText(), source);
    });

    test('buttons do the same by click, and a reply refines', async () => {
      server.script = () => answer(other);
      const editor = await selectBody(`src/${name}/refined.ts`);
      await propose('use a reduce');
      await shown(/Proposal 1 of 1/);
      server.script = (request) => answer(request.prompt.includes('keep the guard') ? better : 'wrong');
      await vscode.commands.executeCommand(commands.refineEdit, { thread: null, text: 'keep the guard' });
      await shown(/=== 0/);
      await click(`${widget} .action-label.codicon-check`);
      await waitFor(
        () => editor.document.getText() === source.replace(body, better),
        'the refined proposal in the file',
      );
      const card = await episode(
        (one) => one.episode.file === `src/${name}/refined.ts` && one.outcome.type === 'accepted',
        'the refined edit to be remembered',
      );
      assert.ok(card.episode.followUpOf, 'it knows what it refines');
    });

    test('Escape stops a request that is under way', async () => {
      server.script = () => ({ kind: 'hang', after: ['  return'] });
      const editor = await selectBody(`src/${name}/stopped.ts`);
      const arrived = server.next();
      const asked = propose('take for ever');
      const request = await arrived;
      await waitFor(() => visible(widget), 'the proposal');
      await press('Escape');
      await asked;
      assert.equal(await request.ended, 'aborted');
      await waitFor(async () => !(await visible(widget)), 'the proposal to go');
      assert.equal(editor.document.getText(), source);
    });
  });
}
