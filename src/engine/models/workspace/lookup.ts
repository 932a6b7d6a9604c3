import { align, type Match } from './align.ts';
import { type Arena, hashLong, hashShort, longOrder, type Segment, shapeBefore, shortOrder } from './arena.ts';
import { isLineBreak, type Vocabulary } from './vocabulary.ts';

/** A body of text to look in. */
export interface Source {
  readonly arena: Arena;
  /** Weight of a segment of it; 0: not to be used. */
  weigh(segment: Segment): number;
}

/** Most places looked at by each index; a longer list is cut at the older end. */
export interface Reach {
  readonly long: number;
  readonly short: number;
  readonly lines: number;
}
export const fullReach: Reach = { long: 48, short: 160, lines: 64 };
export const quickReach: Reach = { long: 24, short: 48, lines: 0 };

/** Places whose tokens before them agree with the end of `context`, found by each source's three indexes. */
export function findMatches(
  sources: readonly Source[],
  context: ArrayLike<number> & { readonly length: number },
  vocabulary: Vocabulary,
  reach: Reach,
): Match[] {
  const found: Match[] = [];
  const n = context.length;
  for (const { arena, weigh } of sources) {
    const seen = new Set<number>();
    const consider = (position: number, least: number): boolean => {
      if (seen.has(position)) return false;
      const segment = arena.segmentOf(position);
      if (segment === null) return false;
      const weight = weigh(segment);
      if (weight === 0 || position <= segment.start) return false;
      const place = { arena, position, start: segment.start, limit: segment.start + segment.length, weight };
      const match = align(place, context, vocabulary);
      if (match.soft < least) return false;
      seen.add(position);
      found.push(match);
      return true;
    };
    if (n >= longOrder) {
      let position = arena.longHead(hashLong(context, n));
      for (let taken = 0, steps = 0; position !== 0 && taken < reach.long && steps < reach.long * 6; steps++) {
        if (consider(position, longOrder)) taken++;
        position = arena.longBefore(position);
      }
    }
    if (n >= shortOrder) {
      let position = arena.shortHead(hashShort(context[n - 1]! >>> 1, context[n - 2]! >>> 1));
      for (let taken = 0, steps = 0; position !== 0 && taken < reach.short && steps < reach.short * 4; steps++) {
        if (consider(position, shortOrder)) taken++;
        position = arena.shortBefore(position);
      }
    }
    if (reach.lines > 0) {
      let lineStart = n;
      while (lineStart > 0 && n - lineStart < 30 && !isLineBreak(context[lineStart - 1]! >>> 1)) lineStart--;
      if (lineStart > 0 && isLineBreak(context[lineStart - 1]! >>> 1)) {
        const typed = n - lineStart;
        const shape = shapeBefore(context, lineStart - 1, vocabulary);
        // The whole line so far, its break, and something of the line before must agree.
        if (shape !== 0)
          arena.linesAfter(shape, reach.lines, (position) => consider(position + 1 + typed, typed * 0.5 + 2.5));
      }
    }
  }
  return found;
}
