import type { DocumentChange } from '../../protocol/rpc.ts';

/** A place in a document that stays where it is while the text around it is edited. In UTF-16 units. */
export interface TrackedOffset {
  readonly offset: number;
  /** What was deleted around it, newest last, and where in it the place was: an undo brings both back. */
  readonly lost: readonly { readonly text: string; readonly at: number }[];
}

/** Undo steps around one place that are recognized. */
const mostLost = 12;
/** Longer deletions are not kept. */
const longestLost = 20_000;

export const trackOffset = (offset: number): TrackedOffset => ({ offset, lost: [] });

/**
 * The place after one change; `text` is the document before it.
 *
 *     change  ├──┤         before: shifted
 *     place         ▏
 *     typed         ▏──┤   at it: stays before what is typed, but a whole line put in pushes it down
 *     change      ├───┤    around it: where the same characters stand in the new text, white space aside
 *
 * Null: what took the place of the text around it tells nothing.
 */
export function moveOffset(place: TrackedOffset, change: DocumentChange, text: string): TrackedOffset | null {
  const { offset } = place;
  const from = change.offset;
  const to = from + change.length;
  const grown = change.text.length - change.length;
  if (to < offset) return { ...place, offset: offset + grown };
  if (from > offset) return place;
  const back = place.lost.findLastIndex((one) => one.text === change.text);
  if (back !== -1) return { offset: from + place.lost[back]!.at, lost: place.lost.slice(0, back) };
  if (change.length === 0) return isLinesAbove(change, text) ? { ...place, offset: offset + grown } : place;
  const deleted = text.slice(from, to);
  const lost = withLost(place, deleted, offset - from);
  if (to === offset) return { offset: offset + grown, lost };
  if (from === offset) return { offset, lost };
  if (change.text === '') return { offset: from, lost };
  const same = samePlace(deleted, change.text, offset - from);
  return same === null ? null : { offset: from + same, lost };
}

/** Whole lines put in at the beginning of a line; a line break alone is typed behind what stands there. */
function isLinesAbove({ offset, text: put }: DocumentChange, text: string): boolean {
  return put.endsWith('\n') && put.trim() !== '' && (offset === 0 || text[offset - 1] === '\n');
}

function withLost({ lost }: TrackedOffset, deleted: string, at: number): TrackedOffset['lost'] {
  const last = lost.at(-1);
  // Undo puts several deletions in a row back at once.
  const together =
    last === undefined ? [] : [{ text: deleted.slice(0, at) + last.text + deleted.slice(at), at: at + last.at }];
  return [...lost, { text: deleted, at }, ...together].filter((one) => one.text.length <= longestLost).slice(-mostLost);
}

/**
 * Where in `after` the place `at` of `before` is, when one takes the place of the other. Line ends and indentation may
 * differ everywhere, other characters on one side of the place; where they do on both, a line nearby tells, or nothing
 * does.
 */
export function samePlace(before: string, after: string, at: number): number | null {
  const inkBefore = inkUpTo(before, at);
  const fromStart = afterInk(before, after, inkBefore);
  if (fromStart !== null) return inRun(before, after, at, fromStart);
  const inkAfter = inkUpTo(before, before.length) - inkBefore;
  const total = inkUpTo(after, after.length);
  if (inkAfter <= total && sameInkEnd(before, after, inkAfter)) {
    return inRun(before, after, at, endOfInk(after, total - inkAfter));
  }
  return byLineNearby(before, after, at);
}

/** Lines around the place that may tell where it is. */
const mostNearby = 8;

/** By the nearest line, its own first, that stands exactly once in both texts; null when none does. */
function byLineNearby(before: string, after: string, at: number): number | null {
  const old = before.split('\n').map((line) => line.trim());
  const lines = after.split('\n');
  const now = lines.map((line) => line.trim());
  const own = before.slice(0, at).split('\n').length - 1;
  for (let distance = 0; distance <= 2 * mostNearby; distance += 1) {
    // Own line, then above, below, two above, two below …
    const index = own + (distance % 2 === 1 ? -1 : 1) * Math.ceil(distance / 2);
    const line = old[index];
    if (line === undefined || line === '' || old.indexOf(line) !== old.lastIndexOf(line)) continue;
    const found = now.indexOf(line);
    if (found === -1 || found !== now.lastIndexOf(line)) continue;
    const target = Math.max(0, Math.min(lines.length - 1, found + own - index));
    const start = lines.slice(0, target).reduce((sum, one) => sum + one.length + 1, 0);
    return start + /^[ \t]*/.exec(lines[target]!)![0].length;
  }
  return null;
}

const isSpace = (char: string | undefined): boolean => char !== undefined && /\s/.test(char);

function inkUpTo(text: string, end: number): number {
  let ink = 0;
  for (let at = 0; at < end; at += 1) if (!isSpace(text[at])) ink += 1;
  return ink;
}

/** End of the first `ink` visible characters of `after`; null when they aren't those of `before`. */
function afterInk(before: string, after: string, ink: number): number | null {
  let a = 0;
  let b = 0;
  for (let count = 0; count < ink; count += 1) {
    while (isSpace(before[a])) a += 1;
    while (isSpace(after[b])) b += 1;
    if (before[a] !== after[b]) return null;
    a += 1;
    b += 1;
  }
  return b;
}

function sameInkEnd(before: string, after: string, ink: number): boolean {
  let a = before.length - 1;
  let b = after.length - 1;
  for (let count = 0; count < ink; count += 1) {
    while (isSpace(before[a])) a -= 1;
    while (isSpace(after[b])) b -= 1;
    if (before[a] !== after[b]) return false;
    a -= 1;
    b -= 1;
  }
  return true;
}

function endOfInk(text: string, ink: number): number {
  let at = 0;
  for (let count = 0; count < ink; at += 1) if (!isSpace(text[at])) count += 1;
  return at;
}

/** In the white space that begins at `start` of `after`: on the same line of it as `at` is in `before`. */
function inRun(before: string, after: string, at: number, start: number): number {
  let runStart = at;
  while (runStart > 0 && isSpace(before[runStart - 1])) runStart -= 1;
  const passed = before.slice(runStart, at);
  let breaks = passed.split('\n').length - 1;
  let to = start;
  if (breaks === 0) {
    for (let left = passed.length; left > 0 && (after[to] === ' ' || after[to] === '\t'); left -= 1) to += 1;
    return to;
  }
  for (let look = start; breaks > 0 && isSpace(after[look]); look += 1) {
    if (after[look] !== '\n') continue;
    breaks -= 1;
    to = look + 1;
  }
  while (after[to] === ' ' || after[to] === '\t') to += 1;
  return to;
}
