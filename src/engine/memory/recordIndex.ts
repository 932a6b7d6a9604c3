/**
 * All records merged, in memory. The order in which they arrive, and how often, makes no difference: a rating may come
 * before its episode, from another window's journal.
 */
import type { Directive, Episode, Event, MemoryRecord, Rating } from '../../protocol/episode.ts';
import type { SizedRecord } from './segment.ts';
import type { Tombstone, UnparsedEpisode } from './snapshot.ts';

/** An episode with all that became of it. Immutable: a change makes a new one. */
export interface StoredEpisode {
  readonly episode: Episode;
  /** By time. */
  readonly events: readonly Event[];
  /** The latest of this store's rater, unless withdrawn; else null. */
  readonly rating: Rating | null;
  /** The latest of each other rater, unless withdrawn. */
  readonly otherRatings: readonly Rating[];
  /** Not to be used as an example. */
  readonly forbidden: boolean;
}

interface Slot {
  readonly id: string;
  episode: Episode | UnparsedEpisode | null;
  readonly events: Event[];
  readonly ratings: Rating[];
  readonly directives: Directive[];
  /** Ids of all events, ratings and directives, once there are many. */
  ids: Set<string> | null;
  bytes: number;
  view: StoredEpisode | null;
}

/** What a record did. `waiting`: its episode is not known (yet). `buried`: its episode was deleted. */
export type Applied = 'added' | 'changed' | 'removed' | 'known' | 'waiting' | 'buried';

export class RecordIndex {
  readonly #rater: string;
  #slots = new Map<string, Slot>();
  #tombstones = new Map<string, number>();
  /** Slots with an episode, oldest first; sorted when somebody asks. */
  #order: Slot[] = [];
  #sorted = true;
  #bytes = 0;
  #ratings = 0;

  constructor(rater: string) {
    this.#rater = rater;
  }

  /** Episodes, deleted ones not counted. */
  get size(): number {
    return this.#order.length;
  }

  /** Ratings of anybody, withdrawn and superseded ones too. */
  get ratings(): number {
    return this.#ratings;
  }

  /** Bytes all of it takes in a snapshot without gaps. */
  get bytes(): number {
    return this.#bytes + this.#tombstones.size * tombstoneBytes;
  }

