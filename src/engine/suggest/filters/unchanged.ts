import type { Filter } from './filter.ts';

/** Drops an edit that changes nothing a reader could see. */
export const unchanged: Filter = (text, place) => {
  const trimmed = (value: string) => value.replace(/[ \t]+(?=\n)/g, '').trim();
  return trimmed(text) === trimmed(place.before) ? null : text;
};
