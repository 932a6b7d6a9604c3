import type { Vocabulary } from './vocabulary.ts';
import { isLineBreak, kinds } from './vocabulary.ts';

/** One file's (or kept edit's) tokens inside the arena. Positions count from the arena's beginning and never repeat. */
export interface Segment {
  /** Path of the file; unique text for kept edits. */
  readonly key: string;
  readonly family: string;
  /** How much one occurrence counts. */
  readonly weight: number;
  start: number;
  readonly length: number;
  live: boolean;
}

/** Order of the two chained contexts. */
export const longOrder = 5;
export const shortOrder = 2;
/** Token 4, two links 8, line records 8 for about one token in 8, segment map 4 for 32. */
const bytesPerToken = 13.2;
const linesPer = 8;
/** Above this share of live tokens old files are dropped rather than written again. */
const fullestLive = 0.9375;

/** How many tokens fit. */
export function tokensWithin(bytes: number, headBytes: number): number {
  return Math.max(4096, Math.floor((bytes - headBytes) / bytesPerToken));
}

/**
 * A log of token streams with three hash-chained indexes: positions after the same 2 and the same 5 tokens (as in LZ77),
 * and lines that follow a line of the same shape. Appending is O(1) a token and never reorganises, so an update
 * never blocks. When it is full the log wraps: the oldest file gives way, unless enough of the log is dead, in which case it
 * is written again at the end (as a log-structured file system cleans).
 */
export class Arena {
  readonly #vocabulary: Vocabulary;
  readonly #maxTokens: number;
  #capacity: number;
  #tokens: Uint32Array;
  #longLinks: Uint32Array;
  #shortLinks: Uint32Array;
  readonly #longHeads: Uint32Array;
  readonly #shortHeads: Uint32Array;
  readonly #longMask: number;
  readonly #shortMask: number;
  #lineCapacity: number;
  #linePositions: Uint32Array;
  #lineLinks: Uint32Array;
  readonly #lineHeads: Uint32Array;
  readonly #lineMask: number;
  #lines = 1;
  #segmentAt: Uint32Array;
  /** Segments by number, modulo nothing: old ones are removed from the front. */
  #segments: Segment[] = [];
  #firstSegment = 0;
  #byKey = new Map<string, Segment>();
  /** Next position to write; 0 means "none" in links, so positions begin at 1. */
  #end = 1;
  #liveTokens = 0;

  constructor(vocabulary: Vocabulary, maxTokens: number, headBits: number, initialTokens = 4096) {
    this.#vocabulary = vocabulary;
    this.#maxTokens = maxTokens;
    this.#capacity = Math.min(maxTokens, initialTokens);
    this.#tokens = new Uint32Array(this.#capacity);
    this.#longLinks = new Uint32Array(this.#capacity);
    this.#shortLinks = new Uint32Array(this.#capacity);
    this.#longHeads = new Uint32Array(1 << headBits);
    this.#shortHeads = new Uint32Array(1 << headBits);
    this.#longMask = this.#shortMask = (1 << headBits) - 1;
    this.#lineCapacity = Math.ceil(this.#capacity / linesPer);
    this.#linePositions = new Uint32Array(this.#lineCapacity);
    this.#lineLinks = new Uint32Array(this.#lineCapacity);
    this.#lineHeads = new Uint32Array(1 << Math.max(8, headBits - 2));
    this.#lineMask = this.#lineHeads.length - 1;
    this.#segmentAt = new Uint32Array((this.#capacity >> 5) + 2);
  }

