import assert from 'node:assert/strict';
import { setup, suite, suiteSetup, suiteTeardown, test } from 'mocha';
import * as vscode from 'vscode';
import { commands } from '../../../src/protocol/ids.ts';
import { attune, episode, episodes } from './attune.ts';
import {
  closeEditors,
  configure,
  createFile,
  cursorAfter,
  evaluate,
  ghostText,
  press,
  select,
  shot,
  texts,
  type,
  visible,
  waitFor,
} from './ui.ts';

/** Every text that a decoration puts behind code, as the window shows it. */
const READ_DECORATIONS = `[...element.querySelectorAll('.monaco-editor .view-line span')]
  .map((span) => getComputedStyle(span, '::after').content)
  .filter((content) => content.startsWith('"'))
  .map((content) => content.slice(1, -1))
  .join('\\n')`;

async function decorations(): Promise<string> {
  const shown = (await evaluate('.monaco-workbench', READ_DECORATIONS)) as string;
  return shown.replaceAll('\u00a0', ' ').replaceAll('\\"', '"');
}
const drawn = (what: string): Promise<unknown> =>
  waitFor(async () => (await decorations()).split('\n').includes(what), `“${what}” to be drawn`);
const gone = (): Promise<unknown> =>
  waitFor(async () => (await texts('#attune\\.attune\\.attune\\.nextEdit')).length === 0, 'the offer to be gone');

/** Replaces `from` by typing `to`, key by key, as somebody does who changes it by hand. */
async function retype(editor: vscode.TextEditor, from: string, to: string): Promise<void> {
  const offset = editor.document.getText().indexOf(from);
  assert.ok(offset >= 0, `${from} is in the file`);
  const start = editor.document.positionAt(offset);
  const end = editor.document.positionAt(offset + from.length);
  await select(editor, new vscode.Selection(start, end));
  await type(to, 30);
  await waitFor(() => editor.document.getText().startsWith(to, offset), `${to} to be typed`);
}

const textOf = (editor: vscode.TextEditor): string => editor.document.getText().replaceAll('\r\n', '\n');
const became = (editor: vscode.TextEditor, wanted: string): Promise<unknown> =>
  waitFor(() => textOf(editor) === wanted || assert.fail(textOf(editor)), 'the file to be as wanted');
const fate = (file: string, what: string, reason?: string) =>
  episode(
    (card) =>
      card.episode.kind === 'nextEdit' &&
      card.episode.file === file &&
      card.outcome.type === what &&
      (reason === undefined || card.outcome.reason === reason),
    `an offer in ${file} to be remembered as ${what}`,
  );

const people = `export function greet(userName: string): string {
  const known = find(userName);
  if (known) return known.greeting;
  return \`Hello, \${userName}\`;
}
`;

