import { isClosingLine } from '../language.ts';
import { inkOf, linesBelow, restOfLine } from '../place.ts';
import type { Filter } from './filter.ts';

/** An overlap inside a line must be this long: `)` and `;` are judged by the bracket filter, which knows what is open. */
const leastOverlap = 3;
const mostLines = 40;

/** Cuts the end of an answer where it repeats what already stands after the cursor, by characters or by whole lines. */
export const suffixOverlap: Filter = (text, place) => {
  const rest = restOfLine(place).trim();
  return cutLines(cutTerminator(cutCharacters(text, rest), rest), linesBelow(place, mostLines));
};

/** `a + b;` before `;` */
function cutTerminator(text: string, rest: string): string {
  const terminator = rest[0];
  if (terminator !== ';' && terminator !== ',') return text;
  return text.endsWith(terminator) ? text.slice(0, -1) : text;
}

function cutCharacters(text: string, after: string): string {
  for (let length = Math.min(text.length, after.length); length >= leastOverlap; length -= 1) {
    const overlap = after.slice(0, length);
    if (!/[\p{L}\p{N}]/u.test(overlap) || inkOf(overlap) < leastOverlap) continue;
    if (text.endsWith(overlap)) return text.slice(0, text.length - length);
  }
  return text;
}

function cutLines(text: string, below: readonly string[]): string {
  const start = below.findIndex((line) => line.trim() !== '');
  if (start === -1) return text;
  const lines = text.split('\n');
  // The answer's first line continues the current one, so it can't be a copy of a line below.
  for (let at = 1; at < lines.length; at += 1) {
    if (matchesToEnd(lines, at, below, start)) return lines.slice(0, at).join('\n');
  }
  return text;
}

/** True when everything from line `at` on repeats the lines below, and one of them says something. */
function matchesToEnd(lines: readonly string[], at: number, below: readonly string[], start: number): boolean {
  let telling = false;
  let down = start;
  if (lines[at]!.trim() === '') return false;
  for (let index = at; index < lines.length; index += 1) {
    const line = lines[index]!.trim();
    if (line === '') continue;
    while (down < below.length && below[down]!.trim() === '') down += 1;
    const other = below[down]?.trim();
    // The last line may have been cut off by the token limit.
    const cutOff = index === lines.length - 1 && telling && other?.startsWith(line);
    if (other === undefined || (other !== line && !cutOff)) return false;
    if (!isClosingLine(line) && inkOf(line) >= leastOverlap) telling = true;
    down += 1;
  }
  return telling;
}
