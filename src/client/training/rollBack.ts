import * as vscode from 'vscode';
import type { TrainingState, TrainLayer } from '../../protocol/training.ts';
import type { CommandDeps } from '../commands/deps.ts';
import { showFailure } from '../commands/failure.ts';
import { openTraining, tell } from './outcome.ts';
import { layerName, layerTitle, versionName } from './trainingTexts.ts';

/** Takes one step back in what was learnt, of `given` or of the layer the user picks, and says what serves then. */
export async function rollBack({ engine }: CommandDeps, given?: TrainLayer): Promise<void> {
  const { l10n } = vscode;
  const { versions } = await engine.ask('trainingState', {});
  const serving = versions.filter((version) => version.serving);
  const layer = given ?? (await pickLayer(serving));
  if (layer === undefined) return;
  const result = await engine.ask('rollBack', { layer });
  if (!result.ok) {
    showFailure(result.failure);
    return;
  }
  const after = versions.find(({ id }) => id === result.serving);
  const text = after
    ? l10n.t(
        'Rolled back {0}. What serves now: {1}.',
        layerName(layer, l10n),
        versionName(after, vscode.env.language, l10n),
      )
    : l10n.t(
        'Rolled back {0}. Nothing that was learnt takes its place: Attune does as before it.',
        layerName(layer, l10n),
      );
  tell('info', text, openTraining());
}

/** Asks only when there is something to choose. */
async function pickLayer(serving: TrainingState['versions']): Promise<TrainLayer | undefined> {
  const { l10n } = vscode;
  if (serving.length === 0) {
    tell('info', l10n.t('Nothing that was learnt is in use, so there is nothing to roll back.'), openTraining());
    return undefined;
  }
  if (serving.length === 1) return serving[0]?.layer;
  const items = serving.map((version) => ({
    layer: version.layer,
    label: layerTitle(version.layer, l10n),
    description: versionName(version, vscode.env.language, l10n),
  }));
  const chosen = await vscode.window.showQuickPick(items, { title: l10n.t('Roll back which?') });
  return chosen?.layer;
}
