import type { DocumentChange } from '../../protocol/rpc.ts';

/** What was returned to VS Code for one place. Offsets in the document as it is at this moment. */
export interface Offer {
  readonly episodeId: string;
  readonly uri: string;
  readonly cursor: number;
  /** Text of the line of the cursor up to the cursor, and from the cursor on. */
  readonly linePrefix: string;
  readonly lineSuffix: string;
  /** `start` to `end` is on the line of the cursor and is replaced by `insertText`. */
  readonly items: readonly { candidateId: string; insertText: string; start: number; end: number }[];
}

/** A candidate as it can be returned again: the range is on the line of the cursor. */
export interface RestItem {
  readonly candidateId: string;
  readonly insertText: string;
  readonly start: number;
  readonly end: number;
}

/** One candidate of an offer, and how much of it the developer has already typed. */
export interface LiveItem {
  readonly candidateId: string;
  /** All that would stand from `start` on: what stands there already, then the rest. Lines end in `\n`. */
  readonly fullText: string;
  /** Offset where `fullText` begins: the beginning of the line of the cursor at the time of the offer. */
  readonly start: number;
  /** How much of `fullText` stands before the candidate's own range: it is compared, never replaced. */
  readonly lead: number;
  /** The document's text from `start` to the cursor. */
  readonly typed: string;
  /** The document's text from the cursor to the end of the range that accepting replaces. */
  readonly tail: string;
  /** Length of `typed` when it was offered: deleting below it deletes what the offer was made for. */
  readonly floor: number;
}

/** What one change of the document means for a candidate. */
export type Advance =
  /** Still good; `item` is where it stands now. */
  | { readonly type: 'live'; readonly item: LiveItem }
  /** One change took a part of at least a word, as “accept next word” does. */
  | { readonly type: 'partly'; readonly item: LiveItem; readonly text: string }
  /** All of it stands in the document, from `start` to `end`. `typed`: by a single character. */
  | { readonly type: 'complete'; readonly start: number; readonly end: number; readonly how: 'inserted' | 'typed' }
  | { readonly type: 'ended'; readonly why: 'typedPast' | 'deleted' };

/** Documents may use CRLF, candidates use LF. */
export const unix = (text: string): string => text.replaceAll('\r\n', '\n');

/** Characters of the longest line break. */
const lineBreak = 2;
const pairs = new Set(['()', '[]', '{}', '<>', '""', "''", '``']);
const wordCharacter = /[\p{L}\p{N}_]/u;

export const cursorOf = (item: LiveItem): number => item.start + item.typed.length;

/** What is not typed yet. */
export const restOf = (item: LiveItem): string => item.fullText.slice(unix(item.typed).length);

/** Whether VS Code would draw it: something is left, and the text behind the cursor appears in it in order. */
export function visible(item: LiveItem): boolean {
  if (!item.fullText.startsWith(unix(item.typed))) return false;
  const rest = restOf(item);
  let found = 0;
  for (const character of rest) if (character === item.tail[found]) found += 1;
  return rest !== '' && rest !== item.tail && found === item.tail.length;
}

/** Applies one change (offsets in the text before it) to a candidate on the screen. */
export function advance(item: LiveItem, change: DocumentChange): Advance {
  const { start, typed, tail, fullText, floor } = item;
  const cursor = cursorOf(item);
  const end = cursor + tail.length;
  const from = change.offset;
  const to = from + change.length;

  if (from > end || (from === end && tail !== '')) return { type: 'live', item };
  if (to < start || (to === start && start < cursor)) {
    return { type: 'live', item: { ...item, start: start + change.text.length - change.length } };
  }
  if (from < start || to > end) {
    // The line deleted, with a line break on either side. More than that is somebody else's edit.
    const place =
      change.text === '' && from >= start - lineBreak && from < cursor && to >= cursor && to <= end + lineBreak;
    return { type: 'ended', why: place ? 'deleted' : 'typedPast' };
  }

  const standing = typed + tail;
  const after = standing.slice(0, from - start) + change.text + standing.slice(to - start);
  if (unix(after) === fullText) {
    const how = change.length === 0 && unix(change.text).length === 1 ? 'typed' : 'inserted';
    return { type: 'complete', start: start + item.lead, end: start + after.length, how };
  }
  // From here on the change must be at the cursor: typing, deleting back, or replacing around it.
  if (from > cursor || to < cursor) return { type: 'ended', why: change.text === '' ? 'deleted' : 'typedPast' };

  const before = typed.slice(0, from - start);
  const behind = tail.slice(to - cursor);
  const live = (inserted: string, nextTail: string): LiveItem | null => {
    const next = { ...item, typed: before + inserted, tail: nextTail };
    return fullText.startsWith(unix(next.typed)) && next.typed.length >= floor ? next : null;
  };
  // The editor closes a bracket by itself and stays inside: one character was typed, the other waits behind the cursor.
  if (pairs.has(change.text)) {
    const inside = live(change.text.charAt(0), change.text.charAt(1) + behind);
    if (inside && visible(inside)) return { type: 'live', item: inside };
  }
  const next = live(change.text, behind);
  if (!next) return { type: 'ended', why: change.text === '' ? 'deleted' : 'typedPast' };
  const part = unix(change.text);
  if (change.length === 0 && takesWords(part, restOf(next))) return { type: 'partly', item: next, text: part };
  return { type: 'live', item: next };
}

/** More than one character at once, with a word in it, up to the end of a word: nobody types like that. */
function takesWords(part: string, rest: string): boolean {
  if ([...part].length < 2 || !wordCharacter.test(part)) return false;
  return !(wordCharacter.test(part.slice(-1)) && wordCharacter.test(rest.charAt(0)));
}

/** A candidate as it stands on the screen when it is offered. */
export function liveItem(offer: Offer, item: Offer['items'][number]): LiveItem {
  const lineStart = offer.cursor - offer.linePrefix.length;
  const lead = item.start - lineStart;
  return {
    candidateId: item.candidateId,
    fullText: offer.linePrefix.slice(0, lead) + unix(item.insertText),
    start: lineStart,
    lead,
    typed: offer.linePrefix,
    tail: offer.lineSuffix.slice(0, item.end - offer.cursor),
    floor: offer.linePrefix.length,
  };
}

/**
 * After a typed line break the range must begin on the new line; before, where the candidate begins. Over half of a surrogate pair
 * VS Code draws nothing: behind an emoji that was typed along the range begins anew.
 */
export function restItem(item: LiveItem): RestItem {
  const line = item.typed.lastIndexOf('\n') + 1;
  const emoji = /[\uD800-\uDFFF](?![\s\S]*[\uD800-\uDFFF])/.exec(item.typed.slice(item.lead));
  const start = Math.max(line > 0 ? line : item.lead, emoji ? item.lead + emoji.index + 1 : 0);
  return {
    candidateId: item.candidateId,
    insertText: item.fullText.slice(unix(item.typed.slice(0, start)).length),
    start: item.start + start,
    end: cursorOf(item) + item.tail.length,
  };
}
