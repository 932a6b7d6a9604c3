/** Which block of a file a place is in, without a parser: by indentation, and by braces where there are some. */

import { balance } from './filters/scan.ts';
import { scopedByIndentation } from './language.ts';
import { columnsOf, indentationOf, opensBlock } from './place.ts';

/** A tab is taken as this many columns; only more or less matters here. */
const tabColumns = 4;
/** Blocks that open further up are the file's own structure. */
const windowLength = 16_000;

/**
 * Offset of the line that opens the innermost block around `offset`; −1 at the top level. Two places with the same number are in
 * the same scope: deeper blocks inside it are others.
 */
export function scopeAt(text: string, offset: number, languageId: string): number {
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
  const above = lineStart > windowLength ? text.indexOf('\n', lineStart - windowLength) + 1 : 0;
  const header = headerAbove(text, lineStart, above);
  if (scopedByIndentation(languageId)) return header;
  const open = balance(text.slice(above, offset), languageId).open.findLast(({ char }) => char === '{');
  const brace = open === undefined ? -1 : text.lastIndexOf('\n', above + open.at - 1) + 1;
  return Math.max(header, brace);
}

/** Start of the nearest line above that stands further out than the line at `lineStart`; −1 when none does. */
function headerAbove(text: string, lineStart: number, limit: number): number {
  const column = columnAt(text, lineStart);
  for (let start = lineStart; start > limit; ) {
    const end = start - 1;
    start = text.lastIndexOf('\n', end - 1) + 1;
    const line = text.slice(start, end);
    if (line.trim() !== '' && columnOf(line) < column) return start;
  }
  return -1;
}

/** How deep the line stands. A line with nothing at all on it is as deep as the lines around let it be. */
function columnAt(text: string, lineStart: number): number {
  const line = lineAt(text, lineStart);
  if (line !== '') return columnOf(line);
  const above = neighbour(text, lineStart, -1);
  if (above === null) return 0;
  const inside = columnOf(above) + (opensBlock(above.trimEnd()) ? 1 : 0);
  const below = neighbour(text, lineStart, 1);
  return below === null ? 0 : Math.min(inside, Math.max(columnOf(below), opensBlock(above.trimEnd()) ? inside : 0));
}

const columnOf = (line: string): number => columnsOf(indentationOf(line), tabColumns);

function lineAt(text: string, start: number): string {
  const end = text.indexOf('\n', start);
  return (end === -1 ? text.slice(start) : text.slice(start, end)).replace(/\r$/, '');
}

/** The next line up or down with something on it; null when there is none. */
function neighbour(text: string, lineStart: number, step: 1 | -1): string | null {
  let start = lineStart;
  while (true) {
    if (step === 1) {
      const end = text.indexOf('\n', start);
      if (end === -1) return null;
      start = end + 1;
    } else {
      if (start === 0) return null;
      start = text.lastIndexOf('\n', start - 2) + 1;
    }
    const line = lineAt(text, start);
    if (line.trim() !== '') return line;
  }
}
