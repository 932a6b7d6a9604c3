import * as vscode from 'vscode';
import { commands } from '../../protocol/ids.ts';
import type { EngineClient } from '../engine/engineClient.ts';
import type { Config } from '../platform/config.ts';
import type { TrainingTask } from '../training/trainingTask.ts';
import { type EngineStatus, statusView } from './statusView.ts';

const documentSchemes = new Set(['file', 'untitled']);

/** The status bar item: one state, said in an icon and in words. Click or Enter opens the menu. */
export class StatusBar implements vscode.Disposable {
  readonly #item: vscode.StatusBarItem;
  readonly #engine: Pick<EngineClient, 'state' | 'onDidChangeState' | 'hear'>;
  readonly #config: Pick<Config, 'inlineEnabledFor' | 'inlineModeFor' | 'onDidChange'>;
  readonly #training: Pick<TrainingTask, 'step' | 'onDidChange'>;
  readonly #subscriptions: vscode.Disposable[];
  #status: EngineStatus | null = null;

  constructor(
    engine: Pick<EngineClient, 'state' | 'onDidChangeState' | 'hear'>,
    config: Pick<Config, 'inlineEnabledFor' | 'inlineModeFor' | 'onDidChange'>,
    training: Pick<TrainingTask, 'step' | 'onDidChange'>,
  ) {
    this.#engine = engine;
    this.#config = config;
    this.#training = training;
    this.#item = vscode.window.createStatusBarItem('attune.status', vscode.StatusBarAlignment.Right, 100);
    this.#item.name = 'Attune';
    this.#item.command = commands.showMenu;
    const update = (): void => this.#update();
    this.#subscriptions = [
      this.#item,
      engine.onDidChangeState((state) => {
        if (state.type !== 'ready') this.#status = null;
        update();
      }),
      engine.hear('status', (status) => {
        this.#status = status;
        update();
      }),
      config.onDidChange(update),
      training.onDidChange(update),
      vscode.window.onDidChangeActiveTextEditor(update),
      vscode.workspace.onDidGrantWorkspaceTrust(update),
    ];
    update();
    this.#item.show();
  }

  /** The last the engine said about itself. */
  get status(): EngineStatus | null {
    return this.#status;
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #update(): void {
    const document = vscode.window.activeTextEditor?.document;
    const ours = document && documentSchemes.has(document.uri.scheme) ? document : null;
    const { text, label, severity } = statusView(
      {
        engine: this.#engine.state,
        status: this.#status,
        trusted: vscode.workspace.isTrusted,
        training: this.#training.step,
        inline: ours && {
          enabled: this.#config.inlineEnabledFor(ours),
          mode: this.#config.inlineModeFor(ours),
          languageId: ours.languageId,
        },
      },
      vscode.l10n,
    );
    this.#item.text = text;
    this.#item.tooltip = label;
    this.#item.accessibilityInformation = { label, role: 'button' };
    this.#item.backgroundColor =
      severity === 'normal' ? undefined : new vscode.ThemeColor(`statusBarItem.${severity}Background`);
  }
}
