import * as vscode from 'vscode';

const scheme = 'attune';

/** Read-only documents made of text we have in memory: reports, traces, test results. */
export class VirtualDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #texts = new Map<string, string>();
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #subscriptions: vscode.Disposable[];

  readonly onDidChange = this.#changed.event;

  constructor() {
    this.#subscriptions = [
      vscode.workspace.registerTextDocumentContentProvider(scheme, this),
      // The text of a report may hold code: it goes when its editor goes.
      vscode.workspace.onDidCloseTextDocument((document) => {
        if (document.uri.scheme === scheme) this.#texts.delete(document.uri.path);
      }),
    ];
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#texts.get(uri.path) ?? vscode.l10n.t('This report is gone. Run the command again.');
  }

  /**
   * Shows `text` under `name` (its extension gives the language), refreshing what is open under that name. `beside`: next to what
   * the user works on, who keeps the keyboard.
   */
  async show(name: string, text: string, where: 'here' | 'beside' = 'here'): Promise<vscode.TextEditor> {
    const uri = vscode.Uri.from({ scheme, path: `/${name}` });
    this.#texts.set(uri.path, text);
    this.#changed.fire(uri);
    const document = await vscode.workspace.openTextDocument(uri);
    const place = where === 'beside' ? { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true } : {};
    return vscode.window.showTextDocument(document, { preview: true, ...place });
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#changed.dispose();
  }
}
