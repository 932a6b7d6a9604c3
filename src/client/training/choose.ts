import * as vscode from 'vscode';
import { type TrainingState, type TrainLayer, trainLayers } from '../../protocol/training.ts';
import type { TrainArguments } from '../commands/arguments.ts';
import type { CommandDeps } from '../commands/deps.ts';
import { mention } from '../commands/engineWork.ts';
import { showFailure } from '../commands/failure.ts';
import type { TrainingOrder } from './trainingTask.ts';
import { layerDetail, layerTitle, readiness, readinessText, stageText } from './trainingTexts.ts';

type Unfinished = NonNullable<TrainingState['unfinished']>;

/** What is to be trained: as `given`, else as the user says. Null: nothing. */
export async function chooseTraining(
  engine: Pick<CommandDeps['engine'], 'ask'>,
  state: TrainingState,
  given: TrainArguments,
): Promise<TrainingOrder | null> {
  const { layers, dryRun = false, resume } = given;
  if (resume === true && state.unfinished !== null) return { layers: layers ?? [...trainLayers], dryRun, resume };
  if (layers !== undefined) return { layers: [...layers], dryRun, resume: false };
  if (state.unfinished !== null && resume === undefined) {
    switch (await askAboutUnfinished(state.unfinished)) {
      case 'resume':
        return { layers: [...trainLayers], dryRun: false, resume: true };
      case 'discard':
        await discard(engine);
        return null;
      case 'anew':
        break;
      case undefined:
        return null;
    }
  }
  const chosen = await chooseLayers(state, dryRun);
  return chosen && { ...chosen, resume: false };
}

async function askAboutUnfinished({
  why,
  stage,
  finished,
}: Unfinished): Promise<'resume' | 'anew' | 'discard' | undefined> {
  const { l10n } = vscode;
  const done = finished.map((one) => stageText(one, l10n)).join(', ');
  const items = [
    {
      what: 'resume' as const,
      label: `$(debug-continue) ${l10n.t('Resume')}`,
      detail: done === '' ? l10n.t('From its beginning') : l10n.t('Done already: {0}', done),
    },
    {
      what: 'anew' as const,
      label: `$(debug-restart) ${l10n.t('Start Anew')}`,
      detail: l10n.t('With what is remembered now'),
    },
    {
      what: 'discard' as const,
      label: `$(trash) ${l10n.t('Discard')}`,
      detail: l10n.t('Forget it. What serves goes on serving'),
    },
  ];
  const chosen = await vscode.window.showQuickPick(items, {
    title: l10n.t('A training was not finished'),
    placeHolder:
      why === 'cancelled'
        ? l10n.t('It was cancelled while {0}', stageText(stage, l10n))
        : l10n.t('It broke off while {0}', stageText(stage, l10n)),
  });
  return chosen?.what;
}

interface Item extends vscode.QuickPickItem {
  readonly what: TrainLayer | 'dryRun' | null;
}

async function chooseLayers(
  state: TrainingState,
  dryRun: boolean,
): Promise<Pick<TrainingOrder, 'layers' | 'dryRun'> | null> {
  const { l10n } = vscode;
  const enough = (layer: TrainLayer): boolean => {
    const { there, needed } = readiness(layer, state);
    return there >= needed;
  };
  const items: Item[] = [
    ...trainLayers.map((layer) => ({
      what: layer,
      label: layerTitle(layer, l10n),
      description: readinessText(layer, state, l10n),
      detail: layerDetail(layer, l10n),
      picked: enough(layer),
    })),
    { what: null, label: '', kind: vscode.QuickPickItemKind.Separator },
    {
      what: 'dryRun',
      label: l10n.t('Only Say What Would Be Learnt'),
      description: l10n.t('dry run: nothing is written'),
      picked: dryRun,
    },
  ];
  const chosen = await vscode.window.showQuickPick(items, {
    canPickMany: true,
    matchOnDescription: true,
    title: l10n.t('Learn from {0} new ratings', state.data.newRatings),
    placeHolder: l10n.t('What should be trained?'),
  });
  if (!chosen) return null;
  const layers = trainLayers.filter((layer) => chosen.some(({ what }) => what === layer));
  if (layers.length === 0) {
    void vscode.window.showInformationMessage(l10n.t('Nothing was chosen, so nothing is trained. Tick what to train.'));
    return null;
  }
  return { layers, dryRun: chosen.some(({ what }) => what === 'dryRun') };
}

async function discard(engine: Pick<CommandDeps['engine'], 'ask'>): Promise<void> {
  const result = await engine.ask('discardTraining', {});
  if (!result.ok) showFailure(result.failure);
  else mention(`$(trash) Attune: ${vscode.l10n.t('the unfinished training is forgotten')}`);
}
