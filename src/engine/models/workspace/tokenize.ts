import type { Syntax } from './syntax.ts';
import { fileStart, kinds, lineBreak, unknownString, type Vocabulary } from './vocabulary.ts';

/**
 * Tokens of a text as numbers: `id << 1 | flag`. For a line break (whose id says how the indentation changes) the flag
 * means a blank line comes first; for any other token, white space does. Comments are left out: code is predicted
 * from code.
 */
export interface Tokens {
  readonly tokens: Uint32Array;
  /** Where the text stops: in code, in a comment, or inside a word or string of which `partial` is there so far. */
  readonly end: { readonly type: 'code' | 'comment' } | { readonly type: 'partial'; readonly partial: string };
}

/** How lines are indented: columns a level has, and the text of a level. */
export interface Indentation {
  readonly unit: number;
  readonly text: string;
}

/** A tab counts this many columns when it stands beside spaces. */
const tabColumns = 4;
/** Longer strings are data. */
const longestString = 120;
const longestName = 200;

const operators = [
  '>>>=', '...', '===', '!==', '**=', '<<=', '>>=', '>>>', '&&=', '||=', '??=', '..=', '<=>', '=>', '==', '!=', '<=', '>=',
  '&&', '||', '??', '?.', '++', '--', '+=', '-=', '*=', '/=', '%=', '&=', '|=', '^=', '::', '->', ':=', '<<', '>>', '**',
  '</', '/>', '..', '~/', '//', '<-', '|>', '${', '#{', '@@',
]; // biome-ignore format: a table
const operatorsByFirst = new Map<number, string[]>();
for (const operator of operators) {
  const first = operator.charCodeAt(0);
  operatorsByFirst.set(first, [...(operatorsByFirst.get(first) ?? []), operator]);
}

/** 1: space, 2: digit, 3: part of a name. */
const classes = new Uint8Array(128);
for (const c of ' \t\r\f\v\u0000') classes[c.charCodeAt(0)] = 1;
for (let c = 48; c < 58; c++) classes[c] = 2;
for (let c = 65; c < 91; c++) classes[c] = classes[c + 32] = 3;
classes[36] = classes[95] = 3;

function classOf(code: number): number {
  return code < 128 ? classes[code]! : code === 0xa0 || code === 0xfeff || code === 0x2028 ? 1 : 3;
}

/** What most lines of the text add when they are indented further; two spaces (four in Python) when nothing tells. */
export function indentationOf(text: string, family: string): Indentation {
  const steps = new Uint32Array(9);
  let tabs = 0;
  let before = 0;
  const end = Math.min(text.length, 60_000);
  for (let at = 0; at < end; ) {
    let spaces = 0;
    let code = text.charCodeAt(at);
    if (code === 9) tabs++;
    while (code === 32) {
      spaces++;
      code = text.charCodeAt(++at);
    }
    if (code !== 10 && code !== 13 && code !== 42 && !Number.isNaN(code)) {
      const step = spaces - before;
      if (step >= 2 && step <= 8) steps[step]!++;
      before = spaces;
    }
    const newline = text.indexOf('\n', at);
    if (newline < 0) break;
    at = newline + 1;
  }
  let best = 0;
  for (let step = 2; step <= 8; step++) if (steps[step]! > (best === 0 ? 0 : steps[best]!)) best = step;
  if (tabs > (best === 0 ? 0 : steps[best]!)) return { unit: tabColumns, text: '\t' };
  if (best === 0)
    best =
      family === 'python' || family === 'c' || family === 'rust' || family === 'csharp' || family === 'jvm' ? 4 : 2;
  return { unit: best, text: ' '.repeat(best) };
}

let scratch = new Uint32Array(1 << 16);

/**
 * Reads `text`. `rare`: strings and numbers must appear twice to be kept (for files); without it all are (for what the
 * user has before him). `fromColumn`: indentation of the line before the text, for a text that goes on.
 */
