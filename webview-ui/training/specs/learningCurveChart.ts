import type { TrainingRun } from '../../../src/protocol/training.ts';
import type { ChartSpec } from '../charts/spec.ts';
import { figureText, number, tickNumber, whole } from '../numbers.ts';
import type { TrainingTranslate } from '../strings.ts';

/** How good it is with so many labels; null: it was not measured. */
export function learningCurveChart(
  curve: TrainingRun['learningCurve'],
  t: TrainingTranslate,
  locale: string,
): ChartSpec | null {
  const measured = curve.filter(({ figure }) => figure.value !== null);
  const [first, last] = [measured[0], measured.at(-1)];
  if (!first || !last) return null;
  const show = (value: number | null): string => number(value, locale);
  const words = (one: typeof first): string => figureText(one.figure, t, show);
  const apart = first.figure.high !== null && last.figure.low !== null && last.figure.low > first.figure.high;
  const finding =
    measured.length === 1
      ? t('training.learningCurve.one', words(first), first.labels)
      : t(
          'training.learningCurve.finding',
          words(first),
          first.labels,
          words(last),
          last.labels,
          t(apart ? 'training.learningCurve.rising' : 'training.learningCurve.unclear'),
        );
  return {
    title: t('training.learningCurve'),
    finding,
    hint: t('training.learningCurve.hint'),
    x: {
      label: t('training.learningCurve.axis'),
      kind: 'log',
      format: (value) => whole(value, locale),
    },
    y: {
      label: t('training.figure.spearman'),
      kind: 'number',
      format: (value, step) => tickNumber(value, step, locale),
      include: [0],
    },
    layers: [
      { type: 'level', y: 0, label: t('training.level.chance') },
      {
        type: 'band',
        tone: 'main',
        points: curve.map(({ labels, figure }) => [labels, figure.low, figure.high] as const),
      },
      { type: 'line', tone: 'main', points: curve.map(({ labels, figure }) => [labels, figure.value] as const) },
      {
        type: 'points',
        tone: 'main',
        points: measured.map(({ labels, figure }) => ({ x: labels, y: figure.value ?? 0 })),
      },
    ],
    height: 240,
    table: () => ({
      columns: [t('training.learningCurve.axis'), t('training.figure.spearman')],
      rows: curve.map((one) => [whole(one.labels, locale), words(one)]),
    }),
  };
}
