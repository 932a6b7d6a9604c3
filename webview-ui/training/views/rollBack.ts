import { nothing, type TemplateResult } from 'lit';
import type { TrainingState, TrainLayer } from '../../../src/protocol/training.ts';
import { versionName } from '../names.ts';
import { blocked } from './blocked.ts';
import { action, posts, type View } from './view.ts';

/** One version back, and which that is; nothing where nothing serves. */
export function rollBackButton(
  view: View,
  training: TrainingState,
  layer: TrainLayer,
): TemplateResult | typeof nothing {
  const serving = training.versions.find((row) => row.layer === layer && row.serving);
  if (!serving) return nothing;
  const { t } = view;
  const target =
    serving.parent === null
      ? t('training.rollBack.toNothing')
      : t('training.rollBack.to', versionName(training.versions, serving.parent, t));
  return action({
    label: `${t('training.rollBack')}: ${versionName(training.versions, serving.id, t)}`,
    icon: 'discard',
    title: target,
    why: blocked(view),
    press: posts(view, { type: 'rollBack', layer }),
  });
}
