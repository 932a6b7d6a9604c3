import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { commands, views } from '../../protocol/ids.ts';
import type { PanelProblem, PanelStrings } from '../../protocol/webview.ts';
import type { CommandDeps } from '../commands/deps.ts';
import { panelHtml } from '../ratings/html.ts';
import { openEpisode } from '../ratings/openEpisode.ts';
import { tellOutcome } from './outcome.ts';
import { type TrainingCommand, type TrainingSession, trainingSession } from './session.ts';
import { showReport, underWay } from './train.ts';
import type { TrainingTask } from './trainingTask.ts';

/** What the Training view needs of the rest of the client. */
export interface TrainingParts {
  readonly engine: CommandDeps['engine'];
  readonly training: TrainingTask;
  readonly documents: CommandDeps['documents'];
  readonly problem: () => PanelProblem | null;
  /** The engine or the trust in this workspace changed. */
  readonly onProblemChanged: vscode.Event<unknown>;
  readonly strings: PanelStrings;
  readonly log: vscode.LogOutputChannel;
}

/** How far back an episode that a report names is looked for. */
const newestEpisodes = 500;

/** The Training view: at most one, in the editor area, there again after a reload of the window. */
export class TrainingPanel implements vscode.WebviewPanelSerializer, vscode.Disposable {
  readonly #parts: TrainingParts;
  readonly #extension: vscode.Uri;
  readonly #subscriptions: vscode.Disposable[];
  #open: { readonly panel: vscode.WebviewPanel; readonly session: TrainingSession } | null = null;

  /** `extensionUri`: the folder that holds `dist/webview/` and `media/`. */
  constructor(parts: TrainingParts, extensionUri: vscode.Uri) {
    this.#parts = parts;
    this.#extension = extensionUri;
    this.#subscriptions = [
      vscode.window.registerWebviewPanelSerializer(views.training, this),
      parts.engine.hear('trainingChanged', () => this.#open?.session.refresh()),
      parts.engine.hear('memoryChanged', () => this.#open?.session.memoryChanged()),
      parts.onProblemChanged(() => this.#open?.session.refresh()),
      parts.training.onDidChange((step) => this.#open?.session.stepped(step)),
    ];
  }

  /** Shows the view; the one that is open, if there is one. */
  open(): void {
    if (this.#open) {
      this.#open.panel.reveal();
      return;
    }
    const title = vscode.l10n.t('Attune Training');
    const panel = vscode.window.createWebviewPanel(views.training, title, vscode.ViewColumn.Active, this.#options());
    this.#host(panel);
  }

  /** VS Code brings a view of the last session back. */
  async deserializeWebviewPanel(panel: vscode.WebviewPanel): Promise<void> {
    if (this.#open) panel.dispose();
    else this.#host(panel);
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#open?.panel.dispose();
  }

  #options(): vscode.WebviewPanelOptions & vscode.WebviewOptions {
    return { enableScripts: true, localResourceRoots: [vscode.Uri.joinPath(this.#extension, 'dist', 'webview')] };
  }

  #host(panel: vscode.WebviewPanel): void {
    const { webview } = panel;
    const session = this.#session(webview);
    this.#open = { panel, session };
    const icon = (theme: string): vscode.Uri => vscode.Uri.joinPath(this.#extension, 'media', `attune-${theme}.svg`);
    panel.iconPath = { light: icon('light'), dark: icon('dark') };
    webview.options = this.#options();
    const messages = webview.onDidReceiveMessage((message: unknown) => {
      session
        .handle(message)
        .catch((error: unknown) => this.#parts.log.warn(`Training view: ${error instanceof Error ? error.name : ''}`));
    });
    // Its page lives only while it is visible: shown again, it says that it is ready.
    const visibility = panel.onDidChangeViewState(() => {
      if (!panel.visible) session.hidden();
    });
    panel.onDidDispose(() => {
      session.hidden();
      messages.dispose();
      visibility.dispose();
      if (this.#open?.panel === panel) this.#open = null;
    });
    const asset = (name: string): string =>
      webview.asWebviewUri(vscode.Uri.joinPath(this.#extension, 'dist', 'webview', name)).toString();
    webview.html = panelHtml({
      cspSource: webview.cspSource,
      nonce: randomBytes(16).toString('hex'),
      scriptUri: asset('training.js'),
      styleUri: asset('training.css'),
      language: vscode.env.language,
      title: panel.title,
      strings: this.#parts.strings,
    });
  }

  #session(webview: vscode.Webview): TrainingSession {
    const { l10n } = vscode;
    const { engine, training, documents, problem, log } = this.#parts;
    return trainingSession({
      ask: (method, params, token) => engine.ask(method, params, token),
      post: (message) => void webview.postMessage(message),
      problem,
      step: () => training.whole,
      start: (order) => training.start(order, underWay(l10n)),
      cancel: () => training.cancel(),
      ended: (outcome) => void tellOutcome({ engine, log }, outcome),
      showReport: (report) => showReport({ documents }, report),
      openEpisode: async (episodeId) => {
        const { cards } = await engine.ask('listEpisodes', { query: '', filter: 'all', limit: newestEpisodes });
        const card = cards.find(({ episode }) => episode.id === episodeId);
        if (card) await openEpisode(card);
        return card !== undefined;
      },
      run: runCommand,
      log,
      later: (task, delayMs) => void setTimeout(task, delayMs),
      texts: {
        silentEngine: {
          message: l10n.t('The engine does not answer. What you see may be out of date.'),
          nextStep: l10n.t('Try again in a moment.'),
        },
        episodeGone: {
          message: l10n.t('This proposal is not among the newest {0} any more.', newestEpisodes),
          nextStep: l10n.t('Search for its file in the Ratings view.'),
        },
      },
    });
  }
}

function runCommand(command: TrainingCommand): void {
  const id = command === 'manageTrust' ? 'workbench.trust.manage' : commands[command];
  void vscode.commands.executeCommand(id);
}
