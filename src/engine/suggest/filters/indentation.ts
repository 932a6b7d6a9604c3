import { isClosingLine } from '../language.ts';
import {
  columnsOf,
  detectIndentUnit,
  expectedColumn,
  indentationFor,
  indentationOf,
  linePrefix,
  opensBlock,
  unitColumns,
} from '../place.ts';
import type { Filter } from './filter.ts';

/**
 * Brings an answer to the document's own tabs or spaces and to the cursor's column. The cursor's indentation is kept:
 * white space before the answer's first word is taken off and the lines below move with it. An answer written from
 * column 0 although the cursor stands deeper (as chat models do) moves right as a block.
 */
export const indentation: Filter = (text, place) => {
  const before = linePrefix(place);
  const lines = levelsToUnit(text, place.indentUnit).split('\n');
  const width = unitColumns(place.indentUnit);
  const base = columnsOf(indentationOf(before), width);
  const onBlankLine = before.trim() === '';
  const own = columnsOf(indentationOf(lines[0]!), width);
  let shift = 0;
  // `own` may also complete what is missing up to the line's column: then it is no repetition.
  if (onBlankLine && base > 0 && (own === 0 || base + own !== expectedColumn(place))) {
    if (own > 0) shift = base - own;
    lines[0] = lines[0]!.trimStart();
  }
  if (shift === 0 && own === 0 && writtenFromColumnZero([before + lines[0], ...lines.slice(1)], base, width))
    shift = base;
  return lines
    .map((line, index) => {
      if (line.trim() === '' || (index === 0 && !(onBlankLine && base === 0))) return line;
      const leading = indentationOf(line);
      const columns = Math.max(0, columnsOf(leading, width) + (index === 0 ? 0 : shift));
      return indentationFor(columns, place.indentUnit) + line.slice(leading.length);
    })
    .join('\n');
};

/**
 * True when the first line opens a block and the next isn't deeper than the column the block begins at: only an answer
 * written from column 0 looks like that.
 */
export function writtenFromColumnZero(lines: readonly string[], base: number, width: number): boolean {
  if (base === 0 || !opensBlock(lines[0] ?? '')) return false;
  const next = lines.slice(1).find((line) => line.trim() !== '');
  if (next === undefined || isClosingLine(next)) return false;
  const columns = columnsOf(indentationOf(next), width);
  return columns > 0 && columns <= base;
}

/** In a document of tabs, an answer in spaces gets one tab for each of its own levels. */
export function levelsToUnit(text: string, unit: string): string {
  if (unit !== '\t' || !/^ /m.test(text)) return text;
  const level = detectIndentUnit(text, '');
  if (level === '\t') return text;
  return text.replace(
    /^ +/gm,
    (spaces) => '\t'.repeat(Math.floor(spaces.length / level.length)) + ' '.repeat(spaces.length % level.length),
  );
}
