/**
 * What a test sees and does on the screen. Tests run in the extension host, which has no window; each call here is
 * carried out by the side that has it, with real keys and clicks (`test/vscode/host/control.mjs`).
 *
 * Selectors are Playwright's: CSS that reaches into open shadow roots, `text=…`, `role=button[name="…"]`.
 * `…InPanel` means the Ratings view, `…InTraining` the Training view, everything else VS Code's own page.
 */
import * as vscode from 'vscode';

/** Where to click, as fractions of the element's box; the middle by default. */
export interface ClickOptions {
  readonly button?: 'left' | 'right' | 'middle';
  readonly clickCount?: number;
  readonly modifiers?: readonly ('Alt' | 'Control' | 'Meta' | 'Shift')[];
  readonly position?: { readonly x: number; readonly y: number };
}

type Place = 'workbench' | 'panel' | 'training';
interface Target {
  readonly selector: string;
  readonly place: Place;
  /** Of several matches, this one; the first by default. */
  readonly nth?: number | undefined;
}
type Request =
  | ({ readonly action: 'click'; readonly options: ClickOptions } & Target)
  | ({ readonly action: 'hover' | 'focus' | 'text' | 'texts' | 'count' | 'visible' | 'value' } & Target)
  | ({ readonly action: 'fill'; readonly text: string } & Target)
  | ({ readonly action: 'attribute'; readonly name: string } & Target)
  | ({ readonly action: 'evaluate'; readonly expression: string } & Target)
  | { readonly action: 'focused'; readonly place: Place }
  | { readonly action: 'press'; readonly key: string }
  | { readonly action: 'type'; readonly text: string; readonly delayMs: number }
  | { readonly action: 'shot'; readonly name: string }
  | { readonly action: 'phase' | 'alive' }
  | { readonly action: 'print'; readonly text: string }
  | { readonly action: 'done'; readonly report: PhaseReport };

/** What one phase of the suite came to. */
export interface PhaseReport {
  readonly phase: number;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly failures: readonly { readonly title: string; readonly message: string }[];
}

/** Sends one request to the window's side. Throws with that side's reason when it could not be done. */
export async function control(request: Request): Promise<unknown> {
  const url = process.env.ATTUNE_TEST_CONTROL;
  if (!url) throw new Error('These tests are started with: node test/vscode/run.mjs');
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(request) });
  const answer = (await response.json()) as { ok: true; value: unknown } | { ok: false; message: string };
  if (!answer.ok) {
    const what = 'selector' in request ? ` ${request.selector} (${request.place})` : '';
    throw new Error(`${request.action}${what}: ${answer.message}`);
  }
  return answer.value;
}

const at = (place: Place, selector: string, nth?: number): Target => ({ place, selector, nth });

/** Waits for the element and clicks it. */
export async function click(selector: string, options: ClickOptions = {}, nth?: number): Promise<void> {
  await control({ action: 'click', ...at('workbench', selector, nth), options });
}
export async function clickInPanel(selector: string, options: ClickOptions = {}, nth?: number): Promise<void> {
  await control({ action: 'click', ...at('panel', selector, nth), options });
}
export async function hover(selector: string, nth?: number): Promise<void> {
  await control({ action: 'hover', ...at('workbench', selector, nth) });
}
export async function focusInPanel(selector: string, nth?: number): Promise<void> {
  await control({ action: 'focus', ...at('panel', selector, nth) });
}
/** Replaces what stands in an input or textarea. */
export async function fillInPanel(selector: string, text: string, nth?: number): Promise<void> {
  await control({ action: 'fill', ...at('panel', selector, nth), text });
}

/** Presses a key or chord where the focus is: `Tab`, `Control+Enter`, `ArrowRight`. */
export async function press(...keys: readonly string[]): Promise<void> {
  for (const key of keys) await control({ action: 'press', key });
}
/** Types where the focus is, key by key. */
export async function type(text: string, delayMs = 0): Promise<void> {
  await control({ action: 'type', text, delayMs });
}

