import type { DocumentChange } from '../../protocol/rpc.ts';

/** A stretch of text that keeps its identity while the document is edited. Offsets in UTF-16 units, end exclusive. */
export interface TrackedRange {
  readonly start: number;
  readonly end: number;
  /**
   * Its last part was deleted, so what is typed at `end` replaces that part and belongs to the range. Otherwise text
   * typed right behind the range is not part of it.
   */
  readonly openEnd: boolean;
}

export function trackRange(start: number, end: number): TrackedRange {
  return { start, end, openEnd: false };
}

/**
 * The range after one change, whose offsets are in the text before it.
 *
 *     change    ├──┤                    before: shifted          ├──┤ inside: grows or shrinks
 *     range           ├─────────┤
 *     change      ├──────┤ over an edge: the new text belongs to the range       behind: untouched ├──┤
 */
export function shiftRange(range: TrackedRange, change: DocumentChange): TrackedRange {
  const { start, end, openEnd } = range;
  const from = change.offset;
  const to = from + change.length;
  const grown = change.text.length - change.length;
  if (change.length === 0 && from === end && (openEnd || start === end)) {
    return { start, end: end + grown, openEnd: openEnd && !change.text.includes('\n') };
  }
  if (from >= end) return range;
  if (to <= start) return { start: start + grown, end: end + grown, openEnd };
  return {
    start: Math.min(start, from),
    end: Math.max(end, to) + grown,
    openEnd: to >= end ? !change.text.includes('\n') : openEnd,
  };
}

/** Whether the change removes or replaces something of the range, inserts into its middle, or where it is empty. */
export function touches(range: TrackedRange, change: DocumentChange): boolean {
  const to = change.offset + change.length;
  if (range.start === range.end) return change.offset <= range.start && to >= range.end;
  if (change.length === 0) return change.offset > range.start && change.offset < range.end;
  return change.offset < range.end && to > range.start;
}
