import assert from 'node:assert/strict';
import { suite, suiteSetup, suiteTeardown, test } from 'mocha';
import * as vscode from 'vscode';
import { commands, views } from '../../../src/protocol/ids.ts';
import type { FakeServer } from '../../fakes/fakeServer.ts';
import { startOpenaiServer } from '../../fakes/openaiServer.ts';
import { episode, episodes } from './attune.ts';
import {
  attributeInPanel,
  clickInPanel,
  closeEditors,
  configure,
  countInPanel,
  createFile,
  focusInPanel,
  notifications,
  panelText,
  press,
  restoreSettings,
  select,
  shot,
  text,
  type,
  valueInPanel,
  waitFor,
} from './ui.ts';

const source = (name: string): string => `export async function load${name}(id: string) {
  const found = repository.find(id);
  return found;
}
`;
const line = '  const found = repository.find(id);';
const card = (name: string): string => `article.card[aria-label^="load${name}.ts"]`;
const ratingOf = async (name: string) =>
  (await episodes()).find((one) => one.episode.file === `src/load${name}.ts`)?.rating ?? null;

/** Whether the edit in loadCustomer.ts was an example for the one in load`name`.ts. */
async function usedCustomer(name: string): Promise<boolean> {
  const cards = await episodes();
  const of = (entity: string) => cards.find((one) => one.episode.file === `src/load${entity}.ts`)?.episode;
  return of(name)!.examples.some(({ episodeId }) => episodeId === of('Customer')!.id);
}