  get end(): number {
    return this.#end;
  }
  get begin(): number {
    return Math.max(1, this.#end - this.#capacity);
  }
  get files(): number {
    return this.#byKey.size;
  }
  get tokens(): number {
    return this.#liveTokens;
  }
  get bytes(): number {
    const lines = this.#linePositions.byteLength * 2 + this.#lineHeads.byteLength;
    const heads = this.#longHeads.byteLength * 2;
    return this.#tokens.byteLength * 3 + lines + heads + this.#segmentAt.byteLength + this.#segments.length * 120;
  }

  has(key: string): boolean {
    return this.#byKey.has(key);
  }

  /** Token at a position between `begin` and `end`. */
  at(position: number): number {
    return this.#tokens[position % this.#capacity]!;
  }

  /** Next older position after the same tokens; 0: none. */
  longBefore(position: number): number {
    const link = this.#longLinks[position % this.#capacity]!;
    return link >= this.begin ? link : 0;
  }
  shortBefore(position: number): number {
    const link = this.#shortLinks[position % this.#capacity]!;
    return link >= this.begin ? link : 0;
  }
  longHead(hash: number): number {
    const head = this.#longHeads[hash & this.#longMask]!;
    return head >= this.begin ? head : 0;
  }
  shortHead(hash: number): number {
    const head = this.#shortHeads[hash & this.#shortMask]!;
    return head >= this.begin ? head : 0;
  }

  /** Calls `visit` with beginnings of lines after a line of this shape, newest first, at most `limit`. */
  linesAfter(shape: number, limit: number, visit: (position: number) => void): void {
    let line = this.#lineHeads[shape & this.#lineMask]!;
    for (let i = 0; i < limit && line !== 0 && line > this.#lines - this.#lineCapacity; i++) {
      const position = this.#linePositions[line % this.#lineCapacity]!;
      if (position < this.begin || position >= this.#end) return;
      visit(position);
      const older = this.#lineLinks[line % this.#lineCapacity]!;
      if (older >= line) return;
      line = older;
    }
  }

  /** The file a position belongs to; null: one that was removed. */
  segmentOf(position: number): Segment | null {
    let index = Math.max(0, this.#segmentAt[(position % this.#capacity) >> 5]! - this.#firstSegment);
    let segment = this.#segments[index];
    while (segment && position >= segment.start + segment.length) segment = this.#segments[++index];
    return segment?.live && position >= segment.start ? segment : null;
  }

  /** Puts a token stream at the end, in place of the one with this key. Longer than the arena: its beginning only. */
  add(key: string, family: string, weight: number, tokens: Uint32Array): void {
    this.remove(key);
    const kept = tokens.length > this.#maxTokens >> 1 ? tokens.subarray(0, this.#maxTokens >> 1) : tokens;
    if (kept.length === 0) return;
    this.#makeRoom(kept.length);
    this.#append({ key, family, weight, start: this.#end, length: kept.length, live: true }, kept);
  }

  /** Its tokens count no more; their room is used again when the log comes round. */
  remove(key: string): void {
    const segment = this.#byKey.get(key);
    if (!segment) return;
    segment.live = false;
    this.#liveTokens -= segment.length;
    this.#byKey.delete(key);
  }

  /** Drops the oldest `share` of the live files. */
  dropOldest(share: number): void {
    let count = Math.ceil(this.#byKey.size * share);
    for (const segment of this.#segments) {
      if (count === 0) break;
      if (!segment.live) continue;
      this.remove(segment.key);
      count--;
    }
  }

  /** 1 for each id below `size` that a live file uses. */
  usedIds(size: number): Uint8Array {
    const used = new Uint8Array(size);
    for (const { live, start, length } of this.#segments) {
      if (!live) continue;
      for (let position = start; position < start + length; position++) used[this.at(position) >>> 1] = 1;
    }
    return used;
  }

  #makeRoom(length: number): void {
    while (this.#capacity < this.#maxTokens && this.#end - 1 + length > this.#capacity) this.#grow();
    if (this.#end - 1 + length <= this.#capacity) return;
    // Full: free segments from the front until it fits. One that is live moves to the end while less than 15/16 is live.
    const carried: { segment: Segment; tokens: Uint32Array }[] = [];
    let needed = length;
    while (this.#segments.length > 0 && this.#segments[0]!.start < this.#end + needed - this.#capacity) {
      const segment = this.#segments.shift()!;
      this.#firstSegment++;
      if (!segment.live) continue;
      if (this.#liveTokens + length <= this.#maxTokens * fullestLive) {
        const tokens = new Uint32Array(segment.length);
        for (let i = 0; i < segment.length; i++) tokens[i] = this.at(segment.start + i);
        carried.push({ segment, tokens });
        needed += segment.length;
        this.#liveTokens -= segment.length;
      } else {
        segment.live = false;
        this.#byKey.delete(segment.key);
        this.#liveTokens -= segment.length;
      }
    }
    for (const { segment, tokens } of carried) {
      this.#append({ ...segment, start: this.#end }, tokens);
    }
  }

  #append(segment: Segment, tokens: Uint32Array): void {
    const number = this.#firstSegment + this.#segments.length;
    this.#segments.push(segment);
    this.#byKey.set(segment.key, segment);
    this.#liveTokens += tokens.length;
    for (let i = 0; i < tokens.length; i++) {
      const position = this.#end++;
      const index = position % this.#capacity;
      const token = tokens[i]!;
      if ((index & 31) === 0) this.#segmentAt[index >> 5] = number;
      this.#tokens[index] = token;
      if (i >= shortOrder) {
        const hash = hashShort(tokens[i - 1]! >>> 1, tokens[i - 2]! >>> 1) & this.#shortMask;
        this.#shortLinks[index] = this.#shortHeads[hash]!;
        this.#shortHeads[hash] = position;
      } else this.#shortLinks[index] = 0;
      if (i >= longOrder) {
        const hash = hashLong(tokens, i) & this.#longMask;
        this.#longLinks[index] = this.#longHeads[hash]!;
        this.#longHeads[hash] = position;
      } else this.#longLinks[index] = 0;
      if (i > 0 && isLineBreak(token >>> 1)) this.#addLine(tokens, i, position);
    }
  }

  /** `i`: a line break; the line before it decides the shape, the line after it is what follows. */
  #addLine(tokens: Uint32Array, i: number, position: number): void {
    const shape = shapeBefore(tokens, i, this.#vocabulary);
    if (shape === 0) return;
    const line = this.#lines++;
    const slot = line % this.#lineCapacity;
    const bucket = shape & this.#lineMask;
    this.#linePositions[slot] = position;
    this.#lineLinks[slot] = this.#lineHeads[bucket]!;
    this.#lineHeads[bucket] = line;
  }

  #grow(): void {
    const capacity = Math.min(this.#maxTokens, Math.max(this.#capacity + 4096, Math.floor(this.#capacity * 1.5)));
    const larger = (old: Uint32Array, size: number): Uint32Array => {
      const next = new Uint32Array(size);
      next.set(old);
      return next;
    };
    // Before the first wrap every position is its own index.
    this.#tokens = larger(this.#tokens, capacity);
    this.#longLinks = larger(this.#longLinks, capacity);
    this.#shortLinks = larger(this.#shortLinks, capacity);
    this.#segmentAt = larger(this.#segmentAt, (capacity >> 5) + 2);
    const lineCapacity = Math.ceil(capacity / linesPer);
    const positions = new Uint32Array(lineCapacity);
    const links = new Uint32Array(lineCapacity);
    for (let line = Math.max(1, this.#lines - this.#lineCapacity); line < this.#lines; line++) {
      positions[line % lineCapacity] = this.#linePositions[line % this.#lineCapacity]!;
      links[line % lineCapacity] = this.#lineLinks[line % this.#lineCapacity]!;
    }
    this.#linePositions = positions;
    this.#lineLinks = links;
    this.#lineCapacity = lineCapacity;
    this.#capacity = capacity;
  }
}

/** Finaliser of MurmurHash3. */
function mix(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Of the last two ids. */
export function hashShort(last: number, before: number): number {
  return mix(Math.imul(last, 0x9e3779b1) ^ Math.imul(before, 0x7feb352d));
}

/** Of the `longOrder` ids before `end`. */
export function hashLong(tokens: ArrayLike<number>, end: number): number {
  let hash = 17;
  for (let i = 1; i <= longOrder; i++) hash = Math.imul(hash ^ (tokens[end - i]! >>> 1), 0x9e3779b1) + 0x7f4a7c15;
  return mix(hash);
}

/**
 * Hash of the line that ends before `end`: words of the language and operators count as they are, names by the order
 * in which the line first uses them, literals by their kind. 0: too short to tell anything.
 */
export function shapeBefore(tokens: ArrayLike<number>, end: number, vocabulary: Vocabulary): number {
  let start = end;
  while (start > 0 && end - start < 40 && !isLineBreak(tokens[start - 1]! >>> 1)) start--;
  if (end - start < 3) return 0;
  let hash = end - start;
  let names = 0;
  const seen: number[] = [];
  for (let i = start; i < end; i++) {
    const id = tokens[i]! >>> 1;
    const kind = vocabulary.kind(id);
    let code = id + 16;
    if (kind === kinds.name || kind === kinds.unknown) {
      let index = seen.indexOf(id);
      if (index < 0) {
        index = names++;
        seen.push(id);
      }
      code = 1 + index;
    } else if (kind === kinds.string || kind === kinds.number) code = 60 + kind;
    hash = Math.imul(hash ^ code, 0x9e3779b1) + 0x7f4a7c15;
  }
  return mix(hash) | 1;
}
