/** Calls whose shape changed: other arguments, or something put around the call. */
import { between, type Hunk, type Version } from './hunk.ts';
import { isClosing, isOpening, type Token } from './lex.ts';
import { expressionEnd, isDeclaration, isReceiver, type Piece, type Slot, type TokenPattern } from './pattern.ts';
import { isReserved } from './words.ts';

/** A call in a list of tokens. */
interface Call {
  /** First token of the callee, with what it is a member of. */
  readonly start: number;
  readonly open: number;
  readonly close: number;
  readonly args: readonly { readonly from: number; readonly to: number }[];
}

const mostArguments = 12;

function callAt(tokens: readonly Token[], open: number): Call | null {
  const callee = tokens[open - 1];
  if (tokens[open]?.text !== '(' || callee?.kind !== 'word' || isReserved(callee.text) || callee.text.length < 2)
    return null;
  let start = open - 1;
  while (start >= 2 && isReceiver(tokens[start - 1]!) && tokens[start - 2]!.kind === 'word') start -= 2;
  // A member of what another call returned: nothing says which it is.
  if (start > 0 && isReceiver(tokens[start - 1]!)) return null;
  const args: { from: number; to: number }[] = [];
  let at = open + 1;
  while (at < tokens.length && !isClosing(tokens[at]!)) {
    const to = expressionEnd(tokens, at);
    if (to === at || args.length >= mostArguments) return null;
    args.push({ from: at, to });
    if (tokens[to]?.text !== ',') {
      at = to;
      break;
    }
    at = to + 1;
  }
  if (tokens[at]?.text !== ')' || isDeclaration(tokens, start, at)) return null;
  // Types behind the names: parameters.
  if (args.some(({ from, to }) => isTyped(tokens, from, to))) return null;
  return { start, open, close: at, args };
}

function isTyped(tokens: readonly Token[], from: number, to: number): boolean {
  let depth = 0;
  for (let index = from; index < to; index += 1) {
    const token = tokens[index]!;
    if (isOpening(token)) depth += 1;
    if (isClosing(token)) depth -= 1;
    if (depth === 0 && token.text === '?') return false;
    if (depth === 0 && token.text === ':') return true;
  }
  return false;
}

/** Functions that everything is done with: how one call of them changed says nothing about the next. */
const everyday = new Set(
  (
    'make len append print println cap copy min max abs open isinstance super push map filter forEach then catch reduce format ' +
    'printf require setdefault get set has'
  ).split(' '),
);

function callsOf(tokens: readonly Token[]): Call[] {
  return tokens.flatMap((token, index) => (token.text === '(' ? (callAt(tokens, index) ?? []) : []));
}

const tokenSlots = (tokens: readonly Token[]): Slot[] => tokens.map(({ text }) => ({ type: 'token', text }));

/** Slots of a call: its callee as it is, its arguments whatever they are. */
function callSlots(tokens: readonly Token[], { start, open, args, close }: Call): Slot[] {
  const inside = args.flatMap((_, hole): Slot[] => [
    ...(hole === 0 ? [] : [{ type: 'token', text: ',' } as const]),
    { type: 'expression', hole },
  ]);
  // A comma behind the last argument.
  if (args.length > 0 && tokens[close - 1]!.text === ',') inside.push({ type: 'token', text: ',' });
  return [...tokenSlots(tokens.slice(start, open + 1)), ...inside, { type: 'token', text: ')' }];
}

const same = (a: readonly Token[], b: readonly Token[]): boolean =>
  a.length === b.length && a.every(({ text }, index) => text === b[index]!.text);

/** Something put before, behind or around a call: `await f(x)`, `check(f(x))`, `f(x).trim()`. */
export function wrapPattern({ before, after }: Hunk): TokenPattern | null {
  const more = after.tokens.length - before.tokens.length;
  if (more <= 0) return null;
  const calls = callsOf(before.tokens).sort((a, b) => a.close - a.start - (b.close - b.start));
  for (const call of calls) {
    const found = wrapOf(before, after, call, more);
    if (found) return found;
  }
  return null;
}

