import * as vscode from 'vscode';
import type { PanelProblem, PanelStrings } from '../protocol/webview.ts';
import { unavailableFailure } from './commands/failureAction.ts';
import type { EngineClient } from './engine/engineClient.ts';
import { unavailable } from './engine/engineState.ts';
import type { KeptTexts } from './inline/kept.ts';
import type { Config } from './platform/config.ts';
import type { RatingsParts } from './ratings/ratingsView.ts';

/** What the rating panel gets of the rest of the client. */
export function ratingsParts(
  engine: EngineClient,
  parts: { readonly config: Config; readonly kept: KeptTexts; readonly log: vscode.LogOutputChannel },
): { readonly parts: RatingsParts; readonly subscriptions: vscode.Disposable } {
  const { config, kept, log } = parts;
  const memoryChanged = new vscode.EventEmitter<void>();
  const problemChanged = new vscode.EventEmitter<void>();
  return {
    parts: {
      ask: (method, params, token) => engine.ask(method, params, token),
      onMemoryChanged: memoryChanged.event,
      problem: () => problem(engine),
      onProblemChanged: problemChanged.event,
      currentText: (episodeId) => kept.currentText(episodeId),
      capBytes: () => config.current.engine.maxMegabytes * 1_000_000,
      strings: panelStrings(),
      log,
    },
    subscriptions: vscode.Disposable.from(
      memoryChanged,
      problemChanged,
      engine.hear('memoryChanged', () => memoryChanged.fire()),
      engine.onDidChangeState(() => problemChanged.fire()),
      vscode.workspace.onDidGrantWorkspaceTrust(() => problemChanged.fire()),
    ),
  };
}

/** What stands in the way of all that a panel offers; null: nothing. */
export function problem(engine: Pick<EngineClient, 'state'>): PanelProblem | null {
  const reason = unavailable(engine.state);
  if (reason !== null) {
    const { message, nextStep } = unavailableFailure(reason, vscode.l10n);
    return { kind: 'engineDown', message: `${message} ${nextStep}` };
  }
  if (vscode.workspace.isTrusted) return null;
  const message = vscode.l10n.t('Restricted Mode: nothing new is suggested or learnt. You can see, export and delete.');
  return { kind: 'restricted', message };
}

/** The panels' words in the user's language: entries `panel.<key>` of the translations VS Code loaded. */
function panelStrings(): PanelStrings {
  const entries = Object.entries(vscode.l10n.bundle ?? {});
  return Object.fromEntries(
    entries.flatMap(([key, text]) => (key.startsWith('panel.') ? [[key.slice('panel.'.length), text]] : [])),
  );
}
