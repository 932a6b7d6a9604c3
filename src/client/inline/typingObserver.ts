import * as vscode from 'vscode';
import type { AdaptiveDelay } from './adaptiveDelay.ts';

/** Tells `delay` of every single character that is typed into the active editor. */
export function observeTyping(delay: Pick<AdaptiveDelay, 'typed'>): vscode.Disposable {
  return vscode.workspace.onDidChangeTextDocument(({ document, contentChanges, reason }) => {
    const [change] = contentChanges;
    const single = contentChanges.length === 1 && change?.rangeLength === 0 && change.text.length === 1;
    if (!single || reason !== undefined || document !== vscode.window.activeTextEditor?.document) return;
    delay.typed(document.uri.toString());
  });
}
