/** Round moments for an axis of time, in the local calendar. */
import type { Span } from './scale.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** Up to a day the step is a length; beyond that the calendar's, since days and months differ in length. */
const lengths = [1, 5, 15, 30].map((n) => n * minute).concat([1, 3, 6, 12].map((n) => n * hour));
const days = [1, 2, 7, 14];
const months = [1, 3, 6, 12, 24, 60, 120, 240, 600];

export interface TimeTicks {
  readonly at: readonly number[];
  /** What a label has to tell: the hour, the day, the month. */
  readonly unit: 'minute' | 'day' | 'month';
}

/** At most `count` of them inside the span, in milliseconds since the epoch. */
export function timeTicks(span: Span, count: number): TimeTicks {
  const fits = (step: number): boolean => (span[1] - span[0]) / step <= count;
  const length = lengths.find(fits);
  if (length !== undefined) return { at: fromMidnight(span, length), unit: 'minute' };
  const every = days.find((n) => fits(n * day));
  if (every !== undefined) return { at: byDays(span, every), unit: 'day' };
  return { at: byMonths(span, months.find((n) => fits(n * 30 * day)) ?? months.at(-1)!), unit: 'month' };
}

function fromMidnight([from, to]: Span, step: number): number[] {
  const found: number[] = [];
  for (let at = new Date(from).setHours(0, 0, 0, 0); at <= to; at += step) if (at >= from) found.push(at);
  return found;
}

function byDays([from, to]: Span, every: number): number[] {
  const found: number[] = [];
  const date = new Date(new Date(from).setHours(0, 0, 0, 0));
  for (; date.getTime() <= to; date.setDate(date.getDate() + every))
    if (date.getTime() >= from) found.push(date.getTime());
  return found;
}

function byMonths([from, to]: Span, every: number): number[] {
  const found: number[] = [];
  const start = new Date(from);
  const month = Math.floor((start.getFullYear() * 12 + start.getMonth()) / every) * every;
  for (let next = month; ; next += every) {
    const at = new Date(Math.floor(next / 12), next % 12, 1).getTime();
    if (at > to) return found;
    if (at >= from) found.push(at);
  }
}

const options: Readonly<Record<TimeTicks['unit'], Intl.DateTimeFormatOptions>> = {
  minute: { hour: 'numeric', minute: '2-digit' },
  day: { day: 'numeric', month: 'short' },
  month: { month: 'short', year: 'numeric' },
};
/** Making one takes longer than all else about a label. */
const formats = new Map<string, Intl.DateTimeFormat>();

/** What a tick reads. */
export function timeLabel(at: number, unit: TimeTicks['unit'], locale: string): string {
  const key = `${locale} ${unit}`;
  const format = formats.get(key) ?? new Intl.DateTimeFormat(locale, options[unit]);
  formats.set(key, format);
  return format.format(at);
}