/** Waits for the element and reads its text as shown. */
export async function text(selector: string, nth?: number): Promise<string> {
  return (await control({ action: 'text', ...at('workbench', selector, nth) })) as string;
}
export async function panelText(selector: string, nth?: number): Promise<string> {
  return (await control({ action: 'text', ...at('panel', selector, nth) })) as string;
}
/** The texts of all that match now, without waiting. */
export async function texts(selector: string): Promise<readonly string[]> {
  return (await control({ action: 'texts', ...at('workbench', selector) })) as string[];
}
export async function panelTexts(selector: string): Promise<readonly string[]> {
  return (await control({ action: 'texts', ...at('panel', selector) })) as string[];
}
/** How many match now, without waiting. */
export async function count(selector: string): Promise<number> {
  return (await control({ action: 'count', ...at('workbench', selector) })) as number;
}
export async function countInPanel(selector: string): Promise<number> {
  return (await control({ action: 'count', ...at('panel', selector) })) as number;
}
/** Whether the first match is visible now, without waiting. */
export async function visible(selector: string, nth?: number): Promise<boolean> {
  return (await control({ action: 'visible', ...at('workbench', selector, nth) })) as boolean;
}
export async function visibleInPanel(selector: string, nth?: number): Promise<boolean> {
  return (await control({ action: 'visible', ...at('panel', selector, nth) })) as boolean;
}
export async function attributeInPanel(selector: string, name: string, nth?: number): Promise<string | null> {
  return (await control({ action: 'attribute', ...at('panel', selector, nth), name })) as string | null;
}
/** The value of an input, textarea or select. */
export async function valueInPanel(selector: string, nth?: number): Promise<string> {
  return (await control({ action: 'value', ...at('panel', selector, nth) })) as string;
}
/** A JavaScript expression over `element`; the result must be JSON. */
export async function evaluateInPanel(selector: string, expression: string, nth?: number): Promise<unknown> {
  return control({ action: 'evaluate', ...at('panel', selector, nth), expression });
}
export async function evaluate(selector: string, expression: string, nth?: number): Promise<unknown> {
  return control({ action: 'evaluate', ...at('workbench', selector, nth), expression });
}
/** What has the keyboard inside the panel, as `tag#id "label"`. */
export async function focusedInPanel(): Promise<string> {
  return (await control({ action: 'focused', place: 'panel' })) as string;
}
export async function focused(): Promise<string> {
  return (await control({ action: 'focused', place: 'workbench' })) as string;
}

export async function clickInTraining(selector: string, options: ClickOptions = {}, nth?: number): Promise<void> {
  await control({ action: 'click', ...at('training', selector, nth), options });
}
/** The texts of all that match now, without waiting. */
export async function trainingTexts(selector: string): Promise<readonly string[]> {
  return (await control({ action: 'texts', ...at('training', selector) })) as string[];
}
export async function countInTraining(selector: string): Promise<number> {
  return (await control({ action: 'count', ...at('training', selector) })) as number;
}

/** Takes a screenshot when the run was asked for them (`--shots`). */
export async function shot(name: string): Promise<void> {
  await control({ action: 'shot', name });
}

