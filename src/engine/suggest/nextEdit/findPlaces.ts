/** Where in a document the same change can be made. */
import { codeOf, lex, type Token } from './lex.ts';
import { editAt, isReceiver, type Pattern, type RenamePattern, type TextEdit, type TokenPattern } from './pattern.ts';
import { renamed } from './rename.ts';
import { wordsOf } from './words.ts';

/** What finding needs of a document. */
export interface SearchedText {
  readonly uri: string;
  readonly version: number;
  readonly languageId: string;
  readonly text: string;
}

/** More of them are not a few places left: counted no further. */
export const mostPlaces = 100;
/** Longer documents are left alone: reading one of this length takes 25 ms (2 cores), which no other request should wait for. */
export const longestDocument = 400_000;
const mostKept = 30;

/** Finds places; remembers how each document reads until it changes. */
export class PlaceFinder {
  readonly #read = new Map<
    string,
    { readonly version: number; readonly text: string; readonly tokens: readonly Token[] }
  >();

  /** At most `mostPlaces`, in the order of the text; none overlap. */
  places(document: SearchedText, pattern: Pattern): TextEdit[] {
    if (document.text.length > longestDocument || !mayHold(document.text, pattern)) return [];
    const tokens = this.tokens(document);
    return pattern.type === 'rename'
      ? renames(document.text, tokens, pattern)
      : rewrites(document.text, codeOf(tokens), pattern);
  }

  tokens({ uri, version, languageId, text }: SearchedText): readonly Token[] {
    const known = this.#read.get(uri);
    if (known?.version === version && known.text === text) return known.tokens;
    const tokens = lex(text, languageId);
    this.#read.delete(uri);
    this.#read.set(uri, { version, text, tokens });
    const [oldest] = this.#read.keys();
    if (this.#read.size > mostKept && oldest !== undefined) this.#read.delete(oldest);
    return tokens;
  }

  clear(): void {
    this.#read.clear();
  }
}

/** Cheap, and right when it says no: most documents hold nothing of what was changed. */
function mayHold(text: string, pattern: Pattern): boolean {
  if (pattern.type !== 'rename')
    return pattern.slots.every((slot) => slot.type !== 'token' || text.includes(slot.text));
  if (!pattern.part) return text.includes(pattern.from);
  const lower = text.toLowerCase();
  return pattern.part.from.every((word) => lower.includes(word));
}

function rewrites(text: string, tokens: readonly Token[], pattern: TokenPattern): TextEdit[] {
  const found: TextEdit[] = [];
  const [first] = pattern.slots;
  for (let at = 0; at < tokens.length && found.length < mostPlaces; at += 1) {
    if (first?.type === 'token' && tokens[at]!.text !== first.text) continue;
    const edit = editAt(text, tokens, at, pattern);
    // Of two that overlap, as in `f(f(x))`, the second comes when the first is done.
    if (edit && edit.start >= (found.at(-1)?.end ?? 0)) found.push(edit);
  }
  return found;
}

function renames(text: string, tokens: readonly Token[], pattern: RenamePattern): TextEdit[] {
  const found: TextEdit[] = [];
  const known = new Map<string, string | null>();
  for (const [index, token] of tokens.entries()) {
    if (found.length >= mostPlaces) break;
    switch (token.kind) {
      case 'word': {
        // The same few names stand everywhere.
        const name = known.has(token.text) ? known.get(token.text)! : renamed(token.text, pattern);
        known.set(token.text, name);
        if (name !== null && name !== token.text && !isOtherMethod(tokens, index, pattern))
          found.push({ start: token.start, end: token.end, text: name });
        break;
      }
      case 'string':
      case 'comment':
        found.push(...mentions(text, token, pattern));
        break;
      case 'number':
      case 'sign':
        break;
    }
  }
  return found.slice(0, mostPlaces);
}

/** `list.concat(` is a method of something else, whatever part of `concatValue` was renamed. */
function isOtherMethod(tokens: readonly Token[], at: number, { from, part }: RenamePattern): boolean {
  const before = tokens[at - 1];
  const { text } = tokens[at]!;
  if (text === from || !part || wordsOf(text).length > part.from.length) return false;
  return before !== undefined && isReceiver(before) && tokens[at + 1]?.text === '(';
}

/** In prose and data only the very name that was changed, and only where it can't be an ordinary word or part of a path. */
function mentions(text: string, token: Token, { from, to }: RenamePattern): TextEdit[] {
  if (wordsOf(from).length < 2) return [];
  const found: TextEdit[] = [];
  for (let at = token.text.indexOf(from); at >= 0; at = token.text.indexOf(from, at + from.length)) {
    const start = token.start + at;
    const end = start + from.length;
    const around = (text[start - 1] ?? ' ') + (text[end] ?? ' ');
    if (!/[\p{L}\p{N}_$/\\-]/u.test(around)) found.push({ start, end, text: to });
  }
  return found;
}

/** Those behind `offset` first, then from the top. */
export function fromCursor(places: readonly TextEdit[], offset: number): TextEdit[] {
  return [...places.filter(({ start }) => start >= offset), ...places.filter(({ start }) => start < offset)];
}
