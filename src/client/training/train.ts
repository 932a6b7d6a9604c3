import * as vscode from 'vscode';
import type { ClientRequests, Failure, Result } from '../../protocol/rpc.ts';
import type { TrainArguments } from '../commands/arguments.ts';
import type { CommandDeps } from '../commands/deps.ts';
import { showFailure } from '../commands/failure.ts';
import type { L10n } from '../platform/l10n.ts';
import { chooseTraining } from './choose.ts';
import { openTraining, tell, tellNotTrained, tellOutcome } from './outcome.ts';
import type { TrainingOrder } from './trainingTask.ts';
import { percent, stepText } from './trainingTexts.ts';

/** Learns from what is remembered, as `given` says or the user chooses; ends with a report, and asks what to do with it. */
export async function train(deps: CommandDeps, given: TrainArguments = {}): Promise<void> {
  const { l10n } = vscode;
  if (!vscode.workspace.isTrusted) {
    showFailure(untrusted(l10n));
    return;
  }
  const state = await deps.engine.ask('trainingState', {});
  if (deps.training.step !== null || state.running !== null) {
    const { message, nextStep } = underWay(l10n);
    tell('info', `${message} ${nextStep}`, openTraining());
    return;
  }
  const order = await chooseTraining(deps.engine, state, given);
  if (order === null) return;
  const result = await withProgress(deps, order);
  if (!result.ok) {
    tellNotTrained(result.failure, order.dryRun);
    return;
  }
  await showReport(deps, result.report);
  await tellOutcome(deps, { runs: result.runs, dryRun: order.dryRun }, given.activate);
}

/** Opens the report of a training beside what the user works on; the keyboard stays there. */
export async function showReport({ documents }: Pick<CommandDeps, 'documents'>, report: string): Promise<void> {
  await documents.show('training-report.md', report, 'beside');
}

export const untrusted = (l10n: L10n): Failure => ({
  reason: 'untrusted',
  message: l10n.t('Nothing is trained in Restricted Mode.'),
  nextStep: l10n.t('Trust this workspace to train.'),
});

export const underWay = (l10n: L10n): Failure => ({
  reason: 'other',
  message: l10n.t('A training is under way.'),
  nextStep: l10n.t('Wait for it, or cancel it in the Training view.'),
});

function withProgress(
  { training }: Pick<CommandDeps, 'training'>,
  order: TrainingOrder,
): Thenable<Result<ClientRequests, 'train'>> {
  const { l10n } = vscode;
  const title = order.dryRun ? l10n.t('Attune: seeing what would be learnt') : l10n.t('Attune: training');
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title, cancellable: true },
    async (progress, token) => {
      let reached = 0;
      const subscription = training.onDidChange((step) => {
        if (step === null) return;
        const now = percent(step.share);
        progress.report({ message: stepText(step, l10n), increment: Math.max(0, now - reached) });
        reached = Math.max(reached, now);
      });
      try {
        return await training.start(order, underWay(l10n), token);
      } finally {
        subscription.dispose();
      }
    },
  );
}
