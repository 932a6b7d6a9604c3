import * as vscode from 'vscode';
import type { EngineClient } from '../engine/engineClient.ts';
import { DocumentLedger, type LedgerDocument } from './documentLedger.ts';

const schemes = new Set(['file', 'untitled']);

/** The documents Attune works on. */
export const documentSelector: vscode.DocumentSelector = [...schemes].map((scheme) => ({ scheme }));

const ledgerDocument = (document: vscode.TextDocument): LedgerDocument => ({
  uri: document.uri.toString(),
  path: document.uri.scheme === 'file' ? document.uri.fsPath : null,
  languageId: document.languageId,
  version: document.version,
  eol: document.eol,
  text: () => document.getText(),
});

function undoing(reason: vscode.TextDocumentChangeReason | undefined): 'undo' | 'redo' | undefined {
  switch (reason) {
    case vscode.TextDocumentChangeReason.Undo:
      return 'undo';
    case vscode.TextDocumentChangeReason.Redo:
      return 'redo';
    case undefined:
      return undefined;
  }
}

/**
 * Keeps the engine's copies of shown and edited documents up to date. Nothing leaves before the workspace is trusted.
 * Events reach us in the order VS Code made them, and before the provider calls that follow them.
 */
export class DocumentMirror implements vscode.Disposable {
  readonly #ledger: DocumentLedger;
  readonly #subscriptions: vscode.Disposable[];

  constructor(engine: Pick<EngineClient, 'tell' | 'onWillBeReady' | 'onWillAskAbout' | 'onDidChangeState'>) {
    this.#ledger = new DocumentLedger((method, params) => engine.tell(method, params));
    const { workspace, window } = vscode;
    let connected = false;
    const active = (document: vscode.TextDocument): boolean =>
      connected && workspace.isTrusted && schemes.has(document.uri.scheme);
    const showAll = (): void => {
      const shown = window.visibleTextEditors.map((editor) => editor.document);
      const edited = workspace.textDocuments.filter((document) => document.isDirty);
      for (const document of new Set([...shown, ...edited])) {
        if (active(document)) this.#ledger.ensure(ledgerDocument(document));
      }
    };
    this.#subscriptions = [
      engine.onWillBeReady(() => {
        connected = true;
        this.#ledger.forget();
        showAll();
      }),
      engine.onDidChangeState((state) => {
        if (state.type !== 'ready') connected = false;
      }),
      engine.onWillAskAbout((uri) => {
        const document = workspace.textDocuments.find((open) => open.uri.toString() === uri);
        if (document && active(document)) this.#ledger.ensure(ledgerDocument(document));
      }),
      workspace.onDidGrantWorkspaceTrust(showAll),
      window.onDidChangeVisibleTextEditors(showAll),
      workspace.onDidChangeTextDocument(({ document, contentChanges, reason }) => {
        if (!active(document)) return;
        const changes = contentChanges.map(({ rangeOffset, rangeLength, text }) => ({
          offset: rangeOffset,
          length: rangeLength,
          text,
        }));
        this.#ledger.changed(ledgerDocument(document), changes, undoing(reason));
      }),
      workspace.onDidSaveTextDocument((document) => {
        if (active(document)) this.#ledger.saved(document.uri.toString());
      }),
      workspace.onDidCloseTextDocument((document) => {
        if (active(document)) this.#ledger.closed(document.uri.toString());
      }),
    ];
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }
}
