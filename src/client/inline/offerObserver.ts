import * as vscode from 'vscode';
import { commands } from '../../protocol/ids.ts';
import type { KeptRanges } from './keptRanges.ts';
import { unix } from './offer.ts';
import type { OfferTracker } from './offerTracker.ts';

/** Text of an open document between two offsets, with `\n`; null when it is not open. */
export function textOf(uri: string, start: number, end: number): string | null {
  const document = vscode.workspace.textDocuments.find((open) => open.uri.toString() === uri);
  return document
    ? unix(document.getText(new vscode.Range(document.positionAt(start), document.positionAt(end))))
    : null;
}

/** Tells the tracker and the kept ranges what happens in the editor; decides nothing. */
export function observeOffers(tracker: OfferTracker, kept: KeptRanges): vscode.Disposable {
  const { workspace, window } = vscode;
  return vscode.Disposable.from(
    workspace.onDidChangeTextDocument(({ document, contentChanges, reason }) => {
      if (contentChanges.length === 0) return;
      const uri = document.uri.toString();
      const changes = contentChanges.map(({ rangeOffset, rangeLength, text }) => ({
        offset: rangeOffset,
        length: rangeLength,
        text,
      }));
      const undo = reason === vscode.TextDocumentChangeReason.Undo;
      if (undo) tracker.settle();
      // First what was kept before this change: the change itself may be an acceptance.
      kept.changed(uri, changes, undo ? 'undo' : 'other');
      tracker.changed(uri, changes);
    }),
    window.onDidChangeTextEditorSelection(({ textEditor, selections }) => {
      const { document } = textEditor;
      const [only] = selections;
      const cursor = selections.length === 1 && only?.isEmpty ? document.offsetAt(only.active) : null;
      tracker.moved(document.uri.toString(), cursor);
    }),
    window.onDidChangeActiveTextEditor((editor) => tracker.focused(editor?.document.uri.toString() ?? null)),
    // The whole window lost the focus: VS Code takes the ghost text away. (That a side bar has it can't be seen.)
    window.onDidChangeWindowState(({ focused }) => {
      if (!focused) tracker.focused(null);
    }),
    workspace.onDidOpenTextDocument((document) => kept.opened(document.uri.toString(), document.getText())),
    workspace.onDidRenameFiles(({ files }) => {
      for (const { oldUri, newUri } of files) kept.renamed(oldUri.toString(), newUri.toString());
      // VS Code opened them under their new names before it told.
      for (const document of workspace.textDocuments) kept.opened(document.uri.toString(), document.getText());
    }),
    workspace.onDidCloseTextDocument((document) => {
      tracker.closed(document.uri.toString());
      kept.closed(document.uri.toString(), document.getText());
    }),
    vscode.commands.registerCommand(commands.inlineAccepted, (episodeId: unknown, candidateId: unknown) => {
      if (typeof episodeId === 'string' && typeof candidateId === 'string') {
        tracker.acceptedByCommand(episodeId, candidateId);
      }
    }),
    vscode.commands.registerCommand(commands.rejectInline, async () => {
      tracker.dismissed();
      await vscode.commands.executeCommand('editor.action.inlineSuggest.hide');
    }),
  );
}
