import * as vscode from 'vscode';
import { commands } from '../../protocol/ids.ts';
import type { ChangeReason, LifecycleInputs, OpenDocument } from './lifecycleInputs.ts';

function reasonOf(reason: vscode.TextDocumentChangeReason | undefined): ChangeReason {
  switch (reason) {
    case vscode.TextDocumentChangeReason.Undo:
      return 'undo';
    case vscode.TextDocumentChangeReason.Redo:
      return 'redo';
    case undefined:
      return 'other';
  }
}

/** Reads the text only when it is asked for. */
export const openDocument = (document: vscode.TextDocument): OpenDocument => ({
  uri: document.uri.toString(),
  languageId: document.languageId,
  get text() {
    return document.getText();
  },
});

/** Text of an open document between two offsets; null when it is not open. */
export function textOf(uri: string, start: number, end: number): string | null {
  const document = vscode.workspace.textDocuments.find((open) => open.uri.toString() === uri);
  return document ? document.getText(new vscode.Range(document.positionAt(start), document.positionAt(end))) : null;
}

/** Tells what happens in the editor; decides nothing. */
export function observeOffers(inputs: LifecycleInputs): vscode.Disposable {
  const { workspace, window } = vscode;
  let active = window.activeTextEditor;
  return vscode.Disposable.from(
    workspace.onDidChangeTextDocument(({ document, contentChanges, reason }) => {
      if (contentChanges.length === 0) return;
      const uri = document.uri.toString();
      const changes = contentChanges.map(({ rangeOffset, rangeLength, text }) => ({
        offset: rangeOffset,
        length: rangeLength,
        text,
      }));
      inputs.changed(uri, changes, reasonOf(reason));
    }),
    window.onDidChangeTextEditorSelection(({ textEditor, selections }) => {
      const { document } = textEditor;
      const [only] = selections;
      const cursor = selections.length === 1 && only?.isEmpty ? document.offsetAt(only.active) : null;
      inputs.moved(document.uri.toString(), cursor);
    }),
    window.onDidChangeActiveTextEditor((editor) => {
      // The other half of a split editor has the same document, but not the ghost text.
      if (editor !== active && editor?.document === active?.document) inputs.focused(null);
      active = editor;
      inputs.focused(editor?.document.uri.toString() ?? null);
    }),
    // The whole window lost the focus: VS Code takes the ghost text away. (That a side bar has it can't be seen.)
    window.onDidChangeWindowState(({ focused }) => {
      if (!focused) inputs.focused(null);
    }),
    workspace.onDidOpenTextDocument((document) => inputs.opened(openDocument(document))),
    workspace.onDidRenameFiles(({ files }) => {
      for (const { oldUri, newUri } of files) inputs.renamed(oldUri.toString(), newUri.toString());
    }),
    workspace.onDidCloseTextDocument((document) => inputs.closed(document.uri.toString(), document.getText())),
    vscode.commands.registerCommand(commands.inlineAccepted, (episodeId: unknown, candidateId: unknown) => {
      if (typeof episodeId === 'string' && typeof candidateId === 'string') {
        inputs.acceptedByCommand(episodeId, candidateId);
      }
    }),
    vscode.commands.registerCommand(commands.rejectInline, async () => {
      inputs.dismissed();
      await vscode.commands.executeCommand('editor.action.inlineSuggest.hide');
    }),
  );
}
