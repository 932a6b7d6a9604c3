/** What a change is, so that it can be made elsewhere: a name that changed, or tokens rewritten around what stays. */
import { isClosing, isOpening, type Token } from './lex.ts';

/** A name, or a part of names, got another. */
export interface RenamePattern {
  readonly type: 'rename';
  readonly from: string;
  readonly to: string;
  /** The words of the part that changed, in lower case; null: only the whole name. */
  readonly part: { readonly from: readonly string[]; readonly to: readonly string[] } | null;
}

/** What a pattern wants at one place. */
export type Slot =
  | { readonly type: 'token'; readonly text: string }
  /** Any name; where the number comes again it is the same one. */
  | { readonly type: 'word'; readonly hole: number }
  /** Anything with balanced brackets up to a comma or a closing bracket. */
  | { readonly type: 'expression'; readonly hole: number };

/** What is written in their place. */
export type Piece =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'hole'; readonly hole: number }
  /** What stands from one slot to before another, as it is written there. */
  | { readonly type: 'slots'; readonly from: number; readonly to: number }
  /** The white space before (`left`) or after what is replaced. */
  | { readonly type: 'space'; readonly side: 'left' | 'right' };

/** Slots `from` to `to` (exclusive), with the space around them inside the pattern, give way to `pieces`. */
export interface TokenPattern {
  readonly type: 'call' | 'rewrite';
  readonly slots: readonly Slot[];
  readonly from: number;
  readonly to: number;
  readonly pieces: readonly Piece[];
  /** How it looks where it was done already. */
  readonly done: readonly Slot[];
}

export type Pattern = RenamePattern | TokenPattern;

/** Two changes with the same key are the same change. */
export const keyOf = (pattern: Pattern): string => JSON.stringify(pattern);

/** A replacement in a text. */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Longer arguments are whole functions: what stands in them is no longer what was changed. */
const longestExpression = 300;

interface Match {
  /** Where each slot begins and ends, in tokens. */
  readonly spans: readonly { readonly from: number; readonly to: number }[];
  readonly holes: ReadonlyMap<number, { readonly from: number; readonly to: number }>;
}

function textOf(tokens: readonly Token[], { from, to }: { readonly from: number; readonly to: number }): string {
  let text = '';
  for (let index = from; index < to; index += 1) text += ` ${tokens[index]!.text}`;
  return text;
}

/** End of the expression that begins at `at`; `at` when there is none. */
export function expressionEnd(tokens: readonly Token[], at: number): number {
  let depth = 0;
  for (let index = at; index < tokens.length && index - at <= longestExpression; index += 1) {
    const token = tokens[index]!;
    if (isOpening(token)) depth += 1;
    else if (isClosing(token)) {
      if (depth === 0) return index;
      depth -= 1;
    } else if (depth === 0 && token.kind === 'sign' && (token.text === ',' || token.text === ';')) return index;
  }
  return at;
}

function matchSlots(tokens: readonly Token[], at: number, slots: readonly Slot[]): Match | null {
  const spans: { from: number; to: number }[] = [];
  const holes = new Map<number, { from: number; to: number }>();
  let index = at;
  for (const slot of slots) {
    const token = tokens[index];
    if (!token) return null;
    let to = index + 1;
    if (slot.type === 'token') {
      if (token.text !== slot.text) return null;
    } else {
      if (slot.type === 'word' && token.kind !== 'word') return null;
      if (slot.type === 'expression') to = expressionEnd(tokens, index);
      if (to === index) return null;
      const span = { from: index, to };
      const known = holes.get(slot.hole);
      if (known && textOf(tokens, known) !== textOf(tokens, span)) return null;
      holes.set(slot.hole, span);
    }
    spans.push({ from: index, to });
    index = to;
  }
  return { spans, holes };
}

const declaring = new Set(['function', 'def', 'func', 'fn', 'fun', 'sub', 'class', 'interface', 'struct']);
const asking = new Set(
  'if while for match switch elif else return in of await not and or range unless until when'.split(' '),
);

const receivers = new Set(['.', '?.', '::', '->']);
/** What stands behind it is a member of what stands before it. */
export const isReceiver = ({ kind, text }: Token): boolean => kind === 'sign' && receivers.has(text);

/** Where the parameters are declared, not where the function is called. */
export function isDeclaration(tokens: readonly Token[], callee: number, close: number): boolean {
  const before = tokens[callee - 1];
  if (before && declaring.has(before.text)) return true;
  if (tokens[close + 1]?.text !== '{') return false;
  // A method: behind it stands its body. `if f(x) {` and `x = f(x) {` are calls.
  if (!before || before.text === '}' || before.text === '{' || before.text === ';') return true;
  return before.kind === 'word' && !asking.has(before.text);
}

