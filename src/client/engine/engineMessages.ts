import * as vscode from 'vscode';
import { commands } from '../../protocol/ids.ts';
import type { EngineClient } from './engineClient.ts';

interface Action extends vscode.MessageItem {
  readonly command: string;
}

/** Tells the user about a dying engine: once per series of crashes, and once when it stays down. */
export function tellAboutEngine(engine: Pick<EngineClient, 'onDidChangeState'>): vscode.Disposable {
  const { l10n } = vscode;
  const restart: Action = { title: l10n.t('Restart'), command: commands.restartEngine };
  const showLog: Action = { title: l10n.t('Show Log'), command: commands.showLog };
  const ask = async (shown: Thenable<Action | undefined>): Promise<void> => {
    const chosen = await shown;
    if (chosen) await vscode.commands.executeCommand(chosen.command);
  };
  return engine.onDidChangeState((state) => {
    switch (state.type) {
      case 'restarting':
        if (!state.tellUser) return;
        void ask(
          vscode.window.showWarningMessage(
            l10n.t('Attune’s engine stopped unexpectedly and is being restarted. What you accepted and rated is safe.'),
            showLog,
          ),
        );
        return;
      case 'down': {
        if (state.why === 'stopped') return;
        const message =
          state.why === 'crashed'
            ? l10n.t('Attune’s engine keeps stopping ({0}), so it is not restarted any more.', state.detail)
            : l10n.t('Attune’s engine could not start: {0}', state.detail);
        void ask(vscode.window.showErrorMessage(message, restart, showLog));
        return;
      }
      case 'starting':
      case 'ready':
        return;
    }
  });
}
