import type { MetricName } from '../../../src/protocol/metrics.ts';
import { isGap, type Point } from '../charts/downsample.ts';
import { extent } from '../charts/scale.ts';
import type { ChartSpec, Layer } from '../charts/spec.ts';
import { curveName, splitTag } from '../names.ts';
import { number, tickNumber, whole } from '../numbers.ts';
import type { TrainingKey, TrainingTranslate } from '../strings.ts';

/** Values that mean something, by metric: drawn as levels where the data comes near them. */
const levels: { readonly [name in MetricName]?: readonly (readonly [number, TrainingKey])[] } = {
  'policy/approxkl_avg': [[0.03, 'training.level.stop']],
  'policy/clipfrac_avg': [
    [0.2, 'training.level.healthyHigh'],
    [0.02, 'training.level.healthyLow'],
  ],
  'train/explained_variance': [
    [1, 'training.level.perfect'],
    [0, 'training.level.none'],
  ],
  'eval/spearman': [[0, 'training.level.chance']],
};

/** So few are seen one by one. */
const fewPoints = 20;

/** One curve on its own axes; what its name means is the hint. */
export function curveChart(tag: string, points: readonly Point[], t: TrainingTranslate, locale: string): ChartSpec {
  const { metric } = splitTag(tag);
  const name = curveName(tag, t);
  const finite = points.filter(([, y]) => !isGap(y));
  const span = extent(finite.map(([, y]) => y));
  const [first, last] = [finite[0], finite.at(-1)];
  const show = (value: number | null): string => number(value, locale);
  const finding =
    span && first && last
      ? t(
          'training.curve.finding',
          name,
          show(first[1]),
          show(last[1]),
          whole(finite.length, locale),
          show(span[0]),
          show(span[1]),
        )
      : t('training.curve.nothing', name);
  const meaningful = metric === null || !span ? [] : (levels[metric] ?? []).filter(([y]) => isNear(y, span));
  return {
    title: name,
    finding,
    ...(metric === null ? {} : { hint: t(`training.hint.${metric}`) }),
    x: {
      label: t('training.curve.step'),
      kind: 'number',
      format: (value, step) => tickNumber(value, Math.max(1, step), locale),
    },
    y: { label: name, kind: 'number', format: (value, step) => tickNumber(value, step, locale) },
    layers: [
      ...meaningful.map(([y, key]): Layer => ({ type: 'level', y, label: t(key) })),
      { type: 'line', points, tone: 'main' },
      ...(finite.length > fewPoints
        ? []
        : [{ type: 'points', tone: 'main', points: finite.map(([x, y]) => ({ x, y: y ?? 0 })) } as const]),
    ],
    height: 120,
    table: () => ({
      columns: [t('training.curve.step'), t('training.value')],
      rows: points.map(([x, y]) => [whole(x, locale), show(y)]),
    }),
  };
}

/** A level far off would flatten the curve. */
function isNear(y: number, [low, high]: readonly [number, number]): boolean {
  const reach = (high - low) * 1.5 || Math.abs(high) || 1;
  return y >= low - reach && y <= high + reach;
}
