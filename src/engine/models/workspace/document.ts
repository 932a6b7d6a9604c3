import { Arena } from './arena.ts';
import type { Place } from './beam.ts';
import { type Syntax, syntaxOf } from './syntax.ts';
import { type Indentation, indentationOf, tokenize } from './tokenize.ts';
import { isLineBreak, kinds, type Vocabulary } from './vocabulary.ts';

/** How far back and ahead the current file is read, in UTF-16 units. */
const reachBack = 32_768;
const reachAhead = 8_192;
/** The beginning moves in steps of this, so that what was read stays valid while the user types. */
const step = 8_192;

/** The file under the cursor as something to look in: what comes before the cursor's line, and what comes after. */
export interface DocumentView {
  readonly before: Arena;
  readonly after: Arena;
  /** Null: inside a comment, where code isn't offered. */
  readonly place: Place | null;
}

interface ReadPrefix {
  readonly text: string;
  readonly languageId: string;
  readonly arena: Arena;
  readonly tokens: Uint32Array;
  readonly column: number;
  readonly indentation: Indentation;
  readonly inComment: boolean;
}

/** Reads documents, keeping what was read of the last one: a keystroke costs the tokens of its line. */
export function documentReader(
  vocabulary: Vocabulary,
): (query: { prefix: string; suffix: string; languageId: string; maxLines: number }) => DocumentView {
  let lastPrefix: ReadPrefix | null = null;
  let lastSuffix: { text: string; languageId: string; unit: number; arena: Arena } | null = null;

  function readPrefix(text: string, languageId: string, syntax: Syntax): ReadPrefix {
    if (lastPrefix?.text === text && lastPrefix.languageId === languageId) return lastPrefix;
    const indentation = indentationOf(text, syntax.family);
    const { tokens, column, end } = tokenize(text, syntax, vocabulary, { rare: false, indentation, start: true });
    const arena = new Arena(vocabulary, Math.max(4096, tokens.length * 2 + 64), 12, tokens.length + 64);
    arena.add('before', syntax.family, 1, tokens);
    lastPrefix = { text, languageId, arena, tokens, column, indentation, inComment: end.type === 'comment' };
    return lastPrefix;
  }

  return ({ prefix, suffix, languageId, maxLines }) => {
    const syntax = syntaxOf(languageId);
    let from = 0;
    if (prefix.length > reachBack) {
      from = Math.ceil((prefix.length - reachBack) / step) * step;
      from = prefix.indexOf('\n', from) + 1;
    }
    const lineStart = Math.max(from, prefix.lastIndexOf('\n') + 1);
    const read = readPrefix(prefix.slice(from, lineStart), languageId, syntax);
    const { indentation } = read;

    const ahead = suffix.slice(0, reachAhead);
    if (lastSuffix?.text !== ahead || lastSuffix.languageId !== languageId || lastSuffix.unit !== indentation.unit) {
      const { tokens } = tokenize(ahead, syntax, vocabulary, { rare: false, indentation, start: true });
      const arena = new Arena(vocabulary, Math.max(4096, tokens.length * 2 + 64), 11, tokens.length + 64);
      arena.add('after', syntax.family, 1, tokens);
      lastSuffix = { text: ahead, languageId, unit: indentation.unit, arena };
    }
    const view = { before: read.arena, after: lastSuffix.arena };
    if (read.inComment) return { ...view, place: null };

    // The break before the cursor's line depends on that line's indentation: the kept prefix ends without it.
    const lineText = prefix.slice(lineStart);
    const blankBefore = /\n[ \t\r]*\n$/.test(prefix.slice(0, lineStart));
    const lead = read.tokens.length > 1 ? (blankBefore ? '\n\n' : '\n') : '';
    const body =
      read.tokens.length > 0 && isLineBreak(read.tokens.at(-1)! >>> 1) ? read.tokens.subarray(0, -1) : read.tokens;
    const fromColumn = columnBefore(read);
    const line = tokenize(lead + lineText, syntax, vocabulary, { rare: false, indentation, fromColumn });
    if (line.end.type === 'comment') return { ...view, place: null };
    const context = [...body.subarray(-600), ...line.tokens];
    const partial = line.end.type === 'partial' ? line.end.partial : '';
    return {
      ...view,
      place: {
        ...around(suffix, syntax, indentation),
        context,
        partial,
        prior: nearNames(context, vocabulary),
        maxLines,
        ...cursorIn(lineText, partial),
        indentation,
        newline: /\r\n/.test(prefix) || /\r\n/.test(ahead) ? '\r\n' : '\n',
      },
    };
  };

  /** What stands after the cursor: on its line, and on the next that has something. */
  function around(suffix: string, syntax: Syntax, indentation: Indentation) {
    const newline = suffix.indexOf('\n');
    const rest = newline < 0 ? suffix : suffix.slice(0, newline);
    const below = newline < 0 ? '' : (/^\s*\n?([ \t]*\S[^\n]*)/.exec(suffix.slice(newline + 1))?.[1] ?? '');
    const ids = (text: string): number[] =>
      [...tokenize(text + '\n', syntax, vocabulary, { rare: false, indentation }).tokens]
        .map((token) => token >>> 1)
        .filter((id) => !isLineBreak(id));
    return { restOfLine: ids(rest.slice(0, 500)), nextLine: ids(below.slice(0, 500)), nextColumn: columnOf(below) };
  }
}

function cursorIn(lineText: string, partial: string) {
  const typed = partial === '' ? lineText : lineText.slice(0, -partial.length);
  return {
    afterSpace: partial === '' && /[ \t]$/.test(lineText),
    lineStart: typed.trim() === '',
    column: columnOf(lineText),
  };
}

/** Columns of white space at the beginning of a line. */
function columnOf(line: string): number {
  let column = 0;
  for (const c of line) {
    if (c === ' ') column++;
    else if (c === '\t') column += 4;
    else break;
  }
  return column;
}

/** Indentation of the last line with code in what was read. */
function columnBefore(read: ReadPrefix): number {
  const last = read.tokens.at(-1);
  if (last === undefined || !isLineBreak(last >>> 1)) return read.column;
  // Reading ended with a break to column 0; the line before it is what counts.
  return read.column - ((last >>> 1) - 17) * read.indentation.unit;
}

/** Names used near the cursor; nearer and more often is likelier. Together they have half of the mass. */
function nearNames(context: readonly number[], vocabulary: Vocabulary): Map<number, number> {
  const weights = new Map<number, number>();
  let sum = 0;
  for (let i = 1; i <= Math.min(context.length, 500); i++) {
    const token = context[context.length - i]!;
    const kind = vocabulary.kind(token >>> 1);
    if (kind !== kinds.name && kind !== kinds.keyword) continue;
    const weight = 1 / (20 + i);
    const key = token & ~1;
    weights.set(key, (weights.get(key) ?? 0) + weight);
    sum += weight;
  }
  for (const [token, weight] of weights) weights.set(token, (0.5 * weight) / sum);
  return weights;
}
