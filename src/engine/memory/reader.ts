/**
 * What one window knows of the store's folder, and what is new in it: at first everything, later what other windows
 * wrote. Reads only; never waits for the lock.
 */
import { join } from 'node:path';
import type { StoreFiles } from './files.ts';
import { snapshotName } from './folder.ts';
import { hasEnded, type Owner } from './owner.ts';
import {
  journalVersion,
  readSegment,
  type SegmentFile,
  type SizedRecord,
  segmentPath,
  segmentsAmong,
} from './segment.ts';
import {
  decodeSnapshot,
  readTrailer,
  readUnparsed,
  salvage,
  type Tombstone,
  type Trailer,
  type UnparsedEpisode,
} from './snapshot.ts';
import { describeDamage } from './takeSegments.ts';

export interface News {
  /** True: whatever was known before is void (first reading, reset, or a rebuilt snapshot). */
  readonly fresh: boolean;
  readonly records: readonly SizedRecord[];
  /** More episodes, out of a snapshot. */
  readonly episodes: readonly UnparsedEpisode[];
  readonly tombstones: readonly Tombstone[];
  /** Something needs a fold at once: no snapshot, a damaged or an old one, or damage in a journal at rest. */
  readonly repair: 'none' | 'snapshot' | 'journal';
  /** What is wrong, without copies yet; used when it can't be repaired. */
  readonly problems: readonly string[];
  /** Set when the snapshot was written by a newer version. */
  readonly newerVersion: number | null;
}

const mostRounds = 10;

export class FolderReader {
  readonly #files: StoreFiles;
  readonly #folder: string;
  readonly #window: string;
  readonly #owner: Owner;
  #epoch: string | null = null;
  #generation = 0;
  /** Bytes read of each segment of other windows. */
  #consumed = new Map<string, number>();

  constructor(options: {
    readonly files: StoreFiles;
    readonly folder: string;
    readonly window: string;
    readonly owner: Owner;
  }) {
    this.#files = options.files;
    this.#folder = options.folder;
    this.#window = options.window;
    this.#owner = options.owner;
  }

  /** The store's life as last read; empty before there is a snapshot. */
  get epoch(): string {
    return this.#epoch ?? '';
  }