suite('the rating panel', () => {
  let server: FakeServer;

  async function propose(name: string, answer: string): Promise<void> {
    server.script = () => ({ kind: 'text', deltas: [answer] });
    const editor = await createFile(`src/load${name}.ts`, source(name));
    const start = editor.document.positionAt(source(name).indexOf(line));
    await select(editor, new vscode.Selection(start, start.translate(0, line.length)));
    await vscode.commands.executeCommand(commands.proposeEdit, { instruction: 'await it and handle the missing one' });
    await waitFor(async () => /Proposal 1/.test(await text('.review-widget')), 'the proposal');
    await press('Control+Enter');
    await episode(
      (one) => one.episode.file === `src/load${name}.ts` && one.outcome.type === 'accepted',
      'the acceptance to be remembered',
    );
  }
  const focusPanel = async (name: string): Promise<void> => {
    await vscode.commands.executeCommand(`${views.ratings}.focus`);
    await clickInPanel(`${card(name)} .head`);
    await waitFor(() => countInPanel(`${card(name)}.selected`), `the card of load${name}.ts to be selected`);
  };

  suiteSetup(async () => {
    server = await startOpenaiServer();
    await configure({ 'edit.model': 'openai', 'openai.baseUrl': `${server.url}/v1`, 'openai.model': 'demo-coder' });
    await propose('Payment', '  const payment = (await repository.find(id)) ?? null;');
    await propose('Customer', '  const GOOD = await repository.find(id);\n  if (!GOOD) return null;');
    await propose('Product', '  const BAD = repository.findSync(id)!;');
  });
  suiteTeardown(async () => {
    await closeEditors();
    await restoreSettings();
    await server.close();
  });

  test('a click on 👍 is stored and acknowledged', async () => {
    await focusPanel('Customer');
    await clickInPanel(`${card('Customer')} .form .toggle.up`);
    await waitFor(async () => (await ratingOf('Customer'))?.thumb === 'up', 'the thumb to be stored');
    await waitFor(() => countInPanel(`${card('Customer')} .status.saved`), 'the panel to say so');
    await shot('panel');
  });

  test('the slider is moved by keyboard and stored', async () => {
    await focusInPanel(`${card('Customer')} input[type=range]`);
    await press('End');
    await waitFor(async () => (await ratingOf('Customer'))?.score === 10, 'the score to be stored');
    await press('ArrowLeft');
    await waitFor(async () => (await ratingOf('Customer'))?.score === 9, 'the next score to be stored');
    assert.equal((await ratingOf('Customer'))?.thumb, 'up', 'the thumb is kept');
  });

  test('keys move, rate good and bad and 1 to 10, and find the next unrated one', async () => {
    await focusPanel('Product');
    await press('b');
    await waitFor(async () => (await ratingOf('Product'))?.thumb === 'down', 'b to rate it bad');
    await press('3');
    await waitFor(async () => (await ratingOf('Product'))?.score === 3, '3 to be stored');
    await press('n');
    await waitFor(async () => (await countInPanel(`${card('Product')}.selected`)) === 0, 'n to move on');
    const next = await waitFor(() => attributeInPanel('article.card.selected', 'data-id'), 'another card');
    const unrated = (await episodes()).find((one) => one.episode.id === next);
    assert.equal(unrated?.rating ?? null, null);
    await press('ArrowLeft');
    await waitFor(async () => (await attributeInPanel('article.card.selected', 'data-id')) !== next, '← to move');
  });

  test('reasons, a comment and what the file holds now are saved with s', async () => {
    const document = await vscode.workspace.openTextDocument(
      vscode.Uri.joinPath(vscode.workspace.workspaceFolders![0]!.uri, 'src/loadProduct.ts'),
    );
    const edit = new vscode.WorkspaceEdit();
    const at = document.getText().indexOf('findSync(id)!');
    edit.replace(
      document.uri,
      new vscode.Range(document.positionAt(at), document.positionAt(at + 'findSync(id)!'.length)),
      'findOrNull(id)',
    );
    await vscode.workspace.applyEdit(edit);
    await focusPanel('Product');
    await clickInPanel(`${card('Product')} .chip >> text=Wrong style`);
    await clickInPanel(`${card('Product')} textarea.comment`);
    await type('no exclamation marks');
    await clickInPanel(`${card('Product')} button[aria-controls^="wanted-"]`);
    await shot('wanted');
    const filled = await waitFor(
      () => valueInPanel(`${card('Product')} textarea.code`),
      'the file’s text to be filled in',
    );
    assert.equal(filled, '  const BAD = repository.findOrNull(id);');
    await press('Escape');
    await press('s');
    const rating = await waitFor(async () => {
      const stored = await ratingOf('Product');
      return stored?.correction != null && stored;
    }, 'the rating to be stored');
    assert.deepEqual(rating.reasons, ['wrongStyle']);
    assert.equal(rating.comment, 'no exclamation marks');
    assert.equal(rating.correction, '  const BAD = repository.findOrNull(id);');
    assert.equal(rating.thumb, 'down', 'what was rated before is kept');
  });

  test('“Why this?” shows the example, and “never use this again” holds for the next prompt', async () => {
    server.clear();
    await propose('Order', '  const order = await repository.find(id);');
    assert.ok(
      server.requests.some((request) => request.text.includes('GOOD')),
      'the good one was an example',
    );
    await focusPanel('Order');
    await press('w');
    await waitFor(
      async () => /loadCustomer\.ts/.test(await panelText(`${card('Order')} .why`)),
      'the example to be shown',
    );
    assert.match(await panelText(`${card('Order')} .why`), /\d+ %/);
    await shot('why');
    const never = `${card('Order')} .why li:has-text("loadCustomer.ts") button:has-text("Never Use This Again")`;
    await clickInPanel(never);
    await waitFor(
      async () => (await episodes()).find((one) => one.episode.file === 'src/loadCustomer.ts')?.forbidden,
      'it to be forbidden',
    );
    server.clear();
    await propose('Invoice', '  const invoice = await repository.find(id);');
    assert.ok(server.requests.length > 0);
    assert.ok(!(await usedCustomer('Invoice')), 'and is none any more');
  });

  test('t shows how the proposal came about, as a document', async () => {
    await focusPanel('Invoice');
    await press('t');
    const shown = await waitFor(() => {
      const document = vscode.window.activeTextEditor?.document;
      return document?.uri.toString() === 'attune:/trace.md' && document;
    }, 'the trace');
    assert.match(shown.getText(), /^## .*loadInvoice\.ts/m);
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
  });

  test('a rating can be withdrawn, a proposal found and deleted', async () => {
    await focusPanel('Invoice');
    await press('7');
    await waitFor(async () => (await ratingOf('Invoice'))?.score === 7, '7 to be stored');
    await clickInPanel(`${card('Invoice')} .withdraw`);
    await waitFor(async () => (await ratingOf('Invoice')) === null, 'the rating to be withdrawn');
    await clickInPanel(`${card('Invoice')} .head`);
    await press('/');
    await type('loadInvoice');
    await waitFor(async () => (await countInPanel('article.card')) === 1, 'the search to find one');
    await clickInPanel(`${card('Invoice')} .head`);
    await press('Delete');
    await clickInPanel(`${card('Invoice')} .confirm #confirm-delete`);
    await waitFor(async () => (await episodes('loadInvoice')).length === 0, 'it to be deleted');
    await press('/', 'Escape');
    await waitFor(async () => (await countInPanel('article.card')) > 1, 'Escape to clear the search');
    assert.ok(
      (await notifications()).every((message) => !/rat(e|ing)/i.test(message)),
      'nothing asks by toast',
    );
  });
});