function wrapOf(before: Version, after: Version, call: Call, more: number): TokenPattern | null {
  const { tokens } = before;
  const end = call.close + 1;
  const itself = tokens.slice(call.start, end);
  if (!same(tokens.slice(0, call.start), after.tokens.slice(0, call.start))) return null;
  const behind = tokens.slice(end);
  if (!same(behind, after.tokens.slice(after.tokens.length - behind.length))) return null;
  for (let lead = more; lead >= 0; lead -= 1) {
    const at = call.start + lead;
    if (!same(itself, after.tokens.slice(at, at + itself.length))) continue;
    const pre = after.tokens.slice(call.start, at);
    const post = after.tokens.slice(at + itself.length, after.tokens.length - behind.length);
    if (!surrounds(pre, post)) continue;
    const slots = callSlots(tokens, call);
    const pieces: Piece[] = [
      { type: 'text', text: pre.length === 0 ? '' : after.text.slice(pre[0]!.start, after.tokens[at]!.start) },
      { type: 'slots', from: 0, to: slots.length },
      {
        type: 'text',
        text: post.length === 0 ? '' : after.text.slice(after.tokens[at + itself.length - 1]!.end, post.at(-1)!.end),
      },
    ];
    const done = [...tokenSlots(pre), ...slots, ...tokenSlots(post)];
    return { type: 'call', slots, from: 0, to: slots.length, pieces, done };
  }
  return null;
}

/** What stands around the call is one expression with it: brackets close what they open, no comma or statement between. */
function surrounds(pre: readonly Token[], post: readonly Token[]): boolean {
  let depth = 0;
  for (const token of [...pre, ...post]) {
    if (isOpening(token)) depth += 1;
    if (isClosing(token)) depth -= 1;
    if (depth < 0 || (depth === 0 && (token.text === ',' || token.text === ';'))) return false;
  }
  // `x = f(x)` keeps a value; `x` would be another one elsewhere.
  if (depth !== 0 || pre.some(({ text }) => text === '=' || text === ':=')) return false;
  const last = pre.at(-1)?.text;
  const first = post[0]?.text;
  return (last === undefined || prefixes.has(last)) && (first === undefined || suffixes.has(first));
}

/** With these before it, or behind it, a call is still one expression; with `&&` or `as x` it is a part of another. */
const prefixes = new Set([
  '(',
  '!',
  '&',
  '*',
  '-',
  '<-',
  'await',
  'yield',
  'new',
  'not',
  'go',
  'defer',
  'typeof',
  'void',
  '...',
]);
const suffixes = new Set([')', '.', '?.', '!', '?', '[', '::', '->', ',']);

/** The arguments of a call changed: more, fewer, in an object, in another call. */
export function argumentPattern({ before, after, from, beforeTo, afterTo }: Hunk): TokenPattern | null {
  const around = callsOf(before.tokens)
    .filter(({ open, close }) => open < from && beforeTo <= close)
    .sort((a, b) => a.close - a.open - (b.close - b.open));
  for (const call of around) {
    if (everyday.has(before.tokens[call.open - 1]!.text)) continue;
    const open = call.open;
    const close = call.close + afterTo - beforeTo;
    const now = after.tokens.slice(open + 1, close);
    const written = rewritten(before, after, call, { from: open + 1, to: close });
    const { used, names } = written;
    const shape = callSlots(before.tokens, call).map((slot): Slot => {
      if (slot.type !== 'expression') return slot;
      const key = keyArgument(before, call, slot.hole);
      if (key !== null) return { type: 'token', text: key };
      return names.has(slot.hole) ? { type: 'word', hole: slot.hole } : slot;
    });
    const dropped = call.args.map((_, hole) => hole).filter((hole) => !used.has(hole));
    const fewer = topLevelCount(after.tokens, open + 1, close) < call.args.length;
    // What was replaced by something else is a value, and only the same value is replaced elsewhere.
    const slots = fewer
      ? shape
      : shape.flatMap((slot) => (isDropped(slot, dropped) ? valueSlots(before, call, slot) : [slot]));
    if (now.length === 0 && call.args.length === 0) continue;
    const callee = call.open - call.start + 1;
    const done: Slot[] = [...shape.slice(0, callee), ...written.slots, { type: 'token', text: ')' }];
    // Where only the order changed nothing tells the old from the new.
    if (done.length === slots.length && done.every((slot, index) => alike(slot, slots[index]!))) continue;
    return { type: 'call', slots, from: callee, to: slots.length - 1, pieces: written.pieces, done };
  }
  return null;
}

