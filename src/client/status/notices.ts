import * as vscode from 'vscode';
import { commands } from '../../protocol/ids.ts';
import type { EngineClient } from '../engine/engineClient.ts';

/** Shows what the engine has to say, each text once per session. */
export function showNotices(engine: Pick<EngineClient, 'hear'>): vscode.Disposable {
  const told = new Set<string>();
  return engine.hear('notice', ({ level, message, nextStep }) => {
    if (told.has(message)) return;
    told.add(message);
    const text = nextStep === '' ? message : `${message} ${nextStep}`;
    const showLog = vscode.l10n.t('Show Log');
    const { showErrorMessage, showInformationMessage, showWarningMessage } = vscode.window;
    const show = { info: showInformationMessage, warning: showWarningMessage, error: showErrorMessage }[level];
    void show(text, ...(level === 'info' ? [] : [showLog])).then((chosen) => {
      if (chosen === showLog) void vscode.commands.executeCommand(commands.showLog);
    });
  });
}
