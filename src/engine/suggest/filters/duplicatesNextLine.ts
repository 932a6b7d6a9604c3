import { isClosingLine } from '../language.ts';
import { inkOf, linePrefix, linesBelow, nonBlankAbove } from '../place.ts';
import type { Filter } from './filter.ts';
import { isWrittenAgain } from './nearlyEqual.ts';

/** Lines below that are looked at; further down the same statement may be meant twice. */
const mostLines = 3;
/** Of less visible text a line further down is a commonplace. */
const leastTelling = 12;
/** Lines looked through for those with something on them. */
const mostBelow = 20;

/** Drops an answer that begins with a line that comes next already, or with one that hardly differs from it. */
export const duplicatesNextLine: Filter = (text, place) => {
  const lines = text.split('\n');
  const first = lines.findIndex((line) => line.trim() !== '');
  if (first === -1) return text;
  const before = linePrefix(place);
  const whole = first === 0 ? before + lines[0] : lines[first]!;
  const above = first > 0 && before.trim() !== '' ? before : nonBlankAbove(place);
  const below = linesBelow(place, mostBelow)
    .filter((line) => line.trim() !== '')
    .slice(0, mostLines);
  const repeats = below.some((line, index) => {
    if (inkOf(line) < (index === 0 ? 3 : leastTelling) || isClosingLine(line)) return false;
    return index === 0 ? isWrittenAgain(whole, line, above) : whole.trim() === line.trim();
  });
  return repeats ? null : text;
};