/** One string among other arguments says which of many things is meant: `request('GET', url)`. Null when it is no such. */
function keyArgument({ tokens }: Version, { args }: Call, hole: number): string | null {
  const { from, to } = args[hole]!;
  return args.length > 1 && to - from === 1 && tokens[from]!.kind === 'string' ? tokens[from]!.text : null;
}

const alike = (a: Slot, b: Slot): boolean =>
  a.type === 'token' ? b.type === 'token' && a.text === b.text : b.type !== 'token';
const isDropped = (slot: Slot, dropped: readonly number[]): slot is Slot & { type: 'expression' } =>
  slot.type === 'expression' && dropped.includes(slot.hole);

function valueSlots({ tokens }: Version, call: Call, { hole }: { readonly hole: number }): Slot[] {
  const { from, to } = call.args[hole]!;
  return tokenSlots(tokens.slice(from, to));
}

function topLevelCount(tokens: readonly Token[], from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; count += 1) {
    const end = expressionEnd(tokens, at);
    if (end === at) return count;
    at = end + 1;
  }
  return count;
}

interface Rewritten {
  readonly slots: readonly Slot[];
  readonly pieces: readonly Piece[];
  /** Old arguments that stand in the new ones. */
  readonly used: ReadonlySet<number>;
  /** Those that only a name can take the place of: `{ a, b }`. */
  readonly names: ReadonlySet<number>;
}

/** The new arguments, with the old ones found in them. */
function rewritten(
  before: Version,
  after: Version,
  call: Call,
  span: { readonly from: number; readonly to: number },
): Rewritten {
  const used = new Set<number>();
  const names = new Set<number>();
  const slots: Slot[] = [];
  const pieces: Piece[] = [];
  const brackets: string[] = [];
  let text = between(after, span.from - 1, span.from);
  for (let at = span.from; at < span.to; ) {
    const token = after.tokens[at]!;
    const hole = call.args.findIndex(
      ({ from, to }, index) =>
        keyArgument(before, call, index) === null &&
        same(before.tokens.slice(from, to), after.tokens.slice(at, Math.min(at + to - from, span.to))),
    );
    // `x.a` and `a: x` say `a` but don't mean the argument.
    const otherA = isReceiver(after.tokens[at - 1]!) || after.tokens[at + 1]?.text === ':';
    if (hole >= 0 && !otherA) {
      const { from, to } = call.args[hole]!;
      used.add(hole);
      if (brackets.at(-1) === '{' && /^[{,]$/.test(after.tokens[at - 1]!.text)) names.add(hole);
      pieces.push({ type: 'text', text }, { type: 'hole', hole });
      slots.push({ type: 'expression', hole });
      at += to - from;
      text = between(after, at - 1, at);
    } else {
      if (isOpening(token)) brackets.push(token.text);
      if (isClosing(token)) brackets.pop();
      slots.push({ type: 'token', text: token.text });
      text += token.text + between(after, at, at + 1);
      at += 1;
    }
  }
  pieces.push({ type: 'text', text });
  return { slots, pieces, used, names };
}