  apply(sized: SizedRecord): Applied {
    const { record } = sized;
    const episodeId = episodeOf(record);
    if (record.record === 'directive' && record.value.use === 'deleted') {
      return this.bury({ episodeId, at: record.value.at }) ? 'removed' : 'known';
    }
    if (this.#tombstones.has(episodeId)) return 'buried';
    const slot = this.#slot(episodeId);
    if (holds(slot, record)) return 'known';
    slot.ids?.add(record.value.id);
    slot.view = null;
    slot.bytes += sized.bytes + rowBytes;
    this.#bytes += sized.bytes + rowBytes;
    switch (record.record) {
      case 'episode':
        slot.episode = record.value;
        this.#enter(slot);
        return 'added';
      case 'event':
        slot.events.push(record.value);
        break;
      case 'rating':
        slot.ratings.push(record.value);
        this.#ratings++;
        break;
      case 'directive':
        slot.directives.push(record.value);
        break;
    }
    return slot.episode ? 'changed' : 'waiting';
  }

  knows(record: MemoryRecord): boolean {
    const slot = this.#slots.get(episodeOf(record));
    return slot !== undefined && holds(slot, record);
  }

  knowsRating({ id, episodeId }: Pick<Rating, 'id' | 'episodeId'>): boolean {
    return this.#slots.get(episodeId)?.ratings.some((known) => known.id === id) ?? false;
  }

  /** As `apply`, of an episode that is parsed later. */
  applyUnparsed(episode: UnparsedEpisode): Applied {
    if (this.#tombstones.has(episode.id)) return 'buried';
    const slot = this.#slot(episode.id);
    if (slot.episode) return 'known';
    slot.episode = episode;
    slot.bytes += episode.json.length + rowBytes;
    this.#bytes += episode.json.length + rowBytes;
    this.#enter(slot);
    return 'added';
  }

  /** Removes an episode and keeps it out. True: there was something of it. */
  bury(tombstone: Tombstone): boolean {
    this.#tombstones.set(tombstone.episodeId, Math.max(tombstone.at, this.#tombstones.get(tombstone.episodeId) ?? 0));
    const slot = this.#slots.get(tombstone.episodeId);
    if (!slot) return false;
    this.#slots.delete(slot.id);
    this.#bytes -= slot.bytes;
    this.#ratings -= slot.ratings.length;
    if (slot.episode) this.#order.splice(this.#position(slot), 1);
    return true;
  }

  isBuried(episodeId: string): boolean {
    return this.#tombstones.has(episodeId);
  }

  get(episodeId: string): StoredEpisode | null {
    const slot = this.#slots.get(episodeId);
    return slot?.episode ? this.#view(slot) : null;
  }

  /** Bytes an episode and all that belongs to it takes in a snapshot. */
  bytesOf(episodeId: string): number {
    return this.#slots.get(episodeId)?.bytes ?? 0;
  }

  /** Newest first. What changes meanwhile is not seen. */
  *newestFirst(): Generator<StoredEpisode> {
    this.#sort();
    for (const slot of this.#order.toReversed()) yield this.#view(slot);
  }

  /** Of all episodes. */
  ids(): string[] {
    return this.#order.map((slot) => slot.id);
  }

  /** Those that somebody rated, in no order. */
  *rated(): Generator<StoredEpisode> {
    for (const slot of this.#order) if (slot.ratings.length > 0) yield this.#view(slot);
  }

  /** Every record in an order that depends on nothing but the records: by episode, then kind, then id. */
  *records(): Generator<MemoryRecord> {
    for (const id of [...this.#slots.keys()].sort()) {
      const slot = this.#slots.get(id);
      if (!slot) continue;
      if (slot.episode) yield { record: 'episode', value: parsedIn(slot) };
      for (const value of slot.events.toSorted(byId)) yield { record: 'event', value };
      for (const value of slot.ratings.toSorted(byId)) yield { record: 'rating', value };
      for (const value of slot.directives.toSorted(byId)) yield { record: 'directive', value };
    }
  }

  clear(): void {
    this.#slots = new Map();
    this.#tombstones = new Map();
    this.#order = [];
    this.#sorted = true;
    this.#bytes = 0;
    this.#ratings = 0;
  }

  #slot(id: string): Slot {
    let slot = this.#slots.get(id);
    if (!slot) {
      slot = { id, episode: null, events: [], ratings: [], directives: [], ids: null, bytes: 0, view: null };
      this.#slots.set(id, slot);
    }
    return slot;
  }

  #enter(slot: Slot): void {
    const last = this.#order.at(-1);
    if (last && older(slot, last) < 0) this.#sorted = false;
    this.#order.push(slot);
  }

  #sort(): void {
    if (!this.#sorted) this.#order.sort(older);
    this.#sorted = true;
  }

  #position(slot: Slot): number {
    this.#sort();
    let low = 0;
    let high = this.#order.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (older(this.#order[middle]!, slot) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #view(slot: Slot): StoredEpisode {
    slot.view ??= {
      episode: parsedIn(slot),
      events: slot.events.toSorted(byTime),
      ...standing(slot.ratings, this.#rater),
      forbidden: slot.directives.length > 0 && slot.directives.toSorted(byTime).at(-1)?.use === 'never',
    };
    return slot.view;
  }
}

/** What a row takes besides its body, index included; measured on 42 000 rows. */
export const rowBytes = 176;
const tombstoneBytes = 60;
/** Most episodes have a handful of records: looking through them is cheaper than a set for each. */
const manyRecords = 24;

/** The episode of a slot that has one. */
function parsedIn(slot: Slot): Episode {
  const episode = slot.episode!;
  if (!('json' in episode)) return episode;
  const record = JSON.parse(episode.json) as MemoryRecord & { record: 'episode' };
  slot.episode = record.value;
  return record.value;
}

function holds(slot: Slot, record: MemoryRecord): boolean {
  if (record.record === 'episode') return slot.episode !== null;
  const { events, ratings, directives } = slot;
  const { id } = record.value;
  if (slot.ids) return slot.ids.has(id);
  const lists = [events, ratings, directives];
  if (events.length + ratings.length + directives.length > manyRecords) {
    slot.ids = new Set(lists.flatMap((list) => list.map((one) => one.id)));
    return slot.ids.has(id);
  }
  return lists.some((list) => list.some((one) => one.id === id));
}

/** The episode a record belongs to. */
export function episodeOf(record: MemoryRecord): string {
  return record.record === 'episode' ? record.value.id : record.value.episodeId;
}

function standing(ratings: readonly Rating[], rater: string): Pick<StoredEpisode, 'rating' | 'otherRatings'> {
  if (ratings.length === 0) return { rating: null, otherRatings: [] };
  const latest = new Map<string, Rating>();
  for (const rating of ratings.toSorted(byTime)) latest.set(rating.rater, rating);
  const mine = latest.get(rater);
  latest.delete(rater);
  return {
    rating: mine && !mine.withdrawn ? mine : null,
    otherRatings: [...latest.values()].filter((rating) => !rating.withdrawn),
  };
}

interface Dated {
  readonly id: string;
  readonly at: number;
}

function byId(a: Dated, b: Dated): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

function byTime(a: Dated, b: Dated): number {
  return a.at - b.at || byId(a, b);
}

function older(a: Slot, b: Slot): number {
  return byTime(a.episode!, b.episode!);
}
