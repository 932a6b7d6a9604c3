import { isWordChar, linePrefix, type Place, restOfLine } from '../place.ts';

const onlyClosers = /^[\s)\]}"'`;,>]*$/;

export interface MidLine {
  /** The answer, without the code that stands after the cursor. */
  readonly text: string;
  /** What is put behind the cleaned answer again: code after the cursor that the offer takes the place of. */
  readonly tail: string;
  /** The place the answer is to be cleaned for: what the answer itself brings is no longer after it. */
  readonly place: Place;
  /** The part of the line that the offer takes the place of. */
  readonly replaces: string;
}

/**
 * The mid-line rule of Copilot and Cody: at the end of a line, or before nothing but closers, an answer is inserted.
 * Anywhere else it is one line and takes the place of the rest of the line, which it must contain. Null: no offer here,
 * as in the middle of a word.
 */
export function midLine(text: string, place: Place): MidLine | null {
  const rest = restOfLine(place);
  if (rest.trim() === '') return { text, tail: '', place, replaces: '' };
  const first = text.split('\n')[0]!;
  if (onlyClosers.test(rest)) {
    const closers = rest.trim();
    // `foo(▮)` + `a) {`: the answer brings its own closer and goes on behind it.
    const at = unopened(first, closers);
    if (at === -1 || first.length <= at + closers.length) return { text, tail: '', place, replaces: '' };
    return { text, tail: '', place: { ...place, suffix: place.suffix.slice(rest.length) }, replaces: rest.trimEnd() };
  }
  if (isWordChar(rest[0]) && isWordChar(linePrefix(place).at(-1))) return null;
  const tail = rest.trimEnd();
  const own = first.endsWith(tail) ? first.slice(0, first.length - tail.length) : first;
  return own.trim() === '' ? null : { text: own, tail, place, replaces: tail };
}

/** VS Code draws ghost text over a replaced part only when that part is in it, character by character, in order. */
export function contains(text: string, part: string): boolean {
  let at = 0;
  for (const char of part) {
    at = text.indexOf(char, at) + 1;
    if (at === 0) return false;
  }
  return true;
}

/** Where `closers` stand in the line although the line itself opened nothing for them; −1 if nowhere. */
function unopened(line: string, closers: string): number {
  const at = line.indexOf(closers);
  if (at === -1) return -1;
  const before = line.slice(0, at);
  const depth = [...before].reduce((sum, char) => sum + ('([{'.includes(char) ? 1 : ')]}'.includes(char) ? -1 : 0), 0);
  if (/^[)\]}]/.test(closers)) return depth === 0 ? at : -1;
  return at;
}
