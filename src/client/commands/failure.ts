import * as vscode from 'vscode';
import type { Failure } from '../../protocol/rpc.ts';
import { EngineUnavailable } from '../engine/engineState.ts';
import { type Log, logError } from '../platform/logging.ts';
import { type FailureAction, failureAction, unavailableFailure } from './failureAction.ts';

type Button = vscode.MessageItem & FailureAction;

/**
 * Shows an expected failure as one message with its next step, and a button that takes it. Does not wait for the
 * button. What the user cancelled is not news.
 */
export function showFailure(failure: Failure): void {
  if (failure.reason === 'cancelled') return;
  const message = failure.nextStep === '' ? failure.message : `${failure.message} ${failure.nextStep}`;
  const action = failureAction(failure.reason, vscode.l10n);
  const buttons: Button[] = action ? [action] : [];
  void vscode.window.showErrorMessage(message, ...buttons).then((chosen) => {
    if (chosen) void vscode.commands.executeCommand(chosen.command, ...chosen.arguments);
  });
}

/**
 * The edge where exceptions of a command end: the engine being away is an expected failure; the rest are bugs, logged
 * once and shown once.
 */
export async function guarded<T>(id: string, log: Log, run: () => Promise<T> | T): Promise<T | undefined> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof EngineUnavailable) {
      showFailure(unavailableFailure(error.reason, vscode.l10n));
      return undefined;
    }
    logError(log, id, error);
    const message = vscode.l10n.t('“{0}” failed.', id);
    showFailure({ reason: 'other', message, nextStep: vscode.l10n.t('The log has the details.') });
    return undefined;
  }
}
