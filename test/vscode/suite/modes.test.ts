import assert from 'node:assert/strict';
import { suite, suiteSetup, suiteTeardown, teardown, test } from 'mocha';
import * as vscode from 'vscode';
import { commands } from '../../../src/protocol/ids.ts';
import { attune, forgetAll, traces } from './attune.ts';
import {
  closeEditors,
  count,
  createFile,
  cursorAfter,
  ghostText,
  press,
  quickPick,
  shot,
  type,
  waitFor,
} from './ui.ts';

const started = (entity: string): string => {
  const name = entity.toLowerCase();
  return `import type { Database, Row } from '../shared/database.js';
import { failure, type Result, success } from '../shared/result.js';

export class ${entity}Repository {
  constructor(private readonly database: Database) {}

  async findById(id: string): Promise<Result<${entity}>> {
    const ${name} = await this.database.findOne<${entity}>('${name}s', id);
    if (${name} === undefined) {
      
    }
    return success(${name});
  }
}
`;
};

/** Types where the repositories of the workspace go on in the same way. */
async function typeIn(entity: string): Promise<void> {
  const name = entity.toLowerCase();
  const editor = await createFile(`src/${name}s/${name}Repository.ts`, started(entity));
  await cursorAfter(editor, `if (${name} === undefined) {\n      `);
  await type('return fail', 60);
}

/** A second place, typed at later, that does get its suggestion: by then the first one's would have been asked for. */
async function nothingAskedFor(entity: string, other: string): Promise<void> {
  assert.equal(await ghostText(), '');
  await typeIn(other);
  await waitFor(ghostText, 'ghost text at the other place');
  const file = `src/${entity.toLowerCase()}s/${entity.toLowerCase()}Repository.ts`;
  assert.deepEqual(
    (await traces()).filter((one) => one.file === file),
    [],
  );
}

const setMode = (argument: object): Thenable<unknown> => vscode.commands.executeCommand(commands.selectMode, argument);
const modeOf = (languageId: string) =>
  vscode.workspace.getConfiguration('attune', { languageId }).inspect<string>('inline.mode');
const statusSays = (words: string): Promise<boolean> =>
  count(`#attune\\.attune\\.attune\\.status [aria-label*="${words}"]`).then((found) => found > 0);

suite('modes of inline suggestions', () => {
  suiteSetup(async () => {
    await attune();
  });
  // Suggestions that were not taken in one test make the gate more silent in the next.
  setup(forgetAll);
  teardown(async () => {
    await vscode.commands.executeCommand('editor.action.inlineSuggest.cancelSnooze');
    await setMode({ languageId: 'typescript', mode: null });
    await setMode({ mode: 'normal' });
  });
  suiteTeardown(async () => {
    await closeEditors();
    await vscode.workspace
      .getConfiguration('attune')
      .update('inline.mode', undefined, vscode.ConfigurationTarget.Global);
  });

  test('the picker names the four modes with their effect, marks the current one, and one key changes it', async () => {
    await setMode({ mode: 'subtle' });
    const picked = vscode.commands.executeCommand(commands.selectMode);
    await waitFor(async () => (await quickPick()).length >= 4, 'the picker');
    const names = ['Eager', 'Normal', 'Subtle', 'Manual'];
    assert.deepEqual(
      (await quickPick()).filter((label) => names.includes(label)),
      names,
    );
    const marked = '.quick-input-list .monaco-list-row[aria-label*="current"]';
    assert.equal(await count(marked), 1);
    assert.equal(await count(`${marked}[aria-label*="Subtle"]`), 1);
    assert.equal(await count('.quick-input-list .monaco-list-row[aria-label*="at least 50 % likely"]'), 1);
    await shot('modes');
    await type('eag');
    await press('Enter');
    await picked;
    assert.equal(modeOf('typescript')?.globalValue, 'eager');
  });

  test('the menu shows the mode, and sets it for one language or takes that back', async () => {
    await typeIn('Broker');
    await press('Escape');
    const menu = vscode.commands.executeCommand(commands.showMenu);
    await waitFor(async () => (await quickPick()).some((label) => label.includes('Mode: Normal')), 'the menu');
    await type('mode for typescript');
    await press('Enter');
    await waitFor(async () => (await quickPick())[0] === 'Same as everywhere', 'the picker for TypeScript');
    await type('manual');
    await press('Enter');
    await menu;
    assert.equal(modeOf('typescript')?.globalLanguageValue, 'manual');
    assert.equal(modeOf('python')?.globalLanguageValue, undefined);
    await waitFor(() => statusSays('only when asked for'), 'the status bar to say so');
    await setMode({ languageId: 'typescript', mode: null });
    assert.equal(modeOf('typescript')?.globalLanguageValue, undefined);
    await waitFor(async () => !(await statusSays('only when asked for')), 'the status bar to say no more');
  });

  test('in manual mode nothing is asked for while typing; asked for by hand, the suggestion comes', async () => {
    await setMode({ languageId: 'typescript', mode: 'manual' });
    await typeIn('Grocer');
    await vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
    await waitFor(ghostText, 'the suggestion that was asked for');
    await typeIn('Trader');
    await setMode({ languageId: 'typescript', mode: null });
    await nothingAskedFor('Trader', 'Seller');
  });

  test('while VS Code’s own snooze lasts, nothing is asked for', async () => {
    await vscode.commands.executeCommand('editor.action.inlineSuggest.snooze', 5);
    await typeIn('Dealer');
    await vscode.commands.executeCommand('editor.action.inlineSuggest.cancelSnooze');
    await nothingAskedFor('Dealer', 'Farmer');
  });
});
