/** What can be done in a session. */
import * as vscode from 'vscode';
import * as ui from '../ui.ts';
import type { Step } from './session.ts';
import type { Stage } from './stage.ts';

const patienceMs = 8_000;

/** Real keys. */
export const press = (...keys: readonly string[]): Step => ({ says: keys.join(' '), act: () => ui.press(...keys) });

/** Real keys, character by character. */
export const types = (text: string): Step => ({
  says: `type “${text.replaceAll('\n', '⏎')}”`,
  act: () => ui.type(text),
});

/** Real keys, and the model has answered what VS Code asks by itself after them. */
export const typesAndIsAnswered = (text: string): Step => ({
  says: `type “${text}”`,
  act: async ({ server }) => {
    const asked = server.next();
    await ui.type(text);
    await (await asked).ended;
  },
});

/** A command of VS Code, as from the palette. */
export const runs = (command: string, ...parameters: readonly unknown[]): Step => ({
  says: command.replace(/^(editor|workbench)\.action\./, ''),
  act: () => vscode.commands.executeCommand(command, ...parameters),
});

/** Anything else, by name. */
export const does = (says: string, act: (stage: Stage) => PromiseLike<unknown>): Step => ({ says, act });

/** Waits until this ghost text is drawn; empty: until there is none. */
export const sees = (drawn: string): Step => ({ says: '', act: (stage) => stage.sees(drawn) });

/** Waits until the newest episode, or the `nth`, was told to be `what`. */
export const told = (what: string, nth?: number): Step => ({ says: '', act: (stage) => stage.told(what, nth) });

/** The model has nothing more to say. */
export const silence: Step = { says: '', act: async (stage) => stage.answer() };

/** A second goes by in which no ghost text comes. */
export const staysAway: Step = {
  says: '',
  act: async (stage) => {
    // The key is pressed before the editor has done what it asks for.
    await stage.sees('');
    const came = await ui.waitFor(ui.ghostText, 'ghost text', 1_000).catch(() => null);
    if (came !== null) throw new Error(`${JSON.stringify(came)} is offered again`);
  },
};

/** Waits until the document contains `text`. */
export const holds = (text: string): Step => ({
  says: '',
  act: (stage) =>
    ui.waitFor(() => stage.text.includes(text), `the document to hold ${JSON.stringify(text)}`, patienceMs),
});

/** Waits until the document does not contain `text` any more. */
export const lacks = (text: string): Step => ({
  says: '',
  act: (stage) =>
    ui.waitFor(() => !stage.text.includes(text), `the document to be without ${JSON.stringify(text)}`, patienceMs),
});

/** Waits for something of VS Code's own to be on the screen. */
export const visible = (selector: string): Step => ({
  says: '',
  act: () => ui.waitFor(() => ui.visible(selector), `${selector} to be visible`, patienceMs),
});
export const hidden = (selector: string): Step => ({
  says: '',
  act: () => ui.waitFor(async () => !(await ui.visible(selector)), `${selector} to be gone`, patienceMs),
});

/** Asks for a suggestion by hand, which the model answers so. */
export const asks = (...answers: readonly string[]): Step => ({
  says: 'ask by hand',
  act: async (stage) => {
    stage.answer(...answers);
    await vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
    if (answers[0] !== undefined) await stage.sees(answers[0]);
    stage.answer();
  },
});

/** The cursor behind the first `marker`, set through the API as a click would. */
export const cursorBehind = (marker: string): Step => ({
  says: `cursor behind “${marker}”`,
  act: (stage) => ui.cursorAfter(stage.editor, marker),
});

/** Copies `text`, which stands in the document, by key, and goes back to where the session begins. */
export const copies = (text: string): Step => ({
  says: `copy “${text}”`,
  act: async (stage) => {
    const { document, editor } = stage;
    const at = document.getText().indexOf(text);
    await ui.select(editor, new vscode.Selection(document.positionAt(at), document.positionAt(at + text.length)));
    await ui.press('Control+C');
    await stage.goHome();
  },
});

/** A second cursor behind `marker`. */
export const secondCursor = (marker: string): Step => ({
  says: `second cursor behind “${marker}”`,
  act: async ({ editor, document }) => {
    const at = document.positionAt(document.getText().indexOf(marker) + marker.length);
    editor.selections = [...editor.selections, new vscode.Selection(at, at)];
    const status = '#status\\.editor\\.selection';
    await ui.waitFor(async () => (await ui.texts(status)).includes('2 selections'), 'two cursors');
  },
});

/** An edit by another extension: `text` in place of the first `old`, here or in another open file. */
export const otherEdits = (old: string, text: string, file?: string): Step => ({
  says: `another extension edits ${file ?? `“${old.split('\n')[0]}”`}`,
  act: async (stage) => {
    const document =
      vscode.workspace.textDocuments.find(({ uri }) => file && uri.path.endsWith(file)) ?? stage.document;
    const at = document.getText().indexOf(old);
    if (at < 0) throw new Error(`${JSON.stringify(old)} is not in the document`);
    const edit = new vscode.WorkspaceEdit();
    edit.replace(document.uri, new vscode.Range(document.positionAt(at), document.positionAt(at + old.length)), text);
    if (!(await vscode.workspace.applyEdit(edit))) throw new Error('The edit was not applied.');
  },
});

export const undo: Step = runs('undo');
export const redo: Step = runs('redo');
export const save: Step = runs('workbench.action.files.save');
