import { isClosingLine, scopedByIndentation } from '../language.ts';
import { columnsOf, indentationOf, linePrefix, unitColumns } from '../place.ts';
import type { Filter } from './filter.ts';

/** Words that go on with the statement whose block has just ended. */
const continues =
  /^([)\]}]|else\b|elif\b|elsif\b|elseif\b|except\b|catch\b|finally\b|rescue\b|ensure\b|while\s*\(|then\b|and\b|or\b|&&|\|\||\.|\?|:|\|)/;

/**
 * Ends an answer where it leaves the scope it began in, by indentation. In the middle of a line that is the statement
 * with its block; on a blank line it is the block the cursor stands in; at the top level it is one definition.
 */
export const scopeLimit: Filter = (text, place) => {
  const lines = text.split('\n');
  const before = linePrefix(place);
  const width = unitColumns(place.indentUnit);
  const base = columnsOf(indentationOf(before), width);
  const midLine = before.trim() !== '';
  const columns = (line: string) => columnsOf(indentationOf(line), width);
  let blank = false;
  let started = midLine || lines[0]!.trim() !== '';
  for (let at = 1; at < lines.length; at += 1) {
    const line = lines[at]!;
    if (line.trim() === '') {
      blank = true;
      continue;
    }
    const stopHere = () =>
      lines
        .slice(0, at)
        .join('\n')
        .replace(/\n\s*$/, '');
    const level = columns(line);
    const closing = isClosingLine(line);
    const goesOn = continues.test(line.trim());
    // A lone closer further out ends the scope; whether the file lacks it is the bracket filter's question.
    if (level < base)
      return closing && !blank && !scopedByIndentation(place.languageId)
        ? lines.slice(0, at + 1).join('\n')
        : stopHere();
    if (level === base && started) {
      if (midLine && !goesOn && !closing) return stopHere();
      if (base === 0 && blank && !goesOn) return stopHere();
    }
    started = true;
    blank = false;
  }
  return text;
};
