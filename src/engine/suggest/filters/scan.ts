/** Brackets of code, leaving out those in strings and comments. Not a parser: it must be right enough and never slow. */
import { commentSyntax } from '../language.ts';

export type Opener = '(' | '[' | '{';
export type Closer = ')' | ']' | '}';
export interface Bracket {
  readonly char: Opener | Closer;
  readonly at: number;
}

const pair: Readonly<Record<Closer, Opener>> = { ')': '(', ']': '[', '}': '{' };
export const closes = (closer: Closer, opener: Opener): boolean => pair[closer] === opener;

/**
 * The brackets of `text` in order. A quote that isn't closed on its line is taken for an apostrophe, a Rust lifetime or
 * the like, and not for a string.
 */
export function brackets(text: string, languageId: string): Bracket[] {
  const found: Bracket[] = [];
  const comment = commentSyntax(languageId);
  const blockComments = comment.open === '//' || comment.open === '/*' || languageId === 'sql';
  let at = 0;
  while (at < text.length) {
    const char = text[at]!;
    if (blockComments && text.startsWith('/*', at)) {
      const end = text.indexOf('*/', at + 2);
      at = end === -1 ? text.length : end + 2;
    } else if (comment.close === '' && text.startsWith(comment.open, at)) {
      const end = text.indexOf('\n', at);
      at = end === -1 ? text.length : end;
    } else if (char === '"' || char === "'" || char === '`') {
      at = afterString(text, at, char, languageId);
    } else {
      if (char === '(' || char === '[' || char === '{' || char === ')' || char === ']' || char === '}')
        found.push({ char, at });
      at += 1;
    }
  }
  return found;
}

function afterString(text: string, start: number, quote: string, languageId: string): number {
  // In Rust a single quote is a character or a lifetime, never a longer string.
  if (quote === "'" && languageId === 'rust') {
    const character = /'(?:\\[^\n']{1,10}|[^\\\n'])'/uy;
    character.lastIndex = start;
    return character.test(text) ? character.lastIndex : start + 1;
  }
  const triple = languageId === 'python' && text.startsWith(quote.repeat(3), start);
  const end = triple ? quote.repeat(3) : quote;
  for (let at = start + end.length; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text.startsWith(end, at)) return at + end.length;
    else if (text[at] === '\n' && !triple && quote !== '`') break;
  }
  return start + end.length;
}

export interface Balance {
  /** Openers that nothing in the text closes, outermost first. */
  readonly open: readonly Bracket[];
  /** Closers that nothing in the text opens, in order. */
  readonly unmatched: readonly Bracket[];
}

/** A closer that doesn't fit the innermost opener is unmatched; the opener stays open. */
export function balance(text: string, languageId: string): Balance {
  const open: Bracket[] = [];
  const unmatched: Bracket[] = [];
  for (const bracket of brackets(text, languageId)) {
    if (isOpener(bracket.char)) open.push(bracket);
    else if (open.length > 0 && closes(bracket.char as Closer, open.at(-1)!.char as Opener)) open.pop();
    else unmatched.push(bracket);
  }
  return { open, unmatched };
}

export const isOpener = (char: string): char is Opener => char === '(' || char === '[' || char === '{';

/** How much text on either side is looked at: what is open further away belongs to the file's own structure. */
const windowLength = 6000;

/**
 * The openers before the place that nothing after it closes, outermost first: what an answer may still close. The
 * closers after the place are given to the innermost opener of their kind.
 */
export function missingClosers(place: {
  readonly prefix: string;
  readonly suffix: string;
  readonly languageId: string;
}): Opener[] {
  const open = balance(fromLineStart(place.prefix), place.languageId).open.map((bracket) => bracket.char as Opener);
  for (const { char } of balance(place.suffix.slice(0, windowLength), place.languageId).unmatched) {
    const at = open.findLastIndex((opener) => closes(char as Closer, opener));
    if (at !== -1) open.splice(at, 1);
  }
  return open;
}

function fromLineStart(prefix: string): string {
  if (prefix.length <= windowLength) return prefix;
  const start = prefix.indexOf('\n', prefix.length - windowLength);
  return start === -1 ? prefix.slice(-windowLength) : prefix.slice(start + 1);
}
