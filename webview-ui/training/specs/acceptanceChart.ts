import type { TrainingState } from '../../../src/protocol/training.ts';
import { shortTime } from '../../format.ts';
import type { ChartSpec, Layer } from '../charts/spec.ts';
import { timeLabel } from '../charts/time.ts';
import type { Bounded } from '../charts/whisker.ts';
import { versionMark, versionName } from '../names.ts';
import { figureText, percent, whole } from '../numbers.ts';
import { pooled, wilson } from '../shares.ts';
import type { TrainingTranslate } from '../strings.ts';

/** A share of fewer is hardly a share. */
const fewestShown = 20;
/** More steps than these say no more. */
const mostSteps = 48;

export interface Began {
  readonly id: string;
  readonly at: number;
}

/** Share of all the time without a suggestion. */
const longPause = 0.05;

/** When versions began to serve, oldest first; one that was rolled back to began twice. */
export function serviceBegan({ versions }: Pick<TrainingState, 'versions'>): readonly Began[] {
  return versions
    .flatMap(({ id, history }) => history.flatMap(({ state, at }) => (state === 'active' ? [{ id, at }] : [])))
    .sort((a, b) => a.at - b.at);
}

/** Acceptance as steps of equal weight with their intervals, and where versions began to serve. Null: nothing was shown. */
export function acceptanceChart(
  training: Pick<TrainingState, 'acceptance' | 'versions'>,
  t: TrainingTranslate,
  locale: string,
): ChartSpec | null {
  const spans = pooled(training.acceptance, mostSteps, fewestShown);
  const [first, last] = [spans[0], spans.at(-1)];
  if (!first || !last) return null;
  const share = (value: number | null): string => percent(value, locale);
  const shares = spans.map((span) => ({ span, figure: wilson(span.accepted, span.shown) }));
  const began = serviceBegan(training).filter(({ at }) => at >= first.from && at <= last.to);
  const marks = began.map(
    ({ id, at }): Layer => ({
      type: 'mark',
      x: at,
      label: versionMark(training.versions, id, t),
      tone: training.versions.find((row) => row.id === id)?.layer === 'selector' ? 'third' : 'second',
    }),
  );
  const words = (figure: (typeof shares)[number]['figure']): string => figureText(figure, t, share);
  const names = began.map(({ id }) => versionName(training.versions, id, t));
  const size = Math.min(...spans.slice(0, -1).map(({ shown }) => shown), ...(spans.length === 1 ? [last.shown] : []));
  const oneMoment = first.from === last.to;
  // Flat over each span: it is one share, not a way between two. A long pause is a gap, a night is not.
  const pause = (last.to - first.from) * longPause;
  const flat = shares.flatMap(({ span, figure }, i): (readonly [number, Bounded | null])[] => {
    const next = shares[i + 1]?.span.from ?? span.to;
    const pausing = next - span.to > pause;
    const steps = [[span.from, figure] as const, [pausing ? span.to : next, figure] as const];
    return pausing ? [...steps, [span.to, null]] : steps;
  });
  return {
    title: t('training.acceptance'),
    finding: t(
      'training.acceptance.finding',
      words(shares[0]!.figure),
      words(shares.at(-1)!.figure),
      names.join(', ') || '0',
    ),
    hint: t('training.acceptance.note', whole(size, locale)),
    x: {
      label: t('training.axis.time'),
      kind: 'time',
      format: (at) => timeLabel(at, last.to - first.from < 2 * 86_400_000 ? 'minute' : 'day', locale),
    },
    y: { label: t('training.column.share'), kind: 'number', format: share, domain: [0, 1] },
    layers: [
      {
        type: 'band',
        tone: 'main',
        points: flat.map(([at, figure]) => [at, figure?.low ?? null, figure?.high ?? null]),
      },
      ...marks,
      ...(oneMoment
        ? [
            {
              type: 'points',
              tone: 'main',
              points: [{ ...shares[0]!.figure, x: first.from, y: shares[0]!.figure.value ?? 0 }],
            } as const,
          ]
        : []),
      { type: 'line', tone: 'main', points: flat.map(([at, figure]) => [at, figure?.value ?? null]) },
    ],
    height: 180,
    table: () => ({
      columns: [
        t('training.column.from'),
        t('training.column.to'),
        t('training.column.shown'),
        t('training.column.accepted'),
        t('training.column.share'),
      ],
      rows: shares.map(({ span, figure }) => [
        shortTime(span.from, locale),
        shortTime(span.to, locale),
        whole(span.shown, locale),
        whole(span.accepted, locale),
        words(figure),
      ]),
    }),
  };
}