  /** False when the store was reset since it was last read. An unreadable snapshot says nothing. */
  async sameLife(): Promise<boolean> {
    const trailer = await readTrailer(this.#files, join(this.#folder, snapshotName));
    return trailer === null || this.#epoch === null || trailer.epoch === this.#epoch;
  }

  /** Takes over a fold of this window's own, of which it knows everything. */
  folded(trailer: Trailer): void {
    if (trailer.epoch === this.#epoch && this.#covers(trailer)) this.#generation = trailer.generation;
  }

  /** All that is new. Rejects with file system errors. */
  async read(): Promise<News> {
    const news = new Gathered();
    for (let round = 0; round < mostRounds; round++) {
      const trailer = await this.#readSnapshot(news);
      if (news.newerVersion !== null) return news;
      const complete = await this.#readSegments(trailer, news);
      const now = await readTrailer(this.#files, join(this.#folder, snapshotName));
      // A fold meanwhile may have taken away what was about to be read.
      if (complete && now?.generation === trailer?.generation && now?.epoch === trailer?.epoch) break;
    }
    return news;
  }

  async #readSnapshot(news: Gathered): Promise<Trailer | null> {
    const path = join(this.#folder, snapshotName);
    const trailer = await readTrailer(this.#files, path);
    if (trailer && trailer.epoch === this.#epoch) {
      if (trailer.generation === this.#generation) return trailer;
      if (trailer.generation > this.#generation && this.#covers(trailer)) {
        this.#generation = trailer.generation;
        return trailer;
      }
    }
    const bytes = await this.#files.read(path);
    const snapshot = bytes && decodeSnapshot(bytes);
    switch (snapshot?.type) {
      case undefined:
        if (this.#epoch === null) news.wrong('snapshot', null);
        return null;
      case 'newer': {
        news.newerVersion = snapshot.version;
        news.take(await salvage(snapshot.database));
        return null;
      }
      case 'old':
        news.wrong('snapshot', null);
        return null;
      case 'damaged':
        // A window that holds everything in memory already leaves the repair to the next one that opens.
        if (this.#epoch === null) news.wrong('snapshot', `The memory's snapshot is damaged (${snapshot.why}).`);
        return null;
      case 'good':
        try {
          const content = await readUnparsed(snapshot.database);
          if (snapshot.trailer.epoch !== this.#epoch) {
            news.startAgain();
            this.#consumed.clear();
          }
          news.take(content);
          this.#epoch = snapshot.trailer.epoch;
          this.#generation = snapshot.trailer.generation;
          for (const one of snapshot.trailer.folded) this.#consumed.set(one.name, one.bytes);
          return snapshot.trailer;
        } catch (error) {
          const why = error instanceof Error ? error.message : String(error);
          if (this.#epoch === null) news.wrong('snapshot', `The memory's snapshot is damaged (${why}).`);
          return null;
        }
    }
  }

  /** Is everything that was folded since the known generation known here already? */
  #covers(trailer: Trailer): boolean {
    if (trailer.generation - this.#generation > 6) return false;
    return trailer.folded.every(
      (one) =>
        one.generation <= this.#generation ||
        one.name.includes(this.#window) ||
        (this.#consumed.get(one.name) ?? -1) >= one.bytes,
    );
  }

  /** False when a segment vanished under it. */
  async #readSegments(trailer: Trailer | null, news: Gathered): Promise<boolean> {
    const folded = new Set(trailer?.folded.map((one) => one.name));
    for (const file of segmentsAmong(await this.#files.list(this.#folder))) {
      if (file.window === this.#window || folded.has(file.name)) continue;
      if (!(await this.#readOne(file, news))) return false;
    }
    return true;
  }

  async #readOne(file: SegmentFile, news: Gathered): Promise<boolean> {
    const from = this.#consumed.get(file.name) ?? 0;
    for (const state of [file.state, file.state === 'active' ? 'sealed' : 'active'] as const) {
      const path = segmentPath(this.#folder, file.name, state);
      const stat = await this.#files.stat(path);
      if (!stat) continue;
      if (from > 0 && stat.sizeBytes <= from) return true;
      const content = await readSegment(this.#files, path, from);
      if (!content) continue;
      if (content.header && this.#epoch !== null && content.header.epoch !== this.#epoch) return true;
      if (content.header && content.header.journal > journalVersion) {
        news.problems.push(
          'A journal was written by a newer version of Attune and is left alone. Update Attune to see it.',
        );
        return true;
      }
      news.take({ records: content.records, tombstones: [] });
      const atRest =
        state === 'sealed' || (from === 0 && (!content.header || hasEnded(content.header.owner, this.#owner)));
      this.#consumed.set(file.name, atRest ? content.sizeBytes : content.end);
      const damage = describeDamage(content);
      if (from === 0 && atRest && (damage !== null || content.invalid.length > 0)) news.wrong('journal', damage);
      return true;
    }
    return false;
  }
}

class Gathered implements News {
  fresh = false;
  records: SizedRecord[] = [];
  episodes: UnparsedEpisode[] = [];
  tombstones: Tombstone[] = [];
  repair: News['repair'] = 'none';
  problems: string[] = [];
  newerVersion: number | null = null;

  take(content: {
    readonly records: readonly SizedRecord[];
    readonly tombstones: readonly Tombstone[];
    readonly episodes?: readonly UnparsedEpisode[];
  }): void {
    for (const episode of content.episodes ?? []) this.episodes.push(episode);
    for (const record of content.records) this.records.push(record);
    for (const tombstone of content.tombstones) this.tombstones.push(tombstone);
  }

  startAgain(): void {
    this.fresh = true;
    this.records = [];
    this.episodes = [];
    this.tombstones = [];
  }

  wrong(repair: 'snapshot' | 'journal', problem: string | null): void {
    if (this.repair !== 'snapshot') this.repair = repair;
    if (problem !== null) this.problems.push(problem);
  }
}
