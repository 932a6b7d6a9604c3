import * as vscode from 'vscode';
import { commands } from '../../protocol/ids.ts';
import type { Failure } from '../../protocol/rpc.ts';
import type { TrainingRun } from '../../protocol/training.ts';
import type { CommandDeps } from '../commands/deps.ts';
import { mention } from '../commands/engineWork.ts';
import { guarded, showFailure } from '../commands/failure.ts';
import { layerName, promotable, verdictsText } from './trainingTexts.ts';

type Deps = Pick<CommandDeps, 'engine' | 'log'>;

/** What a training that ended means for the user: asks whether to activate what may be, or says why nothing may. */
export async function tellOutcome(
  deps: Deps,
  outcome: { readonly runs: readonly TrainingRun[]; readonly dryRun: boolean },
  /** In place of the question. */
  activate?: boolean,
): Promise<void> {
  const { l10n } = vscode;
  const text = verdictsText(outcome.runs, l10n);
  const winners = outcome.dryRun ? [] : promotable(outcome.runs);
  if (winners.length === 0) {
    tell('info', outcome.dryRun ? l10n.t('Nothing was written. {0}', text) : text, openTraining());
    return;
  }
  if (activate === true) await activateAll(deps, winners);
  if (activate !== undefined) return;
  const yes = l10n.t('Activate');
  const open = openTraining();
  // Not waited for: the training is done, and the question stays as long as the user likes.
  void vscode.window.showInformationMessage(text, yes, l10n.t('Keep as Candidate'), open.title).then((chosen) => {
    if (chosen === open.title) return vscode.commands.executeCommand(open.command);
    return chosen === yes ? guarded(commands.train, deps.log, () => activateAll(deps, winners)) : undefined;
  });
}

async function activateAll({ engine }: Deps, runs: readonly TrainingRun[]): Promise<void> {
  const { l10n } = vscode;
  for (const { id } of runs) {
    const result = await engine.ask('decideVersion', { id, decision: 'activate' });
    if (!result.ok) {
      showFailure(result.failure);
      return;
    }
  }
  const names = runs.map(({ layer }) => layerName(layer, l10n)).join(', ');
  mention(`$(check) Attune: ${l10n.t('active from now on: {0}', names)}`);
}

/** What the user cancelled is no failure; that it can go on is worth a word. Of a dry run there is nothing to go on from. */
export function tellNotTrained(failure: Failure, dryRun: boolean): void {
  switch (failure.reason) {
    case 'cancelled':
      if (!dryRun) mention(`Attune: ${vscode.l10n.t('training cancelled. Train again to resume it')}`);
      return;
    // It broke off, not the engine: in the view it is resumed, or forgotten.
    case 'unavailable':
      tell('warning', `${failure.message} ${failure.nextStep}`, openTraining());
      return;
    default:
      showFailure(failure);
  }
}

interface Action {
  readonly title: string;
  readonly command: string;
}

export const openTraining = (): Action => ({ title: vscode.l10n.t('Open Training'), command: commands.openTraining });

/** One sentence or two with a button; does not wait for it. */
export function tell(level: 'info' | 'warning', text: string, { title, command }: Action): void {
  const { showInformationMessage, showWarningMessage } = vscode.window;
  const show = level === 'info' ? showInformationMessage : showWarningMessage;
  void show(text, title).then((chosen) => {
    if (chosen === title) void vscode.commands.executeCommand(command);
  });
}
