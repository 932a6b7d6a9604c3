/** What versions, kinds and curves are called. */
import { type MetricName, metrics } from '../../src/protocol/metrics.ts';
import type { VersionRow } from '../../src/protocol/training.ts';
import { whole } from './numbers.ts';
import { keyOf, type TrainingTranslate } from './strings.ts';

/** Ids are for machines: a version is the so-manieth of its layer. Null: it is not among them. */
export function versionNumber(
  versions: readonly VersionRow[],
  id: string,
): { readonly row: VersionRow; readonly number: number } | null {
  const row = versions.find((one) => one.id === id);
  if (!row) return null;
  const older = versions.filter(
    (one) =>
      one.layer === row.layer &&
      (one.createdAt < row.createdAt || (one.createdAt === row.createdAt && one.id < row.id)),
  );
  return { row, number: older.length + 1 };
}

/** "Reward model 3". */
export function versionName(versions: readonly VersionRow[], id: string, t: TrainingTranslate): string {
  const found = versionNumber(versions, id);
  return found ? t(`training.name.${found.row.layer}`, found.number) : id.slice(0, 8);
}

/** "R3", for a mark in a chart. */
export function versionMark(versions: readonly VersionRow[], id: string, t: TrainingTranslate): string {
  const found = versionNumber(versions, id);
  return found ? t(`training.mark.${found.row.layer}`, found.number) : '';
}

/** An algorithm this view does not know keeps its own name. */
export function algorithmName(algorithm: string, t: TrainingTranslate): string {
  const key = keyOf(`training.algorithm.${algorithm}`);
  return key ? t(key) : algorithm;
}

export function figureName(name: string, t: TrainingTranslate): string {
  const key = keyOf(`training.figure.${name}`);
  return key ? t(key) : name;
}

/** As short as a list needs it. */
export function shortFigureName(name: string, t: TrainingTranslate): string {
  const key = keyOf(`training.short.${name}`);
  return key ? t(key) : figureName(name, t);
}

/** `ppo/loss/policy_avg` → who measured it, and which of the known metrics it is (null: none of them). */
export function splitTag(tag: string): { readonly source: string; readonly metric: MetricName | null } {
  if (Object.hasOwn(metrics, tag)) return { source: '', metric: tag as MetricName };
  for (let cut = tag.indexOf('/'); cut >= 0; cut = tag.indexOf('/', cut + 1)) {
    const rest = tag.slice(cut + 1);
    if (Object.hasOwn(metrics, rest)) return { source: tag.slice(0, cut), metric: rest as MetricName };
  }
  return { source: '', metric: null };
}

/** What is looked at first stands first; metrics that are not named here follow in their own order. */
const order: readonly MetricName[] = [
  'feedback/reward',
  'objective/rlhf_reward',
  'objective/scores',
  'eval/reward',
  'loss/policy_avg',
  'loss/value_avg',
  'policy/approxkl_avg',
  'policy/clipfrac_avg',
  'policy/entropy_avg',
  'train/explained_variance',
  'objective/kl',
  'train/loss',
  'eval/loss',
  'eval/spearman',
];

export function byImportance(a: string, b: string): number {
  const rank = (tag: string): number => {
    const { metric } = splitTag(tag);
    const at = metric === null ? -1 : order.indexOf(metric);
    return at < 0 ? order.length : at;
  };
  return rank(a) - rank(b) || (a < b ? -1 : a > b ? 1 : 0);
}

/** "PPO · Policy loss"; a tag that is not known is its own name. */
export function curveName(tag: string, t: TrainingTranslate): string {
  const { source, metric } = splitTag(tag);
  if (metric === null) return tag;
  const key = keyOf(`training.curve.${metric}`);
  const name = key ? t(key) : metric;
  return source === '' ? name : `${algorithmName(source, t)} · ${name}`;
}

/** "4,102 episodes, 1,969 ratings". */
export const trainedOn = (
  { episodes, ratings }: VersionRow['data'],
  { t, locale }: { readonly t: TrainingTranslate; readonly locale: string },
): string => t('training.trainedOn', whole(episodes, locale), whole(ratings, locale));
