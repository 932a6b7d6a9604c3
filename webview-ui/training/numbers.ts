/** Numbers as the view writes them: with their interval, in the reader's language, a true minus, no false precision. */
import type { Bounded } from './charts/whisker.ts';

/** Making one takes longer than all else about a label. */
const formats = new Map<string, Intl.NumberFormat>();

function formatted(value: number, locale: string, options: Intl.NumberFormatOptions): string {
  const key = `${locale} ${JSON.stringify(options)}`;
  let format = formats.get(key);
  if (!format) {
    format = new Intl.NumberFormat(locale, options);
    formats.set(key, format);
  }
  return format.format(value).replace(/^-/, '−');
}

/** For what is not defined. */
export const undefinedMark = '–';

/** Two decimals, fewer of large ones; of small ones two digits that count. */
export function number(value: number | null, locale: string): string {
  if (value === null || !Number.isFinite(value)) return undefinedMark;
  const size = Math.abs(value);
  if (size > 0 && size < 0.01) {
    const notation = size < 0.001 ? 'scientific' : 'standard';
    return formatted(value, locale, { notation, maximumSignificantDigits: 2 });
  }
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : 2;
  const exact = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return formatted(value, locale, exact);
}

/** Just so exact that the ticks of an axis differ. */
export function tickNumber(value: number, step: number, locale: string): string {
  if (value !== 0 && Math.max(Math.abs(value), step) < 0.001) return number(value, locale);
  if (Math.abs(value) >= 100_000) {
    return formatted(value, locale, { notation: 'compact', maximumFractionDigits: 1 });
  }
  const digits = Math.min(6, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
  return formatted(value, locale, { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

export const whole = (value: number, locale: string): string => formatted(value, locale, { maximumFractionDigits: 1 });

/** 0.34 → "34 %". `signed`: a change, "+9 %". */
export function percent(share: number | null, locale: string, signed = false): string {
  if (share === null || !Number.isFinite(share)) return undefinedMark;
  const rounded = Math.round(share * 100);
  const options = signed ? ({ signDisplay: 'exceptZero' } as const) : {};
  return `${formatted(rounded === 0 ? 0 : rounded, locale, options)}\u00a0%`;
}

/** The words an interval needs. */
export type IntervalWords = (
  key: 'training.interval' | 'training.intervalFrom' | 'training.intervalTo',
  ...values: string[]
) => string;

type Format = (value: number | null) => string;

/** "0.48 to 0.73"; "at least", "at most" where a bound isn't known; null: neither is. */
export function intervalText(
  { low, high }: Pick<Bounded, 'low' | 'high'>,
  t: IntervalWords,
  format: Format,
): string | null {
  if (low !== null && high !== null) return t('training.interval', format(low), format(high));
  if (low !== null) return t('training.intervalFrom', format(low));
  return high === null ? null : t('training.intervalTo', format(high));
}

/** "0.62 (0.48 to 0.73)"; the value alone where no bound is known. */
export function figureText(figure: Bounded, t: IntervalWords, format: Format): string {
  const interval = intervalText(figure, t, format);
  return interval === null ? format(figure.value) : `${format(figure.value)} (${interval})`;
}
