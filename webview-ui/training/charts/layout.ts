/** Where everything of a chart stands, in pixels. */
import { extent, linear, logarithmic, logTicks, niceDomain, niceStep, type Scale, type Span, ticks } from './scale.ts';
import type { Axis, ChartSpec, Layer } from './spec.ts';
import { timeLabel, timeTicks } from './time.ts';

export interface Tick {
  readonly at: number;
  readonly label: string;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly x: Scale;
  readonly y: Scale;
  readonly xTicks: readonly Tick[];
  readonly yTicks: readonly Tick[];
}

/** Of a digit at 11 px; labels are mostly digits. */
const digitWidth = 6.2;
const tickHeight = 16;
/** Room between two labels of an axis. */
const betweenX = 64;
const betweenY = 32;

/** `width`: of the drawing. Pure: the same data and width, the same places. */
export function layoutOf(spec: ChartSpec, width: number, locale: string): Layout {
  const hasMarks = spec.layers.some(({ type }) => type === 'mark');
  const top = hasMarks ? 18 : 8;
  const bottom = tickHeight + 4;
  const yCount = Math.max(2, Math.floor((spec.height - top - bottom) / betweenY));
  const vertical = axis(spec.y, valuesOf(spec.layers, 'y'), yCount, locale, 'nice');
  const left = Math.max(14, ...vertical.ticks.map(({ label }) => label.length * digitWidth)) + 8;
  const right = 10;
  const inner = Math.max(20, width - left - right);
  const plotWidth = spec.square ? Math.min(inner, spec.height - top - bottom) : inner;
  const xCount = Math.max(2, Math.floor(plotWidth / betweenX));
  const horizontal = axis(spec.x, valuesOf(spec.layers, 'x'), xCount, locale, 'tight');
  return {
    width,
    height: spec.height,
    x: scaleOf(spec.x)(horizontal.domain, [left, left + plotWidth]),
    y: scaleOf(spec.y)(vertical.domain, [spec.height - bottom, top]),
    xTicks: horizontal.ticks,
    yTicks: vertical.ticks,
  };
}

const scaleOf = ({ kind }: Axis) => (kind === 'log' ? logarithmic : linear);

interface Ticked {
  readonly domain: Span;
  readonly ticks: readonly Tick[];
}

/** `nice`: the axis ends at ticks; `tight`: at the data, so that no step is invented before the first or after the last. */
function axis(
  axis: Axis,
  values: Iterable<number | null>,
  count: number,
  locale: string,
  ends: 'nice' | 'tight',
): Ticked {
  const span = axis.domain ?? extent([...values, ...(axis.include ?? [])]);
  if (axis.kind === 'time') {
    const [from, to] = span ?? [0, 1];
    const domain: Span = from === to ? [from - 30 * 60_000, to + 30 * 60_000] : [from, to];
    const { at, unit } = timeTicks(domain, count);
    return { domain, ticks: at.map((moment) => ({ at: moment, label: timeLabel(moment, unit, locale) })) };
  }
  if (axis.kind === 'log') {
    const [low, high] = span && span[0] > 0 ? span : [1, 10];
    const domain: Span = low === high ? [low / 2, high * 2] : [low, high];
    return { domain, ticks: logTicks(domain, count).map((at) => ({ at, label: axis.format(at, at) })) };
  }
  const nice = niceDomain(span, count);
  const tight = axis.domain ?? (ends === 'tight' && span && span[0] < span[1] ? span : nice.domain);
  const wide = axis.domain || ends === 'tight' ? niceStep(tight, count) : nice.step;
  // An axis that ends at the data may hold a single multiple of a wide step.
  const step = ticks(tight, wide).length < 2 ? niceStep(tight, 2 * count) : wide;
  return { domain: tight, ticks: ticks(tight, step).map((at) => ({ at, label: axis.format(at, step) })) };
}

function* valuesOf(layers: readonly Layer[], which: 'x' | 'y'): Iterable<number | null> {
  for (const layer of layers) {
    switch (layer.type) {
      case 'line':
        for (const [x, y] of layer.points) yield which === 'x' ? x : y;
        break;
      case 'band':
        for (const [x, low, high] of layer.points) {
          if (which === 'x') yield x;
          else {
            yield low;
            yield high;
          }
        }
        break;
      case 'points':
        for (const { x, y, low, high } of layer.points) {
          if (which === 'x') yield x;
          else {
            yield y;
            yield low ?? null;
            yield high ?? null;
          }
        }
        break;
      case 'level':
        if (which === 'y') yield layer.y;
        break;
      case 'mark':
        if (which === 'x') yield layer.x;
        break;
      case 'diagonal':
        break;
    }
  }
}
