/** The place a suggestion is for, as filters, retrieval and prompts see it. Line ends are always `\n`. */
import type { Range } from '../../protocol/episode.ts';

export interface Place {
  readonly languageId: string;
  /** Path inside the workspace folder; empty for an untitled document. */
  readonly file: string;
  /** Text before the part that is replaced. */
  readonly prefix: string;
  /** The part that is replaced; empty where text is only inserted. */
  readonly before: string;
  /** Text after the part that is replaced. */
  readonly suffix: string;
  /** One level of indentation in this document: a tab or some spaces. */
  readonly indentUnit: string;
  /** How much is asked for here; several lines unless said. */
  readonly lines?: 'one' | 'several';
  /** What the developer changed in this file in the last minute, as whole lines. */
  readonly recentEdits?: readonly { readonly before: string; readonly after: string }[];
}

export const toLf = (text: string): string => (text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text);

/** The part of the current line that stands before the place. */
export function linePrefix(place: Pick<Place, 'prefix'>): string {
  return place.prefix.slice(place.prefix.lastIndexOf('\n') + 1);
}

/** The part of the current line that stands after the replaced part. */
export function restOfLine(place: Pick<Place, 'suffix'>): string {
  const end = place.suffix.indexOf('\n');
  return end === -1 ? place.suffix : place.suffix.slice(0, end);
}

/** The lines that follow the current one. */
export function linesBelow(place: Pick<Place, 'suffix'>, max: number): string[] {
  const end = place.suffix.indexOf('\n');
  if (end === -1) return [];
  return takeLines(place.suffix, end + 1, max);
}

function takeLines(text: string, from: number, max: number): string[] {
  const lines: string[] = [];
  let at = from;
  while (lines.length < max && at <= text.length) {
    const end = text.indexOf('\n', at);
    lines.push(end === -1 ? text.slice(at) : text.slice(at, end));
    if (end === -1) break;
    at = end + 1;
  }
  return lines;
}

/** The lines above the current one, nearest first. */
export function linesAbove(place: Pick<Place, 'prefix'>, max: number): string[] {
  const lines: string[] = [];
  let end = place.prefix.lastIndexOf('\n');
  while (end !== -1 && lines.length < max) {
    const start = end === 0 ? -1 : place.prefix.lastIndexOf('\n', end - 1);
    lines.push(place.prefix.slice(start + 1, end));
    end = start;
  }
  return lines;
}

/** Nearest line with something on it, looking at most 20 lines up; null when there is none. */
export function nonBlankAbove(place: Pick<Place, 'prefix'>): string | null {
  return linesAbove(place, 20).find((line) => line.trim() !== '') ?? null;
}

/** Next line with something on it, looking at most 20 lines down; null when there is none. */
export function nonBlankBelow(place: Pick<Place, 'suffix'>): string | null {
  return linesBelow(place, 20).find((line) => line.trim() !== '') ?? null;
}

export const indentationOf = (line: string): string => /^[ \t]*/.exec(line)![0];

/** Columns that leading white space takes, a tab counting as `tabWidth`. */
export function columnsOf(indentation: string, tabWidth: number): number {
  let columns = 0;
  for (const char of indentation) columns += char === '\t' ? tabWidth - (columns % tabWidth) : 1;
  return columns;
}

/** Columns of one level: a tab is taken as 4, VS Code's default. */
export const unitColumns = (unit: string): number => (unit === '\t' ? 4 : unit.length);

/** `columns` of white space in the document's own characters. */
export function indentationFor(columns: number, unit: string): string {
  if (unit !== '\t') return ' '.repeat(columns);
  return '\t'.repeat(Math.floor(columns / 4)) + ' '.repeat(columns % 4);
}

/**
 * One level of indentation of a text: a tab if most indented lines start with one, else the commonest difference
 * between neighbouring indentations (VS Code's own heuristic, on the first 1 000 lines); 2 spaces where nothing is
 * indented, 4 or a tab for the languages where that is the rule.
 */
export function detectIndentUnit(text: string, languageId: string): string {
  let tabs = 0;
  let spaces = 0;
  const steps = new Map<number, number>();
  let previous = 0;
  for (const line of takeLines(text, 0, 1000)) {
    if (line.trim() === '') continue;
    const indentation = indentationOf(line);
    if (indentation.startsWith('\t')) tabs += 1;
    else if (indentation.length > 1) spaces += 1;
    const step = Math.abs(indentation.length - previous);
    if (!indentation.includes('\t') && step > 1 && step <= 8) steps.set(step, (steps.get(step) ?? 0) + 1);
    previous = indentation.length;
  }
  if (tabs > spaces) return '\t';
  if (steps.size === 0 && spaces === 0 && /^(go|makefile)$/.test(languageId)) return '\t';
  let best = /^(python|rust|java|csharp|c|cpp|kotlin|php|swift)$/.test(languageId) ? 4 : 2;
  let most = 0;
  for (const [step, count] of [...steps].sort((a, b) => a[0] - b[0])) {
    if (count > most) [best, most] = [step, count];
  }
  return ' '.repeat(best);
}

/** True for a line that opens a block: the next line stands one level deeper. */
export const opensBlock = (line: string): boolean => /([:{([]|=>|\b(?:then|do))\s*$/.test(line);

/** The column at which a new line would begin here: that of the line above, one level deeper where that opens a block. */
export function expectedColumn(place: Place): number {
  const above = nonBlankAbove(place);
  if (above === null) return 0;
  const width = unitColumns(place.indentUnit);
  return columnsOf(indentationOf(above), width) + (opensBlock(above) ? width : 0);
}

/** Zero-based line and character of an offset. */
export function positionAt(text: string, offset: number): { readonly line: number; readonly character: number } {
  let line = 0;
  let start = 0;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) {
    line += 1;
    start = at + 1;
  }
  return { line, character: offset - start };
}

export function rangeOf(text: string, start: number, end: number): Range {
  const from = positionAt(text, start);
  const to = positionAt(text, end);
  return { startLine: from.line, startCharacter: from.character, endLine: to.line, endCharacter: to.character };
}

/** Text with all white space taken out: two texts that differ only in layout are the same suggestion. */
export const squash = (text: string): string => text.replace(/\s+/g, '');

/** Characters that are not white space. */
export const inkOf = (text: string): number => squash(text).length;

export const isWordChar = (char: string | undefined): boolean => char !== undefined && /[\p{L}\p{N}_$]/u.test(char);
