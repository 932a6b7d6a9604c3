import { isClosingLine } from '../language.ts';
import { columnsOf, indentationOf, inkOf, nonBlankBelow, restOfLine, unitColumns } from '../place.ts';
import type { Filter } from './filter.ts';
import { isWrittenAgain } from './nearlyEqual.ts';

/** Of less visible text a line may stand in both by chance. */
const leastTelling = 8;

/**
 * Ends an answer where it arrives at the line that comes next already: from there on the model writes the file over again. The
 * first line is another filter's question.
 */
export const reachesNextLine: Filter = (text, place) => {
  const next = restOfLine(place).trim() === '' ? nonBlankBelow(place) : null;
  if (next === null || inkOf(next) < leastTelling || isClosingLine(next)) return text;
  const width = unitColumns(place.indentUnit);
  const column = (line: string) => columnsOf(indentationOf(line), width);
  const lines = text.split('\n');
  const at = lines.findIndex(
    (line, index) =>
      index > 0 &&
      column(line) === column(next) &&
      isWrittenAgain(line, next, lines.slice(0, index).findLast((one) => one.trim() !== '') ?? null),
  );
  return at === -1 ? text : lines.slice(0, at).join('\n').trimEnd();
};