suite('the same change elsewhere', () => {
  suiteSetup(async () => {
    await attune();
    // Ghost text has its own tests; here Tab must have one meaning.
    await configure({ 'inline.enabled': false });
  });
  suiteTeardown(async () => {
    await configure({ 'inline.enabled': undefined, 'nextEdit.enabled': undefined });
    await closeEditors();
  });
  setup(async () => {
    await closeEditors();
    await vscode.commands.executeCommand(commands.resetMemory, { confirmed: true });
  });

  test('a renamed part of a name goes on with Tab, place after place, and undo of one is remembered as a reversal', async () => {
    const file = 'src/people/greet.ts';
    const editor = await createFile(file, people);
    await retype(editor, 'user', 'customer');
    await drawn('customerName');
    await shot('next-edit');
    await press('Tab');
    await became(editor, people.replace('userName', 'customerName').replace('userName', 'customerName'));
    await drawn('customerName');
    await press('Tab');
    await became(editor, people.replaceAll('userName', 'customerName'));
    await gone();
    const cards = await waitFor(async () => {
      const all = (await episodes()).filter(({ episode: one }) => one.kind === 'nextEdit' && one.file === file);
      return all.every(({ outcome }) => outcome.type === 'accepted') && all.length === 2 ? all : null;
    }, 'both acceptances to be remembered');
    assert.deepEqual(
      cards.map(({ episode: one }) => [one.before, one.candidates[0]?.text, one.propensity]),
      [
        ['userName', 'customerName', 1],
        ['userName', 'customerName', 1],
      ],
    );
    await press('Control+z');
    await became(editor, people.replace('userName', 'customerName').replace('userName', 'customerName'));
    await fate(file, 'reverted');
    assert.equal((await episodes()).filter(({ outcome }) => outcome.type === 'reverted').length, 1);
  });

  test('the new shape of a call is offered below, in Python too', async () => {
    const source =
      'def run(paths):\n    first = load(paths[0])\n    rest = [load(path) for path in paths[1:]]\n    return first, rest\n';
    const editor = await createFile('scripts/run.py', source);
    await cursorAfter(editor, 'load(paths[0]');
    await type(', mode', 30);
    await drawn(', mode');
    await shot('next-edit-call');
    await press('Tab');
    await became(editor, source.replace('paths[0]', 'paths[0], mode').replace('load(path)', 'load(path, mode)'));
  });

  test('out of sight and in another open file Tab goes there first, and takes it with the second press', async () => {
    const filler = Array.from({ length: 120 }, (_, line) => `// ${line}\n`).join('');
    const other = await createFile('src/people/other.ts', 'export const label = (userName: string) => userName;\n');
    const source = `export let userName = '';\n${filler}export const last = () => userName;\n`;
    const editor = await createFile('src/people/long.ts', source);
    await retype(editor, 'user', 'customer');
    await drawn('Tab: same change in line 122');
    await shot('next-edit-hint');
    await press('Tab');
    await waitFor(() => editor.selection.active.line === 121, 'the cursor at the place');
    assert.ok(textOf(editor).includes('=> userName;'), 'the first Tab only goes there');
    await drawn('customerName');
    await press('Tab');
    await became(editor, source.replaceAll('userName', 'customerName'));
    await drawn('Tab: same change in other.ts:1');
    await shot('next-edit-other-file');
    await press('Tab');
    await waitFor(() => vscode.window.activeTextEditor?.document === other.document, 'the other file to be active');
    await drawn('customerName');
    await press('Tab');
    await waitFor(
      () => other.document.getText().includes('(customerName: string) => userName'),
      'the first place there',
    );
    await drawn('customerName');
    await press('Tab');
    await waitFor(() => !other.document.getText().includes('userName'), 'the second place there');
    await gone();
  });

  test('Escape dismisses it, and it does not come back', async () => {
    const file = 'src/people/dismissed.ts';
    const editor = await createFile(file, people);
    await retype(editor, 'user', 'customer');
    await drawn('customerName');
    await press('Escape');
    await gone();
    const card = await fate(file, 'rejected', 'escape');
    assert.ok(card.episode.candidates.length === 1);
    // The next change is a change of its own; what was dismissed stays dismissed.
    await cursorAfter(editor, 'known.greeting');
    await type('s', 30);
    await waitFor(() => textOf(editor).includes('known.greetings'), 'the key to be typed');
    await retype(editor, 'Hello', 'Welcome');
    await waitFor(async () => (await decorations()) === '', 'nothing to be drawn');
    const offers = (await episodes()).filter(({ episode: one }) => one.kind === 'nextEdit');
    assert.equal(offers.length, 1);
  });

  test('Tab indents when nothing is offered, and in the indentation of a line while something is', async () => {
    const editor = await createFile('src/people/indent.ts', people);
    await cursorAfter(editor, 'if (known) return known.greeting;');
    await press('Enter');
    await press('Tab');
    await waitFor(() => /greeting;\n {4}\n/.test(textOf(editor)), 'an indented line');
    await retype(editor, 'user', 'customer');
    await drawn('customerName');
    await cursorAfter(editor, 'return known');
    await press('Tab');
    await waitFor(() => /find\(customerName\)/.test(textOf(editor)), 'the change, made from another place');
    await drawn('customerName');
    await cursorAfter(editor, 'find(customerName);\n  ');
    await press('Tab');
    await waitFor(() => /customerName\);\n {4}if/.test(textOf(editor)), 'more indentation');
    assert.match(textOf(editor), /\{userName\}/);
  });

  test('Tab belongs to the suggest widget and to a snippet while they are open', async () => {
    const editor = await createFile('src/people/widget.ts', people);
    await retype(editor, 'user', 'customer');
    await drawn('customerName');
    await cursorAfter(editor, 'return known.greeting;');
    await press('Enter');
    await type('gree', 30);
    await vscode.commands.executeCommand('editor.action.triggerSuggest');
    await waitFor(() => visible('.suggest-widget.visible .monaco-list-row.focused'), 'the suggest widget');
    await drawn('customerName');
    await press('Tab');
    await waitFor(() => /\n +greet(ing)?\n/.test(textOf(editor)), 'Tab to take the widget’s item');
    assert.match(textOf(editor), /find\(userName\)/);
    await press('Enter');
    const snippet = ['{1:one}(', '{2:two})'].map((part) => `$${part}`).join('');
    await vscode.commands.executeCommand('editor.action.insertSnippet', { snippet });
    await drawn('customerName');
    await press('Tab');
    await type('three', 30);
    await waitFor(() => textOf(editor).includes('one(three)'), 'Tab to go to the snippet’s next gap');
    await drawn('customerName');
    assert.match(textOf(editor), /find\(userName\)/);
  });

  test('all places of the file at once are one step to undo', async () => {
    const file = 'src/people/all.ts';
    const editor = await createFile(file, people + people);
    await retype(editor, 'user', 'customer');
    await drawn('customerName');
    const once = textOf(editor);
    await vscode.commands.executeCommand(commands.acceptAllNextEdits);
    await became(editor, (people + people).replaceAll('userName', 'customerName'));
    await waitFor(
      async () => (await episodes()).filter(({ outcome }) => outcome.type === 'accepted').length === 5,
      'five acceptances to be remembered',
    );
    await press('Control+z');
    await became(editor, once);
  });

  test('typing over the place, or going on with the change, takes it away; turned off, nothing is offered', async () => {
    const file = 'src/people/typed.ts';
    const editor = await createFile(file, people);
    await retype(editor, 'user', 'customer');
    await drawn('customerName');
    await cursorAfter(editor, 'find(userName');
    await type('s', 30);
    await fate(file, 'ignored', 'typedPast');
    await configure({ 'nextEdit.enabled': false });
    const off = 'src/people/off.ts';
    const quiet = await createFile(off, people);
    await retype(quiet, 'user', 'customer');
    await configure({ 'nextEdit.enabled': undefined });
    const on = await createFile('src/people/on.ts', people);
    await retype(on, 'user', 'guest');
    await drawn('guestName');
    assert.deepEqual(await episodes('people/off.ts'), []);
    assert.equal(await ghostText(), '');
  });
});
