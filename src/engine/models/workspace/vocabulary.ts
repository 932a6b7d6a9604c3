import { keywords } from './syntax.ts';

/** What a token is; a number per token id. */
export const kinds = { layout: 0, name: 1, keyword: 2, number: 3, string: 4, operator: 5, unknown: 6 } as const;
export type Kind = (typeof kinds)[keyof typeof kinds];

/** Ids below this are not in the table: line breaks and stand-ins for what isn't kept. */
export const firstWord = 64;
const lineBreakBase = 17;
/** Line break ids are 1 to 32: the change of indentation, −16 to 15 units. */
export function lineBreak(indentDelta: number): number {
  return lineBreakBase + Math.max(-16, Math.min(15, indentDelta));
}
export function isLineBreak(id: number): boolean {
  return id >= 1 && id <= 32;
}
export function indentDeltaOf(id: number): number {
  return id - lineBreakBase;
}
/** Strings, numbers and names that aren't kept: they match each other, and can't be predicted. */
export const unknownString = 33;
export const unknownNumber = 34;
export const unknownName = 35;
/** Stands before the first token of a file. */
export const fileStart = 36;

/** Cost of one entry: table slot, string header, arrays. For 30 MB of mixed source the sum is within a tenth of the heap's growth. */
const entryBytes = 96;

/** Token texts and their ids. Ids are given in order of appearance, so that the same files give the same ids. */
export interface Vocabulary {
  /** Id of `text`. `rare`: a string or number is kept from its second appearance on. Full: a stand-in. */
  intern(text: string, kind: Kind, rare: boolean): number;
  /** Id of `text` if it is known. */
  find(text: string): number | undefined;
  text(id: number): string;
  kind(id: number): Kind;
  /** Something was turned away for want of room since the last sweep. */
  readonly full: boolean;
  /** Forgets every id that isn't marked with 1; forgotten ids are given again. */
  sweep(used: Uint8Array): void;
  readonly size: number;
  readonly bytes: number;
}

/** A table of at most `maxBytes`. */
export function createVocabulary(maxBytes: number): Vocabulary {
  const ids = new Map<string, number>();
  const texts: string[] = [];
  let kindOf = new Uint8Array(1024);
  // A twentieth of the memory, in bits: few strings are taken for known by accident.
  const doorkeeperBits = 1 << Math.max(12, Math.min(21, Math.floor(Math.log2(maxBytes * 0.4))));
  const seen = new Uint32Array(doorkeeperBits >> 5);
  const free: number[] = [];
  let full = false;
  let bytes = seen.byteLength;

  function seenBefore(text: string): boolean {
    let hash = 0x811c9dc5;
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    hash = (hash ^ (hash >>> 15)) & (doorkeeperBits - 1);
    const bit = 1 << (hash & 31);
    const was = (seen[hash >> 5]! & bit) !== 0;
    seen[hash >> 5]! |= bit;
    return was;
  }

  return {
    intern(text, kind, rare) {
      const known = ids.get(text);
      if (known !== undefined) return known;
      const standIn = kind === kinds.string ? unknownString : kind === kinds.number ? unknownNumber : unknownName;
      if (rare && !seenBefore(text)) return standIn;
      const cost = entryBytes + text.length;
      if (bytes + cost > maxBytes) {
        full = true;
        return standIn;
      }
      bytes += cost;
      const index = free.pop() ?? texts.length;
      const id = firstWord + index;
      // A slice would keep the whole file alive.
      const own = Buffer.from(text, 'utf16le').toString('utf16le');
      ids.set(own, id);
      texts[index] = own;
      if (texts.length > kindOf.length) {
        const larger = new Uint8Array(kindOf.length * 2);
        larger.set(kindOf);
        kindOf = larger;
      }
      kindOf[index] = kind === kinds.name && keywords.has(text) ? kinds.keyword : kind;
      return id;
    },
    find: (text) => ids.get(text),
    text: (id) => texts[id - firstWord] ?? '',
    kind(id) {
      if (id >= firstWord) return kindOf[id - firstWord]! as Kind;
      if (id === unknownString) return kinds.string;
      if (id === unknownNumber) return kinds.number;
      return isLineBreak(id) ? kinds.layout : kinds.unknown;
    },
    get full() {
      return full;
    },
    sweep(used) {
      for (let index = texts.length - 1; index >= 0; index--) {
        const text = texts[index]!;
        if (text === '' || used[firstWord + index] === 1) continue;
        ids.delete(text);
        texts[index] = '';
        bytes -= entryBytes + text.length;
        free.push(index);
      }
      full = false;
    },
    get size() {
      return texts.length;
    },
    get bytes() {
      return bytes;
    },
  };
}
