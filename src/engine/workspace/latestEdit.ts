import type { DocumentChange } from '../../protocol/rpc.ts';

/** What was changed last at one place, in coordinates of the present text. */
export interface LatestEdit {
  readonly start: number;
  readonly end: number;
  /** What stood from `start` to `end`. */
  readonly before: string;
  /** Time of its last key. */
  readonly at: number;
  /** Counts the edits of the document: another number, another edit. */
  readonly serial: number;
}

/** A pause this long ends an edit: what comes then is the next one. */
const pauseMs = 30_000;
/** Larger replacements are pastes or reverts: not a change that somebody makes at one place after the other. */
const largestEdit = 2000;

/**
 * Follows the edit under way: changes that touch it, or stand on its line, belong to it; a change elsewhere begins a new one.
 * A change at several places at once (formatting, many cursors, a rename by the language) is nobody's edit of one place.
 */
export class LatestEditTracker {
  #edit: LatestEdit | null = null;
  #serial = 0;

  get edit(): LatestEdit | null {
    return this.#edit;
  }

  /** One event, before it is applied to `text`. `changes` are within `text`, the last in the file first. */
  record(text: string, changes: readonly DocumentChange[], at: number, reason: 'undo' | 'redo' | undefined): void {
    if (reason !== undefined) {
      this.#edit = null;
      return;
    }
    const { own, aside } = parted(text, changes);
    const known = this.#edit;
    const current = known && aside.some((change) => touches(change, known.start, known.end)) ? null : known;
    const next = own.length === 0 ? current : this.#withChanges(text, own, current, at);
    const moved = aside.reduce((sum, change) => sum + (next && change.offset < next.start ? grown(change) : 0), 0);
    this.#edit = next && { ...next, start: next.start + moved, end: next.end + moved };
  }

  #withChanges(
    text: string,
    changes: readonly DocumentChange[],
    current: LatestEdit | null,
    at: number,
  ): LatestEdit | null {
    const start = changes.at(-1)!.offset;
    const end = changes[0]!.offset + changes[0]!.length;
    const delta = changes.reduce((sum, change) => sum + grown(change), 0);
    if (current && at - current.at <= pauseMs && near(text, current, start, end)) {
      const from = Math.min(start, current.start);
      const to = Math.max(end, current.end);
      const before = text.slice(from, current.start) + current.before + text.slice(current.end, to);
      return bounded({ start: from, end: to + delta, before, at, serial: current.serial });
    }
    this.#serial += 1;
    if (changes.length > 1 && text.slice(start, end).includes('\n')) return null;
    return bounded({ start, end: end + delta, before: text.slice(start, end), at, serial: this.#serial });
  }
}

const grown = ({ length, text }: DocumentChange): number => text.length - length;

const touches = ({ offset, length }: DocumentChange, start: number, end: number): boolean =>
  offset <= end && offset + length >= start;

const bounded = (edit: LatestEdit): LatestEdit | null =>
  edit.before.length > largestEdit || edit.end - edit.start > largestEdit ? null : edit;

/** The editor trims white space on other lines, of its own accord, along with a key: that is not part of what was typed. */
function parted(
  text: string,
  changes: readonly DocumentChange[],
): { readonly own: readonly DocumentChange[]; readonly aside: readonly DocumentChange[] } {
  const blank = ({ offset, length, text: typed }: DocumentChange): boolean =>
    typed.trim() === '' && text.slice(offset, offset + length).trim() === '';
  const telling = changes.filter((change) => !blank(change));
  const first = telling.at(-1);
  const last = telling[0];
  if (!first || !last) return changes.length === 1 ? { own: changes, aside: [] } : { own: [], aside: changes };
  const within = (change: DocumentChange): boolean => touches(change, first.offset, last.offset + last.length);
  return { own: changes.filter(within), aside: changes.filter((change) => !within(change)) };
}

/** Touching it, or on the same line with no line break between. */
function near(text: string, edit: LatestEdit, start: number, end: number): boolean {
  if (start <= edit.end && edit.start <= end)
    return start >= lineStart(text, edit.start) && end <= lineEnd(text, edit.end);
  const [from, to] = end < edit.start ? [end, edit.start] : [edit.end, start];
  const newline = text.indexOf('\n', from);
  return newline < 0 || newline >= to;
}

const lineStart = (text: string, offset: number): number => text.lastIndexOf('\n', offset - 1) + 1;

function lineEnd(text: string, offset: number): number {
  const newline = text.indexOf('\n', offset);
  return newline < 0 ? text.length : newline + 1;
}

/** The edit as whole lines, and where the present ones begin. */
export function editedLines(
  text: string,
  edit: LatestEdit,
): { readonly before: string; readonly after: string; readonly start: number } {
  const from = lineStart(text, edit.start);
  const newline = text.indexOf('\n', edit.end);
  const to = newline < 0 ? text.length : newline;
  return {
    before: text.slice(from, edit.start) + edit.before + text.slice(edit.end, to),
    after: text.slice(from, to),
    start: from,
  };
}
