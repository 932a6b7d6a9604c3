import { commands } from '../../protocol/ids.ts';
import type { TrainingState } from '../../protocol/training.ts';
import type { TrainingStep } from '../../protocol/trainingPanel.ts';
import type { L10n } from '../platform/l10n.ts';
import { layerName, stepText } from './trainingTexts.ts';

export interface LearningItem {
  readonly icon: string;
  readonly label: string;
  readonly command: string;
  readonly description: string;
}

/** The menu's part about learning. `state` null: the engine did not say in time, and a menu does not wait. */
export function learningItems(
  { state, step }: { readonly state: TrainingState | null; readonly step: TrainingStep | null },
  l10n: L10n,
): readonly LearningItem[] {
  const open = { icon: 'graph-line', label: l10n.t('Open Training'), command: commands.openTraining };
  if (step !== null) return [{ ...open, icon: 'mortar-board', description: stepText(step, l10n) }];
  const serving = (state?.versions ?? []).filter((version) => version.serving);
  return [
    { icon: 'mortar-board', label: l10n.t('Train…'), command: commands.train, description: whatIsNew(state, l10n) },
    { ...open, description: state?.help.text ?? '' },
    ...(serving.length === 0
      ? []
      : [
          {
            icon: 'discard',
            label: l10n.t('Roll Back What Was Learnt'),
            command: commands.rollBack,
            description: l10n.t('in use: {0}', serving.map(({ layer }) => layerName(layer, l10n)).join(', ')),
          },
        ]),
  ];
}

function whatIsNew(state: TrainingState | null, l10n: L10n): string {
  if (state === null) return '';
  if (state.unfinished !== null) return l10n.t('one was not finished');
  switch (state.data.newRatings) {
    case 0:
      return l10n.t('no new ratings');
    case 1:
      return l10n.t('1 new rating');
    default:
      return l10n.t('{0} new ratings', state.data.newRatings);
  }
}
