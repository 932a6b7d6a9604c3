import { columnsOf, indentationFor, indentationOf, linePrefix, type Place, unitColumns } from '../place.ts';
import type { Filter } from './filter.ts';
import { levelsToUnit, writtenFromColumnZero } from './indentation.ts';

/**
 * Brings a requested edit to the column of the text it replaces: models answer from column 0, or with the first line
 * there and the others in place. Tabs or spaces are the document's.
 */
export const editIndentation: Filter = (text, place) => {
  const before = linePrefix(place);
  const width = unitColumns(place.indentUnit);
  const startsLine = before.trim() === '';
  const base = columnsOf(indentationOf(startsLine ? before + firstTelling(place) : before), width);
  const lines = levelsToUnit(text, place.indentUnit).split('\n');
  const first = lines.findIndex((line) => line.trim() !== '');
  if (first === -1) return text;
  const own = columnsOf(indentationOf(lines[first]!), width);
  const shift = shiftOf(lines.slice(first), own, base, width);
  return lines
    .map((line, index) => {
      if (line.trim() === '') return line;
      if (index === first) return firstIndentation(before, base, place, width) + line.trimStart();
      const columns = Math.max(0, columnsOf(indentationOf(line), width) + shift);
      return indentationFor(columns, place.indentUnit) + line.trimStart();
    })
    .join('\n');
};

/** The line that tells how deep the replaced text stands. */
function firstTelling(place: Place): string {
  return place.before.split('\n').find((line) => line.trim() !== '') ?? '';
}

function firstIndentation(before: string, base: number, place: Place, width: number): string {
  if (before.trim() !== '') return indentationOf(place.before);
  return indentationFor(Math.max(0, base - columnsOf(before, width)), place.indentUnit);
}

function shiftOf(lines: readonly string[], own: number, base: number, width: number): number {
  const rest = lines.slice(1).filter((line) => line.trim() !== '');
  const least = Math.min(...rest.map((line) => columnsOf(indentationOf(line), width)));
  const inPlace = own === 0 && least >= base && !writtenFromColumnZero(lines, base, width);
  return inPlace ? 0 : base - own;
}
