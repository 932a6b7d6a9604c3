/** What other extensions would bring: a formatter, a rename, completions, and suggestions of their own. */
import * as vscode from 'vscode';
import type { Step } from './session.ts';

let format: ((text: string) => string) | null = null;
let suggestion: string | null = null;
let words: readonly string[] = [];

/** The formatter of this session: the whole document as it would have it. */
export const formatsWith = (formatter: (text: string) => string): Step => ({
  says: '',
  act: async () => {
    format = formatter;
  },
});

/** Another extension suggests `text` at the cursor of this session. */
export const rival = (text: string): Step => ({
  says: '',
  act: async () => {
    suggestion = text;
  },
});

/** What the list of completions holds in this session. */
export const completions = (items: readonly string[]): Step => ({
  says: '',
  act: async () => {
    words = items;
  },
});

/** Nothing of the session before is left. */
export function forgetProviders(): void {
  format = null;
  suggestion = null;
  words = [];
}

/** Registers them all for the sessions' language. */
export function registerProviders(): vscode.Disposable {
  const { languages } = vscode;
  const selector = { language: 'java', scheme: 'file' };
  return vscode.Disposable.from(
    languages.registerDocumentFormattingEditProvider(selector, {
      provideDocumentFormattingEdits: (document) => {
        const text = document.getText();
        const whole = new vscode.Range(document.positionAt(0), document.positionAt(text.length));
        return format ? [vscode.TextEdit.replace(whole, format(text))] : [];
      },
    }),
    languages.registerRenameProvider(selector, {
      provideRenameEdits: (document, position, newName) => {
        const edit = new vscode.WorkspaceEdit();
        const old = document.getText(document.getWordRangeAtPosition(position));
        for (const { index } of document.getText().matchAll(new RegExp(`\\b${old}\\b`, 'g'))) {
          const range = new vscode.Range(document.positionAt(index), document.positionAt(index + old.length));
          edit.replace(document.uri, range, newName);
        }
        return edit;
      },
    }),
    languages.registerCompletionItemProvider(selector, {
      provideCompletionItems: () => words.map((word) => new vscode.CompletionItem(word)),
    }),
    // Registered after Attune’s own, VS Code draws its suggestion first.
    languages.registerInlineCompletionItemProvider(selector, {
      provideInlineCompletionItems: (_document, position) =>
        suggestion === null ? [] : [new vscode.InlineCompletionItem(suggestion, new vscode.Range(position, position))],
    }),
  );
}
