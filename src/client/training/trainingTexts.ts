/** Words about training: its layers, how far it is, what came out. Pure: `vscode.l10n` is passed in. */
import type { TrainingRun, TrainingState, TrainLayer, TrainStage, VersionRow } from '../../protocol/training.ts';
import type { TrainingStep } from '../../protocol/trainingPanel.ts';
import type { L10n } from '../platform/l10n.ts';

/** A layer within a sentence. */
export function layerName(layer: TrainLayer, l10n: L10n): string {
  return layer === 'rewardModel' ? l10n.t('the reward model') : l10n.t('the selector');
}

/** A layer as a heading. */
export function layerTitle(layer: TrainLayer, l10n: L10n): string {
  return layer === 'rewardModel' ? l10n.t('Reward model') : l10n.t('Selector');
}

/** What a layer is for, in one sentence. */
export function layerDetail(layer: TrainLayer, l10n: L10n): string {
  return layer === 'rewardModel'
    ? l10n.t('Foretells how you would rate a proposal, and puts the best first')
    : l10n.t('Picks what is shown while you type, or silence');
}

/** What a layer needs and what is there, in its own unit. */
export function readiness(
  layer: TrainLayer,
  { data, needed }: Pick<TrainingState, 'data' | 'needed'>,
): { readonly there: number; readonly needed: number } {
  const { rating, thumb, event, pair } = data.labels;
  return layer === 'rewardModel'
    ? { there: rating + thumb + event + pair, needed: needed.rewardModel }
    : { there: data.decisions, needed: needed.selector };
}

export function readinessText(layer: TrainLayer, state: Pick<TrainingState, 'data' | 'needed'>, l10n: L10n): string {
  const { there, needed } = readiness(layer, state);
  if (layer === 'rewardModel') {
    return there < needed
      ? l10n.t('needs {0} labels, there are {1}', needed, there)
      : l10n.t('{0} labels from {1} files', there, state.data.files);
  }
  return there < needed
    ? l10n.t('needs {0} decided suggestions, there are {1}', needed, there)
    : l10n.t('{0} decided suggestions', there);
}

export function stageText(stage: TrainStage, l10n: L10n): string {
  switch (stage) {
    case 'reading':
      return l10n.t('reading what is remembered');
    case 'rewardModel':
      return l10n.t('learning the reward model');
    case 'selector':
      return l10n.t('learning the selector');
    case 'registering':
      return l10n.t('writing down what was learnt');
  }
}

/** Rounded as people say it: a second more or less is not known. */
export function timeLeftText(seconds: number, l10n: L10n): string {
  if (seconds < 1.5) return l10n.t('a moment left');
  if (seconds < 20) return l10n.t('about {0} s left', Math.round(seconds));
  if (seconds < 90) return l10n.t('about {0} s left', Math.round(seconds / 5) * 5);
  return l10n.t('about {0} min left', Math.round(seconds / 60));
}

/** “learning the reward model, 42 %, about 10 s left”. */
export function stepText({ stage, share, secondsLeft }: TrainingStep, l10n: L10n): string {
  const parts = [stageText(stage, l10n), l10n.t('{0} %', percent(share))];
  if (secondsLeft !== null) parts.push(timeLeftText(secondsLeft, l10n));
  return parts.join(', ');
}

export const percent = (share: number): number => Math.floor(share * 100);

/** A kind of model, in the field's words. */
export function algorithmName(algorithm: string, l10n: L10n): string {
  switch (algorithm) {
    case 'bayesianLinear':
      return l10n.t('Bayesian linear regression');
    case 'logisticThumbs':
      return l10n.t('logistic regression on thumbs');
    case 'neuralHead':
      return l10n.t('a neural head');
    case 'linucb':
      return 'LinUCB';
    case 'lints':
      return 'LinTS';
    case 'logistic':
      return l10n.t('a logistic filter');
    case 'ppo':
      return 'PPO';
    default:
      return algorithm;
  }
}

/** “Bayesian linear regression, trained 26/11/2026, 22:10”. */
export function versionName({ algorithm, createdAt }: VersionRow, language: string, l10n: L10n): string {
  const when = new Date(createdAt).toLocaleString(language, { dateStyle: 'short', timeStyle: 'short' });
  return l10n.t('{0}, trained {1}', algorithmName(algorithm, l10n), when);
}

/** What came of every layer, a sentence each: the verdict's own reason says why. */
export function verdictsText(runs: readonly TrainingRun[], l10n: L10n): string {
  return runs.map(({ layer, verdict }) => `${layerTitle(layer, l10n)}: ${sentence(verdict.reason)}`).join(' ');
}

/** What may take the place of what serves; what others depend on comes first. */
export function promotable(runs: readonly TrainingRun[]): readonly TrainingRun[] {
  const order = (run: TrainingRun): number => (run.layer === 'rewardModel' ? 0 : 1);
  return runs.filter(({ verdict }) => verdict.kind === 'promote').sort((a, b) => order(a) - order(b));
}

const sentence = (text: string): string => (/[.!?…]$/.test(text) ? text : `${text}.`);
