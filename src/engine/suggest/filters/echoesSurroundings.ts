import { isClosingLine } from '../language.ts';
import { inkOf, linesAbove, linesBelow, restOfLine } from '../place.ts';
import type { Filter } from './filter.ts';

const most = 30;

/**
 * Cuts the lines before and after the part to replace where a model repeats them around its answer. A line that the
 * replaced text itself begins or ends with is no echo.
 */
export const echoesSurroundings: Filter = (text, place) => {
  const old = place.before.split('\n').map((line) => line.trim());
  const lines = text.split('\n');
  const above = linesAbove(place, most).reverse();
  const following = linesBelow(place, most);
  // A selection of whole lines ends at the beginning of the next.
  const below = place.before.endsWith('\n') ? [restOfLine(place), ...following] : following;
  const start = overlap(above, lines, (count) => old[0] !== lines[0]?.trim() || count > old.length);
  const rest = lines.slice(start);
  const end = overlap(rest, below, () => old.at(-1) !== rest.at(-1)?.trim());
  return rest.slice(0, rest.length - end).join('\n');
};

/** Most lines at the end of `first` that `second` begins with, and that say something. */
function overlap(first: readonly string[], second: readonly string[], accept: (count: number) => boolean): number {
  for (let count = Math.min(first.length, second.length); count > 0; count -= 1) {
    const tail = first.slice(first.length - count).map((line) => line.trim());
    const head = second.slice(0, count).map((line) => line.trim());
    const telling = tail.some((line) => !isClosingLine(line) && inkOf(line) >= 4);
    if (telling && tail.every((line, at) => line === head[at]) && accept(count)) return count;
  }
  return 0;
}
