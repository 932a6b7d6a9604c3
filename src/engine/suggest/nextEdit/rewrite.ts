/** Any other change that may come again: the tokens that changed, with what stands beside them. */
import { addedOf, between, type Hunk, removedOf } from './hunk.ts';
import type { Token } from './lex.ts';
import type { Piece, Slot, TokenPattern } from './pattern.ts';
import { isReserved, isTelling } from './words.ts';

const mostContext = 3;
/** A longer change is not the kind that is made at one place after the other. */
const mostChanged = 24;
/** This many signs and reserved words together say as much as one telling name. */
const enoughLiterals = 5;

/** The pattern with the least around it that still says enough; names beside the change may be others elsewhere. */
export function rewritePattern(hunk: Hunk): TokenPattern | null {
  const removed = removedOf(hunk);
  const added = addedOf(hunk);
  if (removed.length > mostChanged || added.length > mostChanged) return null;
  const value = removed.length === 1 && (removed[0]!.kind === 'number' || removed[0]!.kind === 'string');
  // What is only put in says nothing of what it belongs to: there the names beside it must be the same.
  if (!value && removed.length > 0) {
    for (let context = 1; context <= mostContext; context += 1) {
      const pattern = patternWith(hunk, context, true);
      if (pattern) return pattern;
    }
  }
  const least = removed.length === 0 ? mostContext : value && removed[0]!.kind === 'string' ? 1 : 2;
  for (let context = least; ; context += 1) {
    const pattern = patternWith(hunk, context, false);
    if (pattern || context >= mostContext) return pattern;
  }
}

function patternWith(hunk: Hunk, context: number, loose: boolean): TokenPattern | null {
  const { before, from, beforeTo } = hunk;
  const removed = removedOf(hunk);
  const added = addedOf(hunk);
  const left = before.tokens.slice(Math.max(0, from - context), from);
  const right = before.tokens.slice(beforeTo, beforeTo + context);
  const holes = new Map<string, number>();
  // What is taken away must be there; what stays in the change, or beside it, may have another name.
  const stays = new Set(loose ? [...left, ...right, ...added].filter(isName).map(({ text }) => text) : []);
  const replaced = new Set(removed.filter(isName).map(({ text }) => text));
  const slotOf = (token: Token, beside: boolean): Slot => {
    const mayVary = isName(token) && stays.has(token.text) && (beside || added.some(({ text }) => text === token.text));
    if (!mayVary || (beside && replaced.has(token.text) && !added.some(({ text }) => text === token.text)))
      return { type: 'token', text: token.text };
    if (!holes.has(token.text)) holes.set(token.text, holes.size);
    return { type: 'word', hole: holes.get(token.text)! };
  };
  const slots = [
    ...left.map((token) => slotOf(token, true)),
    ...removed.map((token) => slotOf(token, false)),
    ...right.map((token) => slotOf(token, true)),
  ];
  if (slots.length === 0 || !tellsEnough(slots, removed, { left: left.length, right: right.length })) return null;
  const addedSlots = added.map(({ text }): Slot => {
    const hole = holes.get(text);
    return hole === undefined ? { type: 'token', text } : { type: 'word', hole };
  });
  const done = [...slots.slice(0, left.length), ...addedSlots, ...slots.slice(left.length + removed.length)];
  return {
    type: 'rewrite',
    slots,
    from: left.length,
    to: left.length + removed.length,
    pieces: piecesOf(hunk, holes, { left: left.length > 0, right: right.length > 0 }),
    done,
  };
}

/** The new text between what stands before and behind, with the place's own names and, where it stayed, its own space. */
function piecesOf(
  hunk: Hunk,
  holes: ReadonlyMap<string, number>,
  within: { readonly left: boolean; readonly right: boolean },
): Piece[] {
  const { before, after, from, beforeTo, afterTo } = hunk;
  const added = addedOf(hunk);
  const space = (side: 'left' | 'right', was: string, is: string): Piece[] => {
    if (!within[side]) return [];
    return [was === is && beforeTo > from ? { type: 'space', side } : { type: 'text', text: is }];
  };
  if (added.length === 0) {
    const is = between(after, from - 1, afterTo);
    return within.left && within.right ? [{ type: 'text', text: is }] : [];
  }
  const left = space('left', between(before, from - 1, from), between(after, from - 1, from));
  const right = space('right', between(before, beforeTo - 1, beforeTo), between(after, afterTo - 1, afterTo));
  const inside = added.flatMap((token, index): Piece[] => {
    const hole = holes.get(token.text);
    const own: Piece = hole === undefined ? { type: 'text', text: token.text } : { type: 'hole', hole };
    const gap = index === added.length - 1 ? '' : between(after, from + index, from + index + 1);
    return gap === '' ? [own] : [own, { type: 'text', text: gap }];
  });
  return [...left, ...inside, ...right];
}

const isName = ({ kind, text }: Token): boolean => kind === 'word' && !isReserved(text);

function tellsEnough(
  slots: readonly Slot[],
  removed: readonly Token[],
  sides: { readonly left: number; readonly right: number },
): boolean {
  const literals = slots.flatMap((slot) => (slot.type === 'token' ? [slot.text] : []));
  const telling = literals.some((text) => isTelling(text) || /^["'`].{3,}/.test(text));
  if (removed.length === 0) return telling && sides.left > 0 && sides.right > 0 && literals.length >= 2;
  if (telling) return true;
  const signs = literals.filter((text) => text.length > 1 || /[^\w\s,;]/.test(text)).length;
  // An operator with what it was used on is a habit of its own: `== null`.
  const operator = removed.length > 1 && removed.some(({ kind, text }) => kind === 'sign' && text.length > 1);
  return signs >= (operator ? enoughLiterals - 2 : enoughLiterals - Math.min(1, removed.length - 1));
}
