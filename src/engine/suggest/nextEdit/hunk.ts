/** Where two versions of the same lines differ, in tokens. */
import { codeOf, lex, type Token } from './lex.ts';

export interface Version {
  readonly text: string;
  /** Without comments. */
  readonly tokens: readonly Token[];
}

/** Tokens `from` to the version's own `to` differ; what stands before and behind is the same. */
export interface Hunk {
  readonly before: Version;
  readonly after: Version;
  readonly from: number;
  readonly beforeTo: number;
  readonly afterTo: number;
}

/** Null when nothing but white space or comments differs. */
export function hunkOf(before: string, after: string, languageId: string): Hunk | null {
  const a = codeOf(lex(before, languageId));
  const b = codeOf(lex(after, languageId));
  const shorter = Math.min(a.length, b.length);
  let head = 0;
  while (head < shorter && a[head]!.text === b[head]!.text) head += 1;
  let tail = 0;
  while (tail < shorter - head && a.at(-1 - tail)!.text === b.at(-1 - tail)!.text) tail += 1;
  if (head === a.length - tail && head === b.length - tail) return null;
  return {
    before: { text: before, tokens: a },
    after: { text: after, tokens: b },
    from: head,
    beforeTo: a.length - tail,
    afterTo: b.length - tail,
  };
}

export const removedOf = ({ before, from, beforeTo }: Hunk): readonly Token[] => before.tokens.slice(from, beforeTo);
export const addedOf = ({ after, from, afterTo }: Hunk): readonly Token[] => after.tokens.slice(from, afterTo);

/** The text between two tokens of a version, from the end of `left` to the start of `right`; the text's edges outside. */
export function between({ text, tokens }: Version, left: number, right: number): string {
  return text.slice(left < 0 ? 0 : tokens[left]!.end, right >= tokens.length ? text.length : tokens[right]!.start);
}
