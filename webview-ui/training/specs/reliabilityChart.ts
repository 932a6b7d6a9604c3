import type { TrainingRun } from '../../../src/protocol/training.ts';
import type { ChartSpec } from '../charts/spec.ts';
import { figureText, percent, whole } from '../numbers.ts';
import { wilson } from '../shares.ts';
import type { TrainingTranslate } from '../strings.ts';

/** Chance foretold against share observed; null without a single case. */
export function reliabilityChart(
  bins: TrainingRun['reliability'],
  t: TrainingTranslate,
  locale: string,
): ChartSpec | null {
  const filled = bins.filter(({ count }) => count > 0);
  if (filled.length === 0) return null;
  const share = (value: number | null): string => percent(value, locale);
  const total = filled.reduce((sum, { count }) => sum + count, 0);
  const most = Math.max(...filled.map(({ count }) => count));
  const gap = (bin: (typeof filled)[number]): number => Math.abs(bin.predicted - bin.observed);
  const worst = filled.reduce((a, b) => (gap(b) > gap(a) ? b : a));
  const mean = filled.reduce((sum, bin) => sum + gap(bin) * bin.count, 0) / total;
  const dots = filled.map((bin) => ({ ...bin, figure: wilson(bin.observed * bin.count, bin.count) }));
  return {
    title: t('training.reliability'),
    finding: t(
      'training.reliability.finding',
      whole(mean * 100, locale),
      share(worst.predicted),
      share(worst.observed),
      worst.count,
    ),
    hint: t('training.reliability.hint'),
    x: { label: t('training.reliability.predicted'), kind: 'number', format: share, domain: [0, 1] },
    y: { label: t('training.reliability.observed'), kind: 'number', format: share, domain: [0, 1] },
    layers: [
      { type: 'diagonal' },
      { type: 'line', tone: 'main', points: dots.map(({ predicted, observed }) => [predicted, observed] as const) },
      {
        type: 'points',
        tone: 'main',
        points: dots.map(({ predicted, observed, count, figure }) => ({
          x: predicted,
          y: observed,
          low: figure.low,
          high: figure.high,
          // Areas are compared, not radii.
          size: 2 + 3 * Math.sqrt(count / most),
        })),
      },
    ],
    height: 240,
    square: true,
    table: () => ({
      columns: [
        t('training.reliability.predicted'),
        t('training.reliability.observed'),
        t('training.reliability.count'),
      ],
      rows: dots.map(({ predicted, count, figure }) => [
        share(predicted),
        figureText(figure, t, share),
        whole(count, locale),
      ]),
    }),
  };
}
