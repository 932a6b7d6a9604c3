import { isClosingLine } from '../language.ts';
import { inkOf, linePrefix, nonBlankAbove } from '../place.ts';
import type { Filter } from './filter.ts';

/** Drops an answer whose first line is the line above once more. */
export const rewritesLineAbove: Filter = (text, place) => {
  const above = nonBlankAbove(place)?.trim();
  if (above === undefined || inkOf(above) < 4 || isClosingLine(above)) return text;
  const first = text.split('\n').findIndex((line) => line.trim() !== '');
  if (first === -1) return text;
  const line = text.split('\n')[first]!;
  // After code on the cursor's line, an answer that starts with a line break is below that code, not below `above`.
  const nearest = first > 0 && linePrefix(place).trim() !== '' ? linePrefix(place).trim() : above;
  const whole = first === 0 ? linePrefix(place) + line : line;
  return whole.trim() === nearest ? null : text;
};
