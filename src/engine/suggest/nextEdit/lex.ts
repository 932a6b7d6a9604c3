/** A text as tokens, as far as finding the same change again needs it: names, numbers, strings, comments, signs. */
import { type CommentSyntax, commentSyntax } from '../language.ts';

export type TokenKind = 'word' | 'number' | 'string' | 'comment' | 'sign';

/** `start` to `end` of the text; white space stands between tokens. */
export interface Token {
  readonly kind: TokenKind;
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** A string or comment that the end of the line, or of the text, cut off. */
  readonly open?: true;
}

/** Signs of several characters that are one; brackets never are, so that `>>` closes two. */
const signs =
  /(?:===|!==|\*\*=|\.\.\.|\?\?=|&&=|\|\|=|=>|==|!=|<=|>=|&&|\|\||\?\?|\?\.|\+\+|--|\+=|-=|\*=|\/=|%=|::|->|:=|<-|\*\*)/y;
const word = /[\p{L}_$][\p{L}\p{N}_$]*/uy;
const number = /\d[\p{L}\p{N}_]*(?:\.\d[\p{L}\p{N}_]*)?/uy;

const slashed: readonly CommentSyntax[] = [
  { open: '//', close: '' },
  { open: '/*', close: '*/' },
];

function commentsOf(languageId: string): readonly CommentSyntax[] {
  const syntax = commentSyntax(languageId);
  return syntax.open === '//' ? slashed : [syntax];
}

/** Tokens of `text` in order. Never fails: what isn't understood is a sign of one character. */
export function lex(text: string, languageId: string): Token[] {
  const comments = commentsOf(languageId);
  const tripleQuoted = languageId === 'python';
  const tokens: Token[] = [];
  /** Brackets open inside the code of template strings; `${` is marked, since its `}` leads back into the string. */
  const braces: ('brace' | 'template')[] = [];
  let at = 0;
  const push = (kind: TokenKind, end: number, open = false): void => {
    tokens.push({ kind, start: at, end, text: text.slice(at, end), ...(open ? { open: true as const } : {}) });
    at = end;
  };
  const take = (pattern: RegExp): number => {
    pattern.lastIndex = at;
    return pattern.test(text) ? pattern.lastIndex : at;
  };
  /** From `from` on inside a template string: to its end, or to the code in it. */
  const template = (from: number): void => {
    for (let to = from; to < text.length; to += 1) {
      const char = text[to];
      if (char === '\\') to += 1;
      if (char === '`') {
        push('string', to + 1);
        return;
      }
      if (char === '$' && text[to + 1] === '{') {
        braces.push('template');
        push('string', to + 2);
        return;
      }
    }
    push('string', text.length, true);
  };
  scan: while (at < text.length) {
    const char = text[at]!;
    if (char === ' ' || char === '\n' || char === '\t' || char === '\r' || /\s/.test(char)) {
      at += 1;
      continue;
    }
    for (const { open, close } of comments) {
      if (!text.startsWith(open, at)) continue;
      const closed = close === '' ? text.indexOf('\n', at) : text.indexOf(close, at + open.length);
      if (closed < 0) push('comment', text.length, close !== '');
      else push('comment', closed + close.length);
      continue scan;
    }
    const wordEnd = take(word);
    if (wordEnd > at) {
      push('word', wordEnd);
      continue;
    }
    if (char >= '0' && char <= '9') {
      push('number', Math.max(take(number), at + 1));
      continue;
    }
    if (tripleQuoted && (text.startsWith('"""', at) || text.startsWith("'''", at))) {
      const closed = text.indexOf(text.slice(at, at + 3), at + 3);
      push('string', closed < 0 ? text.length : closed + 3, closed < 0);
      continue;
    }
    if (char === '`') {
      template(at + 1);
      continue;
    }
    if (char === '"' || char === "'") {
      const end = closingQuote(text, at);
      // An apostrophe that nothing closes is no string: a lifetime, a word in prose.
      if (end.closed || char === '"') push('string', end.at, !end.closed);
      else push('sign', at + 1, true);
      continue;
    }
    if (char === '{' && braces.length > 0) braces.push('brace');
    if (char === '}' && braces.pop() === 'template') {
      template(at + 1);
      continue;
    }
    push('sign', Math.max(take(signs), at + 1));
  }
  return tokens;
}

function closingQuote(text: string, open: number): { readonly at: number; readonly closed: boolean } {
  const quote = text[open];
  for (let at = open + 1; at < text.length; at += 1) {
    const char = text[at];
    if (char === quote) return { at: at + 1, closed: true };
    if (char === '\n') return { at, closed: false };
    if (char === '\\') at += 1;
  }
  return { at: text.length, closed: false };
}

/** Without the comments. */
export const codeOf = (tokens: readonly Token[]): Token[] => tokens.filter(({ kind }) => kind !== 'comment');

const opening = new Set(['(', '[', '{']);
const closing = new Set([')', ']', '}']);
export const isOpening = ({ kind, text }: Token): boolean => kind === 'sign' && opening.has(text);
export const isClosing = ({ kind, text }: Token): boolean => kind === 'sign' && closing.has(text);

/** How many brackets of each kind are open at the end, and whether a string is. */
export function balance(tokens: readonly Token[]): string {
  const open = { '(': 0, '[': 0, '{': 0 };
  let strings = 0;
  for (const { kind, text, open: cut } of tokens) {
    if (cut) strings += 1;
    if (kind !== 'sign') continue;
    if (text === '(' || text === '[' || text === '{') open[text] += 1;
    if (text === ')') open['('] -= 1;
    if (text === ']') open['['] -= 1;
    if (text === '}') open['{'] -= 1;
  }
  return `${open['(']} ${open['[']} ${open['{']} ${strings}`;
}