/** The change that the pattern makes where its first slot is token `at`; null when it doesn't fit, or was made there already. */
export function editAt(text: string, tokens: readonly Token[], at: number, pattern: TokenPattern): TextEdit | null {
  const match = matchSlots(tokens, at, pattern.slots);
  if (!match || wasDone(tokens, match, pattern)) return null;
  const { spans, holes } = match;
  const first = spans[0]!.from;
  const last = spans.at(-1)!.to - 1;
  if (pattern.type === 'call' && (isMember(tokens, first) || declaresHere(tokens, spans))) return null;
  const raw = ({ from, to }: { readonly from: number; readonly to: number }): string =>
    text.slice(tokens[from]!.start, tokens[to - 1]!.end);
  const before = pattern.from === 0 ? null : tokens[spans[pattern.from - 1]!.to - 1]!.end;
  const after = pattern.to === spans.length ? null : tokens[spans[pattern.to]!.from]!.start;
  const own = pattern.from < pattern.to;
  const ownStart = own ? tokens[spans[pattern.from]!.from]!.start : (before ?? after ?? tokens[first]!.start);
  const ownEnd = own ? tokens[spans[pattern.to - 1]!.to - 1]!.end : (after ?? before ?? tokens[last]!.end);
  const start = before ?? ownStart;
  const end = after ?? ownEnd;
  const write = (piece: Piece): string => {
    switch (piece.type) {
      case 'text':
        return piece.text;
      case 'hole':
        return raw(holes.get(piece.hole)!);
      case 'slots':
        return raw({ from: spans[piece.from]!.from, to: spans[piece.to - 1]!.to });
      case 'space':
        return piece.side === 'left' ? text.slice(start, ownStart) : text.slice(ownEnd, end);
    }
  };
  const written = pattern.pieces.map(write);
  const edit = tightened(text, { start, end, text: written.join('') });
  return edit.start === edit.end && edit.text === '' ? null : edit;
}

const isMember = (tokens: readonly Token[], at: number): boolean => at > 0 && isReceiver(tokens[at - 1]!);

function declaresHere(tokens: readonly Token[], spans: Match['spans']): boolean {
  const open = spans.find(({ from }) => tokens[from]!.text === '(');
  if (!open) return false;
  let depth = 0;
  for (let index = open.from; index < tokens.length; index += 1) {
    if (isOpening(tokens[index]!)) depth += 1;
    if (isClosing(tokens[index]!)) depth -= 1;
    if (depth === 0) return isDeclaration(tokens, spans[0]!.from, index);
  }
  return false;
}

/** The text as it is after the change stands here, whichever of its tokens the pattern was found at. */
function wasDone(tokens: readonly Token[], { spans }: Match, { done }: TokenPattern): boolean {
  const at = spans[0]!.from;
  const end = spans.at(-1)!.to;
  for (let lead = 0; lead < done.length && at - lead >= 0; lead += 1) {
    if (reads(tokens, at - lead, done, end)) return true;
  }
  return false;
}

/** Whether the slots stand at `at` and reach `end`, however much each hole takes: `f(a.b())` is `f(a)` with `.b()` behind `a`. */
function reads(tokens: readonly Token[], at: number, [slot, ...rest]: readonly Slot[], end: number): boolean {
  if (!slot) return at >= end;
  const token = tokens[at];
  if (!token) return false;
  switch (slot.type) {
    case 'token':
      return token.text === slot.text && reads(tokens, at + 1, rest, end);
    case 'word':
      return token.kind === 'word' && reads(tokens, at + 1, rest, end);
    case 'expression': {
      const last = expressionEnd(tokens, at);
      const [next] = rest;
      let depth = 0;
      for (let to = at; to <= last && to < tokens.length; to += 1) {
        const fits = to === last || (next?.type === 'token' && tokens[to]!.text === next.text);
        if (to > at && depth === 0 && fits && reads(tokens, to, rest, end)) return true;
        if (isOpening(tokens[to]!)) depth += 1;
        if (isClosing(tokens[to]!)) depth -= 1;
      }
      return false;
    }
  }
}

const inWord = /[\p{L}\p{N}_$]/u;

/** Without what it leaves as it is at either end; names are not cut. */
export function tightened(text: string, edit: TextEdit): TextEdit {
  const before = text.slice(edit.start, edit.end);
  const after = edit.text;
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head += 1;
  const cutsWord = (at: number, side: string): boolean =>
    at > 0 && at < side.length && inWord.test(side[at - 1]!) && inWord.test(side[at]!);
  while (head > 0 && (cutsWord(head, before) || cutsWord(head, after))) head -= 1;
  let tail = 0;
  while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  while (tail > 0 && (cutsWord(before.length - tail, before) || cutsWord(after.length - tail, after))) tail -= 1;
  return { start: edit.start + head, end: edit.end - tail, text: after.slice(head, after.length - tail) };
}
