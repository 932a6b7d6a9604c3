import assert from 'node:assert/strict';
import { suite, suiteSetup, suiteTeardown, test } from 'mocha';
import * as vscode from 'vscode';
import { attune, episode, episodes, forgetAll, traces } from './attune.ts';
import { closeEditors, configure, createFile, cursorAfter, ghostText, press, shot, type, waitFor } from './ui.ts';

/** A repository like those of the workspace, with one line missing. */
const startedFor = (entity: string): string => {
  const name = entity.toLowerCase();
  return `import type { Database, Row } from '../shared/database.js';
import { failure, type Result, success } from '../shared/result.js';
import { validate${entity} } from './validate${entity}.js';

export interface ${entity} extends Row {
  readonly name: string;
  readonly country: string;
}

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

// What was dismissed in one test must not make the next one quiet: that is what Attune is for.
suite('suggestions while typing', () => {
  suiteSetup(async () => {
    await attune();
    await forgetAll();
  });
  suiteTeardown(closeEditors);

  test('the workspace model’s ghost text is shown while typing, Tab takes it, and the memory knows', async () => {
    const editor = await createFile('src/suppliers/supplierRepository.ts', startedFor('Supplier'));
    await cursorAfter(editor, 'if (supplier === undefined) {\n      ');
    await type('return fail', 60);
    const ghost = await waitFor(ghostText, 'ghost text');
    assert.match(
      ghost,
      /^ure\(/,
      `the repositories of the workspace go on with failure(…), the ghost text is ${JSON.stringify(ghost)}`,
    );
    await shot('inline');
    const line = editor.selection.active.line;
    await press('Tab');
    await waitFor(
      () => editor.document.lineAt(line).text.includes('return failure('),
      'the suggestion to be in the file',
    );
    const card = await episode(
      (one) => one.episode.kind === 'inline' && one.outcome.type === 'accepted',
      'the acceptance to be remembered',
    );
    assert.equal(card.episode.file, 'src/suppliers/supplierRepository.ts');
    assert.equal(card.episode.candidates[card.episode.offered ?? 0]?.model, 'workspace');
  });

  test('undoing an accepted suggestion is remembered as a reversal', async () => {
    const editor = vscode.window.activeTextEditor;
    assert.ok(editor);
    await vscode.commands.executeCommand('undo');
    await episode(
      (one) => one.episode.kind === 'inline' && one.outcome.type === 'reverted',
      'the reversal to be remembered',
    );
    assert.doesNotMatch(editor.document.getText(), /return failure\(/);
  });

  test('what was undone is not offered again at that place', async () => {
    const editor = vscode.window.activeTextEditor;
    assert.ok(editor);
    const newest = (await traces())[0]?.at;
    await vscode.commands.executeCommand('deleteAllLeft');
    await type('      return fail', 60);
    await waitFor(async () => (await traces())[0]?.at !== newest, 'a request at that place');
    assert.doesNotMatch(await ghostText(), /There is no supplier/);
  });

  test('typing along a suggestion keeps it, typing past it is remembered as ignored', async () => {
    await forgetAll();
    const file = 'src/partners/partnerRepository.ts';
    const editor = await createFile(file, startedFor('Partner'));
    await cursorAfter(editor, 'if (partner === undefined) {\n      ');
    await type('return fail', 60);
    const ghost = await waitFor(ghostText, 'ghost text');
    await type(ghost.slice(0, 3), 60);
    const rest = await waitFor(ghostText, 'the rest of the ghost text');
    assert.equal(rest, ghost.slice(3));
    await type('~~', 60);
    await episode(
      (one) => one.episode.file === file && one.outcome.type === 'ignored',
      'it to be remembered as ignored',
    );
  });

  test('Escape dismisses a suggestion and is remembered as a rejection', async () => {
    await forgetAll();
    const file = 'src/couriers/courierRepository.ts';
    const editor = await createFile(file, startedFor('Courier'));
    await cursorAfter(editor, 'if (courier === undefined) {\n      ');
    await type('return fail', 60);
    await waitFor(ghostText, 'ghost text');
    await press('Escape');
    await waitFor(async () => (await ghostText()) === '', 'the ghost text to go');
    const card = await episode(
      (one) => one.episode.file === file && one.outcome.type === 'rejected',
      'the rejection to be remembered',
    );
    assert.equal(card.outcome.reason, 'escape');
  });

  test('nothing is suggested where it is turned off, nor in an excluded file', async () => {
    await forgetAll();
    // The third place gets its suggestion after the first two were typed: by then theirs would have come.
    const place = 'if (supplier === undefined) {\n      ';
    await configure({ 'inline.enabled': false });
    try {
      const off = await createFile('src/suppliers/off.ts', startedFor('Supplier'));
      await cursorAfter(off, place);
      await type('return fail', 60);
      await vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
      assert.equal(await ghostText(), '');
    } finally {
      await configure({ 'inline.enabled': undefined });
    }
    const secret = await createFile('src/suppliers/supplier.secret.ts', startedFor('Supplier'));
    await cursorAfter(secret, place);
    await type('return fail', 60);
    assert.equal(await ghostText(), '');
    const allowed = await createFile('src/agents/agentRepository.ts', startedFor('Agent'));
    await cursorAfter(allowed, 'if (agent === undefined) {\n      ');
    await type('return fail', 60);
    await waitFor(ghostText, 'ghost text where it is allowed');
    const asked = (await traces()).filter(({ file, prompt }) => /off\.ts$/.test(file) || prompt.includes('secret.ts'));
    assert.deepEqual(asked, []);
    assert.deepEqual(await episodes('supplier.secret'), []);
    assert.deepEqual(await episodes('suppliers/off.ts'), []);
  });
});