export function tokenize(
  text: string,
  syntax: Syntax,
  vocabulary: Vocabulary,
  options: {
    readonly rare: boolean;
    readonly indentation: Indentation;
    readonly fromColumn?: number;
    readonly start?: boolean;
  },
): Tokens & { /** Columns of the last line that has code. */ readonly column: number } {
  const { rare, indentation } = options;
  const { unit } = indentation;
  const length = text.length;
  let count = 0;
  let column = options.fromColumn ?? 0;
  const push = (token: number): void => {
    if (count === scratch.length) {
      const larger = new Uint32Array(scratch.length * 2);
      larger.set(scratch);
      scratch = larger;
    }
    scratch[count++] = token;
  };
  if (options.start) push(fileStart << 1);

  let at = 0;
  let end: Tokens['end'] = { type: 'code' };
  /** Line breaks not yet written: they are known once the next line's indentation is. */
  let newlines = 0;
  /** One of them ends an empty line; a line with a comment isn't empty. */
  let blank = false;
  let commented = false;
  let indent = 0;
  let space = false;
  const place = (): number => {
    if (newlines > 0) {
      push((lineBreak(Math.round((indent - column) / unit)) << 1) | (blank ? 1 : 0));
      column = indent;
      newlines = 0;
      blank = commented = false;
      space = false;
      return 0;
    }
    const flag = space ? 1 : 0;
    space = false;
    return flag;
  };
  const opensComment = syntax.lineComments.map((c) => c.charCodeAt(0));
  const opensBlock = syntax.blockComments.map(([open]) => open.charCodeAt(0));

  scan: while (at < length) {
    const code = text.charCodeAt(at);
    if (code === 10) {
      if (newlines > 0 && !commented) blank = true;
      commented = false;
      newlines++;
      indent = 0;
      space = false;
      at++;
      continue;
    }
    const type = classOf(code);
    if (type === 1) {
      if (newlines > 0 && code !== 13 && !commented) indent += code === 9 ? tabColumns : 1;
      space = true;
      at++;
      continue;
    }
    for (let i = 0; i < opensComment.length; i++) {
      if (code === opensComment[i] && text.startsWith(syntax.lineComments[i]!, at)) {
        // `#` inside a word is no comment in shells; `://` is an address.
        if (at > 0 && code === 35 && classOf(text.charCodeAt(at - 1)) >= 2) continue;
        const newline = text.indexOf('\n', at);
        if (newline < 0) {
          end = { type: 'comment' };
          break scan;
        }
        at = newline;
        commented = true;
        continue scan;
      }
    }
    for (let i = 0; i < opensBlock.length; i++) {
      const [open, close] = syntax.blockComments[i]!;
      if (code === opensBlock[i] && text.startsWith(open, at)) {
        const closed = text.indexOf(close, at + open.length);
        if (closed < 0) {
          end = { type: 'comment' };
          break scan;
        }
        at = closed + close.length;
        commented = true;
        space = true;
        continue scan;
      }
    }
    if (syntax.tripleQuotes && (code === 34 || code === 39)) {
      const quote = text.slice(at, at + 3);
      if (quote === '"""' || quote === "'''") {
        const closed = text.indexOf(quote, at + 3);
        if (closed < 0) {
          end = { type: 'comment' };
          break;
        }
        // Alone on its line it is documentation.
        if (newlines === 0) push((unknownString << 1) | place());
        else commented = true;
        at = closed + 3;
        continue;
      }
    }
    if (type >= 2) {
      let to = at + 1;
      if (type === 2) {
        // 1.5e3, 0xff, 1_000; but 1..2 and 1.foo stay apart.
        for (; to < length; to++) {
          const next = text.charCodeAt(to);
          if (classOf(next) < 2 && !(next === 46 && classOf(text.charCodeAt(to + 1)) === 2)) break;
        }
      } else {
        for (; to < length; to++) {
          const next = text.charCodeAt(to);
          if (classOf(next) < 2 && !(syntax.dashes && next === 45 && classOf(text.charCodeAt(to + 1)) >= 2)) break;
        }
      }
      const flag = place();
      const word = text.slice(at, to);
      if (to === length && word.length <= longestName) {
        end = { type: 'partial', partial: word };
        // The space before the partial word is already there.
        break;
      }
      const kind = type === 2 ? kinds.number : kinds.name;
      const tooLong = word.length > longestName;
      push(
        ((tooLong ? unknownString : vocabulary.intern(word, kind, rare && type === 2 && word.length > 4)) << 1) | flag,
      );
      at = to;
      continue;
    }
    if (syntax.quotes.includes(text[at]!)) {
      const to = closingQuote(text, at, code);
      if (to === length + 1) {
        const flag = place();
        const partial = text.slice(at);
        if (partial.length <= longestString) end = { type: 'partial', partial };
        else push((unknownString << 1) | flag);
        break;
      }
      if (to > 0) {
        const flag = place();
        const known =
          to - at <= longestString
            ? vocabulary.intern(text.slice(at, to), kinds.string, rare && to - at > 3)
            : unknownString;
        push((known << 1) | flag);
        at = to;
        continue;
      }
    }
    let operator = text[at]!;
    for (const longer of operatorsByFirst.get(code) ?? []) {
      if (text.startsWith(longer, at)) {
        operator = longer;
        break;
      }
    }
    const flag = place();
    push((vocabulary.intern(operator, kinds.operator, false) << 1) | flag);
    at += operator.length;
  }
  // The text stops on a fresh line: its break is part of the context.
  if (end.type === 'code' && newlines > 0) place();
  return { tokens: scratch.slice(0, count), end, column };
}

/** Index after the closing quote; 0: none on this line; length + 1: the text ends first. */
function closingQuote(text: string, open: number, quote: number): number {
  for (let at = open + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) return at + 1;
    if (code === 10) return 0;
    if (code === 92) at++;
  }
  return text.length + 1;
}
