import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { commands, views } from '../../protocol/ids.ts';
import type { PanelProblem, PanelStrings } from '../../protocol/webview.ts';
import { panelHtml } from './html.ts';
import { openEpisode } from './openEpisode.ts';
import { type AskEngine, type PanelCommand, ratingsSession, type Session } from './session.ts';

/** What the rating panel needs of the rest of the client. */
export interface RatingsParts {
  readonly ask: AskEngine;
  /** Episodes, ratings or directives changed. */
  readonly onMemoryChanged: vscode.Event<unknown>;
  /** What stands in the way (engine down, workspace not trusted); null when all is well. */
  readonly problem: () => PanelProblem | null;
  readonly onProblemChanged: vscode.Event<unknown>;
  /** What the file holds now where this episode's proposal stood; null when it can't be told. */
  readonly currentText: (episodeId: string) => Promise<string | null>;
  /** The cap of the memory, in bytes. */
  readonly capBytes: () => number;
  /** The panel's words in the user's language; English where one is missing. */
  readonly strings: PanelStrings;
  readonly log: Pick<vscode.LogOutputChannel, 'debug' | 'warn'>;
}

/** The sidebar view "Ratings". Its page lives only while it is visible: the engine keeps the truth, the page the drafts. */
export class RatingsView implements vscode.WebviewViewProvider, vscode.Disposable {
  readonly #parts: RatingsParts;
  readonly #assets: vscode.Uri;
  readonly #subscriptions: vscode.Disposable[] = [];
  #view: { readonly session: Session; readonly shown: () => boolean } | null = null;
  /** Asked for before there was a view. */
  #toReveal: { readonly episodeId: string | undefined } | null = null;

  /** `extensionUri`: the folder that holds `dist/webview/`. */
  constructor(parts: RatingsParts, extensionUri: vscode.Uri) {
    this.#parts = parts;
    this.#assets = vscode.Uri.joinPath(extensionUri, 'dist', 'webview');
    const refresh = (): void => {
      // A hidden view has no page; it asks anew when it is shown.
      if (this.#view?.shown()) this.#view.session.refresh();
    };
    this.#subscriptions.push(parts.onMemoryChanged(refresh), parts.onProblemChanged(refresh));
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    const { webview } = view;
    const { ask, problem, capBytes, currentText, log } = this.#parts;
    webview.options = { enableScripts: true, localResourceRoots: [this.#assets] };
    const session = ratingsSession({
      ask,
      problem,
      capBytes,
      currentText,
      log,
      post: (message) => void webview.postMessage(message),
      open: openEpisode,
      run: runCommand,
      showTrace: (episodeId) => void vscode.commands.executeCommand(commands.showTrace, episodeId),
      later: (task, delayMs) => void setTimeout(task, delayMs),
      silentEngine: vscode.l10n.t('The engine does not answer. What you see may be out of date.'),
    });
    const messages = webview.onDidReceiveMessage((message: unknown) => {
      session.handle(message).catch((error: unknown) => log.warn(`Rating panel: ${String(error)}`));
    });
    this.#view = { session, shown: () => view.visible };
    const visibility = view.onDidChangeVisibility(() => (view.visible ? session.refresh() : session.hidden()));
    view.onDidDispose(() => {
      messages.dispose();
      visibility.dispose();
      if (this.#view?.session === session) this.#view = null;
    });
    webview.html = panelHtml({
      cspSource: webview.cspSource,
      nonce: randomBytes(16).toString('hex'),
      scriptUri: this.#asset(webview, 'ratings.js'),
      styleUri: this.#asset(webview, 'ratings.css'),
      language: vscode.env.language,
      title: vscode.l10n.t('Ratings'),
      strings: this.#parts.strings,
    });
    if (this.#toReveal !== null) session.reveal(this.#toReveal.episodeId);
    this.#toReveal = null;
  }

  /** Shows the view, selects this episode (without one, the selection stays), and gives it the keyboard. */
  async reveal(episodeId?: string): Promise<void> {
    if (this.#view) this.#view.session.reveal(episodeId);
    else this.#toReveal = { episodeId };
    await vscode.commands.executeCommand(`${views.ratings}.focus`);
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #asset(webview: vscode.Webview, name: string): string {
    return webview.asWebviewUri(vscode.Uri.joinPath(this.#assets, name)).toString();
  }
}

function runCommand(command: PanelCommand | 'exportMemory'): void {
  const id = command === 'manageTrust' ? 'workbench.trust.manage' : commands[command];
  void vscode.commands.executeCommand(id);
}
