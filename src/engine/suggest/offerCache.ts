/** Offers already made, so that typing along with one, or coming back to a place, asks no model again. */
import { contains } from './filters/midLine.ts';

export interface CachedOffer {
  readonly episodeId: string;
  readonly candidates: readonly { readonly candidateId: string; readonly text: string; readonly replaces: string }[];
}

interface Entry extends CachedOffer {
  readonly uri: string;
  readonly offset: number;
  /** Text right before the offset, and after what the offer replaces. */
  readonly head: string;
  readonly tail: string;
  readonly at: number;
}

const capacity = 100;
/** As in Tabby: after five minutes the code around may mean something else. */
const lifetimeMs = 5 * 60_000;
const headCharacters = 4000;
const tailCharacters = 500;

/** Least recently used goes first. A look-up compares at most `capacity` windows of text and copies none. */
export class OfferCache {
  #entries: Entry[] = [];

  add(
    offer: CachedOffer,
    where: { readonly uri: string; readonly text: string; readonly offset: number; readonly now: number },
  ): void {
    const { uri, text, offset, now } = where;
    const head = text.slice(Math.max(0, offset - headCharacters), offset);
    const tail = text.slice(offset, offset + tailCharacters);
    this.#entries = this.#entries.filter(
      (entry) => entry.uri !== uri || entry.offset !== offset || entry.head !== head,
    );
    this.#entries.push({ ...offer, uri, offset, head, tail, at: now });
    if (this.#entries.length > capacity) this.#entries.shift();
  }

  /**
   * What is left of an offer when exactly its beginning has been typed since (or nothing). Null when nothing fits. Only
   * offers that replace nothing can be typed along here.
   */
  find(where: {
    readonly uri: string;
    readonly text: string;
    readonly offset: number;
    readonly now: number;
  }): CachedOffer | null {
    const { uri, text, offset, now } = where;
    for (let index = this.#entries.length - 1; index >= 0; index -= 1) {
      const entry = this.#entries[index]!;
      const typed = offset - entry.offset;
      if (entry.uri !== uri || typed < 0 || now - entry.at > lifetimeMs) continue;
      const first = entry.candidates[0];
      // Cheapest first: most entries end here.
      if (first === undefined || typed >= first.text.length || (typed > 0 && first.replaces !== '')) continue;
      const begun = text.slice(entry.offset, offset);
      // Typing past the first choice is an answer to it: the others don't move up unasked.
      if (!first.text.startsWith(begun)) continue;
      if (!text.startsWith(entry.head, entry.offset - entry.head.length)) continue;
      const closed = closedAt(entry.tail, text, offset);
      if (closed === null || (typed === 0 && closed !== '')) continue;
      const candidates = entry.candidates.flatMap((one) => {
        if (one.text.length <= typed || !one.text.startsWith(begun) || (typed > 0 && one.replaces !== '')) return [];
        const rest = one.text.slice(typed);
        return contains(rest, closed) ? [{ ...one, text: rest, replaces: closed === '' ? one.replaces : closed }] : [];
      });
      if (candidates[0]?.candidateId !== first.candidateId) continue;
      this.#entries.splice(index, 1);
      this.#entries.push(entry);
      return { episodeId: entry.episodeId, candidates };
    }
    return null;
  }

  clear(): void {
    this.#entries = [];
  }
}

/** More than this the editor doesn't close by itself while a few characters are typed. */
const mostClosers = 3;

/**
 * The closers that the editor put between the cursor and the text that stood there when the offer was made: mostly none.
 * Null: something else stands there now. The rest of the offer brings its own closers and takes their place.
 */
function closedAt(tail: string, text: string, offset: number): string | null {
  for (let count = 0; count <= mostClosers; count += 1) {
    const closers = text.slice(offset, offset + count);
    if (count > 0 && !/^[)\]}"'`]+$/.test(closers)) return null;
    if (tailMatches(tail, text, offset + count)) return closers;
  }
  return null;
}

function tailMatches(tail: string, text: string, offset: number): boolean {
  return text.startsWith(tail, offset) && (tail.length === tailCharacters || offset + tail.length === text.length);
}
