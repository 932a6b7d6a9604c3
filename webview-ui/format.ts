/** Times, sizes, paths and model names as the panel shows them. */
import type { Translate } from './strings.ts';
import type { TranslateOf } from './translate.ts';

/** The words that a time needs. */
export type TimeWords = TranslateOf<'now' | 'minutes' | 'hours' | 'days'>;

/** "now", "2 min", "3 h", "5 d", then the date. */
export function relativeTime(at: number, nowMs: number, locale: string, t: TimeWords): string {
  const minutes = Math.floor((nowMs - at) / 60_000);
  if (minutes < 1) return t('now');
  if (minutes < 60) return t('minutes', minutes);
  if (minutes < 24 * 60) return t('hours', Math.floor(minutes / 60));
  const days = Math.floor(minutes / (24 * 60));
  if (days < 7) return t('days', days);
  const sameYear = new Date(at).getFullYear() === new Date(nowMs).getFullYear();
  return new Intl.DateTimeFormat(locale, {
    day: 'numeric',
    month: 'short',
    ...(sameYear ? {} : { year: 'numeric' as const }),
  }).format(at);
}

/** Date and time as short as they are clear. */
export function shortTime(at: number, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(at);
}

/** The whole date and time, for a tooltip. */
export function fullTime(at: number, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'medium' }).format(at);
}

/** Decimal units, as the cap is counted, at most one digit after the point: "640 B", "12.3 kB", "1.2 MB". */
export function byteSize(bytes: number, locale: string): string {
  const units = ['B', 'kB', 'MB', 'GB'] as const;
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(value)} ${units[unit]}`;
}

/** `src/billing/orders.ts` → `orders.ts` and `src/billing`. */
export function splitPath(file: string): { readonly name: string; readonly folder: string } {
  const cut = file.lastIndexOf('/');
  return cut < 0 ? { name: file, folder: '' } : { name: file.slice(cut + 1), folder: file.slice(0, cut) };
}

/** `ollama:qwen2.5-coder:1.5b` → `qwen2.5-coder:1.5b`: which server it came from is in the tooltip. */
export function modelLabel(model: string, t: Translate): string {
  if (model === 'workspace') return t('workspaceModel');
  return model.replace(/^(openai|ollama|vscode):/, '');
}
