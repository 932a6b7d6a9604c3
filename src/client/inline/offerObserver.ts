import * as vscode from 'vscode';
import { commands } from '../../protocol/ids.ts';
import type { KeptRanges } from './keptRanges.ts';
import type { OfferTracker } from './offerTracker.ts';

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
      // First what was kept before this change: the change itself may be an acceptance.
      kept.changed(uri, changes, reason === vscode.TextDocumentChangeReason.Undo ? 'undo' : 'other');
      tracker.changed(uri, changes);
    }),
    window.onDidChangeTextEditorSelection(({ textEditor, selections }) => {
      const { document } = textEditor;
      const [only] = selections;
      const cursor = selections.length === 1 && only?.isEmpty ? document.offsetAt(only.active) : null;
      tracker.moved(document.uri.toString(), cursor);
    }),
    window.onDidChangeActiveTextEditor((editor) => tracker.focused(editor?.document.uri.toString() ?? null)),
    workspace.onDidCloseTextDocument((document) => {
      tracker.closed(document.uri.toString());
      kept.closed(document.uri.toString());
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
