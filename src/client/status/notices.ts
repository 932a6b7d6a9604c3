import * as vscode from 'vscode';
import { commands } from '../../protocol/ids.ts';
import type { EngineClient } from '../engine/engineClient.ts';

type Button = vscode.MessageItem & { readonly command: string };

/** Shows what the engine has to say, each text once per session. */
export function showNotices(engine: Pick<EngineClient, 'hear'>): vscode.Disposable {
  const told = new Set<string>();
  return engine.hear('notice', ({ level, message, nextStep, offer }) => {
    if (told.has(message)) return;
    told.add(message);
    const text = nextStep === '' ? message : `${message} ${nextStep}`;
    const buttons: Button[] = [
      ...(offer === 'openTraining' ? [{ title: vscode.l10n.t('Open Training'), command: commands.openTraining }] : []),
      ...(level === 'info' ? [] : [{ title: vscode.l10n.t('Show Log'), command: commands.showLog }]),
    ];
    const { showErrorMessage, showInformationMessage, showWarningMessage } = vscode.window;
    const show = { info: showInformationMessage, warning: showWarningMessage, error: showErrorMessage }[level];
    void show(text, ...buttons).then((chosen) => {
      if (chosen) void vscode.commands.executeCommand(chosen.command);
    });
  });
}