/** Polls until `predicate` gives something truthy, and returns it; throws naming `what` and the last error. */
export async function waitFor<T>(
  predicate: () => Promise<T> | T,
  what: string,
  limitMs = 15_000,
): Promise<Exclude<T, false | null | undefined | 0 | ''>> {
  const began = performance.now();
  let last: unknown;
  for (;;) {
    try {
      const value = await predicate();
      if (value) return value as Exclude<T, false | null | undefined | 0 | ''>;
      last = value;
    } catch (error) {
      last = error;
    }
    if (performance.now() - began > limitMs) {
      const detail = last instanceof Error ? last.message : JSON.stringify(last);
      throw new Error(`Waited ${limitMs / 1000} s for ${what}; last seen: ${detail}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/**
 * The first line of ghost text is made of spans inside the real line, the others are lines of a view of their own, in
 * which an empty line has no mark.
 */
const READ_GHOST_TEXT = `(() => {
  const first = [...element.querySelectorAll('.ghost-text-decoration, .ghost-text-decoration-preview')];
  const view = element.querySelector('.view-line .ghost-text')?.closest('.view-line').parentElement;
  const more = view ? [...view.children].sort((a, b) => parseFloat(a.style.top) - parseFloat(b.style.top)) : [];
  return [first.map((span) => span.textContent).join(''), ...more.map((line) => line.textContent)].join('\\n');
})()`;

/** Ghost text as shown from the cursor on, lines joined by "\n"; empty when there is none. */
export async function ghostText(): Promise<string> {
  return ((await evaluate('.monaco-workbench', READ_GHOST_TEXT)) as string).replaceAll('\u00a0', ' ');
}

/** Titles of the notifications that are shown. */
export async function notifications(): Promise<readonly string[]> {
  return texts('.notification-toast .notification-list-item-message');
}

/** The texts of an open quick pick or input box's list, top first. */
export async function quickPick(): Promise<readonly string[]> {
  return texts('.quick-input-widget:not(.hidden) .quick-input-list .monaco-list-row .label-name');
}

/** The workspace folder of this run: a copy of `test/fixtures/sample-workspace`. */
export function workspaceFolder(): vscode.Uri {
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (!folder) throw new Error('The run has no workspace folder.');
  return folder.uri;
}

/** Opens a workspace file by its path relative to the folder and gives it the keyboard. */
export async function openFile(file: string): Promise<vscode.TextEditor> {
  return show(await vscode.workspace.openTextDocument(vscode.Uri.joinPath(workspaceFolder(), file)));
}

/** Writes a workspace file and opens it. */
export async function createFile(file: string, content: string): Promise<vscode.TextEditor> {
  const uri = vscode.Uri.joinPath(workspaceFolder(), file);
  await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(content));
  return show(await vscode.workspace.openTextDocument(uri));
}

/** Opens an untitled document. */
export async function openUntitled(content: string, languageId: string): Promise<vscode.TextEditor> {
  return show(await vscode.workspace.openTextDocument({ content, language: languageId }));
}

async function show(document: vscode.TextDocument): Promise<vscode.TextEditor> {
  const editor = await vscode.window.showTextDocument(document, { preview: false, preserveFocus: false });
  await waitFor(
    async () => /^(textarea|div).*|native-edit-context/.test(await focused()),
    'the editor to have the keyboard',
  );
  return editor;
}

/** Puts the cursor at the end of `marker`'s first occurrence. Resolves when the window shows it there: keys go where it is. */
export async function cursorAfter(editor: vscode.TextEditor, marker: string): Promise<vscode.Position> {
  const offset = editor.document.getText().indexOf(marker);
  if (offset < 0) throw new Error(`${JSON.stringify(marker)} is not in the document`);
  const position = editor.document.positionAt(offset + marker.length);
  await select(editor, new vscode.Selection(position, position));
  return position;
}

/** Selects, and waits until the window's status bar says so. */
export async function select(editor: vscode.TextEditor, selection: vscode.Selection): Promise<void> {
  editor.selection = selection;
  editor.revealRange(selection);
  const { line, character } = selection.active;
  const { tabSize } = editor.options;
  const before = editor.document.lineAt(line).text.slice(0, character);
  const column =
    [...before].reduce((at, sign) => (sign === '\t' ? at + Number(tabSize) - (at % Number(tabSize)) : at + 1), 0) + 1;
  const wanted = `Ln ${line + 1}, Col ${column}`;
  await waitFor(
    async () => (await texts('#status\\.editor\\.selection')).some((shown) => shown.startsWith(wanted)),
    `the cursor at ${wanted}`,
  );
}

/** Inserts at the cursor through the API (no keystroke); for keystrokes use `type`. */
export async function insert(editor: vscode.TextEditor, content: string): Promise<void> {
  const done = await editor.edit((edit) => edit.insert(editor.selection.active, content));
  if (!done) throw new Error('The edit was not applied.');
}

/** Closes all editors, throwing unsaved changes away. */
export async function closeEditors(): Promise<void> {
  for (;;) {
    const editor = vscode.window.activeTextEditor;
    if (!editor) break;
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await waitFor(() => vscode.window.activeTextEditor !== editor, 'the editor to close');
  }
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
}

/** Settings that `configure` gave a value. */
const configured = new Set<string>();

/** Sets user settings under `attune.` and waits until they are in force. */
export async function configure(values: Readonly<Record<string, unknown>>): Promise<void> {
  for (const [key, value] of Object.entries(values)) {
    if (value === undefined) configured.delete(key);
    else configured.add(key);
    await vscode.workspace.getConfiguration('attune').update(key, value, vscode.ConfigurationTarget.Global);
  }
}

/** Takes back all that `configure` set. */
export async function restoreSettings(): Promise<void> {
  await configure(Object.fromEntries([...configured].map((key) => [key, undefined])));
}
