/** Offers already made, so that typing along with one, or coming back to a place, asks no model again. */
import { contains } from './filters/midLine.ts';
import { RadixTree } from './radixTree.ts';

export interface CachedOffer {
  readonly episodeId: string;
  readonly candidates: readonly { readonly candidateId: string; readonly text: string; readonly replaces: string }[];
}

/** A document and the cursor in it. */
export interface Where {
  readonly uri: string;
  readonly text: string;
  readonly offset: number;
  readonly now: number;
}

interface Entry extends CachedOffer {
  readonly tree: string;
  readonly key: string;
  readonly offset: number;
  /** Text after what the offer replaces. */
  readonly tail: string;
  readonly at: number;
}

const capacity = 100;
/** As in Tabby: after five minutes the code around may mean something else. */
const lifetimeMs = 5 * 60_000;
const tailCharacters = 500;
/** A key begins at a multiple of this, one to two of them before the cursor: so it stays the beginning of what is typed after it. */
const windowCharacters = 4096;

/**
 * With memory of its own: a slice would keep the whole document it was cut from alive, a hundred versions of it in the end. JSON is
 * the one way that surely copies.
 */
export const copied = (text: string): string => JSON.parse(JSON.stringify(text)) as string;

const windowStart = (offset: number): number =>
  Math.max(0, (Math.floor(offset / windowCharacters) - 1) * windowCharacters);
const treeOf = (uri: string, start: number): string => `${start} ${uri}`;

/**
 * For each document, and beginning of a window in it, a tree of the texts between there and the places where offers were made: all
 * that were made on the way to a place lie on one path. Least recently used goes first.
 */
export class OfferCache {
  readonly #trees = new Map<string, RadixTree<Entry>>();
  /** Least recently used first. */
  readonly #used = new Set<Entry>();

  add(offer: CachedOffer, { uri, text, offset, now }: Where): void {
    const start = windowStart(offset);
    const tree = treeOf(uri, start);
    const key = copied(text.slice(start, offset));
    const tail = copied(tailOf(text, offset));
    const known = this.#trees.get(tree)?.get(key);
    if (known !== undefined) this.#drop(known);
    const entry: Entry = { ...offer, tree, key, offset, tail, at: now };
    const entries = this.#trees.get(tree) ?? new RadixTree<Entry>();
    this.#trees.set(tree, entries);
    entries.set(key, entry);
    this.#used.add(entry);
    if (this.#used.size > capacity) this.#drop(this.#used.values().next().value!);
  }

  /**
   * What is left of an offer when exactly its beginning has been typed since (or nothing). Null when nothing fits. Only
   * offers that replace nothing can be typed along here.
   */
  find(where: Where): CachedOffer | null {
    const fits = new Map<Entry, CachedOffer>();
    for (const entry of this.#onTheWay(where)) {
      const left = leftOf(entry, where);
      if (left !== null) fits.set(entry, left);
    }
    if (fits.size === 0) return null;
    // Of several the one that was offered last.
    const entry = [...this.#used].findLast((one) => fits.has(one))!;
    this.#used.delete(entry);
    this.#used.add(entry);
    return fits.get(entry)!;
  }

  clear(): void {
    this.#trees.clear();
    this.#used.clear();
  }

  /** Offers made at beginnings of this text, also those of the window before, out of which the cursor may have come. */
  *#onTheWay({ uri, text, offset }: Where): Generator<Entry, void, undefined> {
    const start = windowStart(offset);
    for (const from of start === 0 ? [0] : [start, start - windowCharacters]) {
      const tree = this.#trees.get(treeOf(uri, from));
      if (tree !== undefined) yield* tree.along(text.slice(from, offset));
    }
  }

  #drop(entry: Entry): void {
    this.#used.delete(entry);
    const tree = this.#trees.get(entry.tree);
    tree?.delete(entry.key);
    if (tree?.size === 0) this.#trees.delete(entry.tree);
  }
}

function leftOf(entry: Entry, { text, offset, now }: Where): CachedOffer | null {
  const typed = offset - entry.offset;
  const first = entry.candidates[0];
  if (first === undefined || now - entry.at > lifetimeMs) return null;
  if (typed >= first.text.length || (typed > 0 && first.replaces !== '')) return null;
  const begun = text.slice(entry.offset, offset);
  // Typing past the first choice is an answer to it: the others don't move up unasked.
  if (!first.text.startsWith(begun)) return null;
  const closed = closedAt(entry.tail, text, offset);
  if (closed === null || (typed === 0 && closed !== '')) return null;
  const candidates = entry.candidates.flatMap((one) => {
    if (one.text.length <= typed || !one.text.startsWith(begun) || (typed > 0 && one.replaces !== '')) return [];
    const rest = one.text.slice(typed);
    return contains(rest, closed) ? [{ ...one, text: rest, replaces: closed === '' ? one.replaces : closed }] : [];
  });
  return candidates[0]?.candidateId === first.candidateId ? { episodeId: entry.episodeId, candidates } : null;
}

/** What stands after a place, as far as it tells the place from others. */
export const tailOf = (text: string, offset: number): string => text.slice(offset, offset + tailCharacters);

/** More than this the editor doesn't close by itself while a few characters are typed. */
export const mostClosers = 3;

/**
 * The closers that the editor put between the cursor and the text that stood there when the offer was made: mostly none.
 * Null: something else stands there now. The rest of the offer brings its own closers and takes their place.
 */
export function closedAt(tail: string, text: string, offset: number): string | null {
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
