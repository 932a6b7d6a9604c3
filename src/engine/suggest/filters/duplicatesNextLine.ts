import { isClosingLine } from '../language.ts';
import { inkOf, linePrefix, nonBlankBelow } from '../place.ts';
import type { Filter } from './filter.ts';

/** Drops an answer that begins with the line that already comes next. */
export const duplicatesNextLine: Filter = (text, place) => {
  const next = nonBlankBelow(place)?.trim();
  if (next === undefined || inkOf(next) < 3 || isClosingLine(next)) return text;
  const lines = text.split('\n');
  const first = lines.findIndex((line) => line.trim() !== '');
  if (first === -1) return text;
  const whole = first === 0 ? linePrefix(place) + lines[0] : lines[first]!;
  return whole.trim() === next ? null : text;
};
