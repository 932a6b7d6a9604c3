/** The store of one window: the merged records in memory, its journal, and the folder it shares with other windows. */
import * as v from 'valibot';
import { describeIssues } from '../../protocol/connection.ts';
import {
  Directive,
  Episode,
  type EpisodeCard,
  Event,
  type MemoryRecord,
  Rating,
  verdict,
} from '../../protocol/episode.ts';
import type { StoreReport } from '../../protocol/rpc.ts';
import { type CardQuery, cardOf, listCards } from './cards.ts';
import { chooseEvictions } from './eviction.ts';
import type { StoreFiles } from './files.ts';
import { Journal } from './journal.ts';
import type { FolderLock } from './lock.ts';
import type { Owner } from './owner.ts';
import { exportRecords, type ImportResult, importRecords, portableVersion } from './portable.ts';
import type { FolderReader, News } from './reader.ts';
import { type Applied, episodeOf, RecordIndex, type StoredEpisode } from './recordIndex.ts';
import { journalVersion, type SizedRecord } from './segment.ts';
import type {
  Store,
  StoreCaps,
  StoreChange,
  StoreNotice,
  StoreOptions,
  StorePace,
  StoreStats,
} from './storeContract.ts';
import { StoreError } from './storeError.ts';
import { Upkeep } from './upkeep.ts';

/** What opening has made ready. */
export interface Opened {
  readonly options: StoreOptions;
  readonly pace: StorePace;
  readonly files: StoreFiles;
  readonly window: string;
  readonly owner: Owner;
  readonly lock: FolderLock;
  readonly reader: FolderReader;
  readonly news: News;
  /** Bytes of the memory's files. */
  readonly diskBytes: number;
  /** A sentence when nothing may be written; null otherwise. */
  readonly readOnly: string | null;
}

export class FolderStore implements Store {
  readonly report: StoreReport;
  readonly #o: StoreOptions;
  readonly #files: StoreFiles;
  readonly #index: RecordIndex;
  readonly #journal: Journal;
  readonly #upkeep: Upkeep;
  readonly #readOnly: string | null;
  readonly #listeners = new Set<(change: StoreChange) => void>();
  #caps: StoreCaps;
  #evicted = 0;
  #closed = false;

  constructor(opened: Opened, problems: readonly string[], startedMs: number) {
    const { options, pace, files, window, reader } = opened;
    this.#o = options;
    this.#files = files;
    this.#readOnly = opened.readOnly;
    this.#caps = { maxBytes: options.maxBytes, maxEpisodes: options.maxEpisodes };
    this.#index = new RecordIndex(options.rater);
    this.#journal = new Journal({
      files,
      folder: options.dir,
      window,
      header: () => ({
        journal: journalVersion,
        epoch: reader.epoch,
        window,
        owner: opened.owner,
        at: options.clock.now(),
      }),
      segmentBytes: pace.segmentBytes,
      bufferMs: pace.bufferMs,
      sameLife: () => reader.sameLife(),
      onTrouble: (error) => this.#trouble(error),
      onWritten: (bytes) => this.#upkeep.written(bytes),
      log: options.log,
    });
    this.#upkeep = new Upkeep({
      ...opened,
      folder: options.dir,
      clock: options.clock,
      ids: options.ids,
      log: options.log,
      journal: this.#journal,
      onNews: (news) => this.#take(news),
      onProblems: (found) => {
        for (const message of found) this.#notice({ level: 'warning', message, nextStep: '' });
      },
    });
    this.#take(opened.news);
    this.report = {
      episodes: this.#index.size,
      ratings: this.#index.ratings,
      bytes: this.#upkeep.bytes,
      openMs: performance.now() - startedMs,
      problems: [...problems],
    };
    if (opened.readOnly === null) this.#upkeep.start();
  }

  get size(): number {
    return this.#index.size;
  }

  addEpisode(episode: Episode): void {
    const value = canonical(Episode, episode);
    if (!this.#index.isBuried(value.id)) this.#add([{ record: 'episode', value }]);
  }

  addEvents(events: readonly Event[]): void {
    const records = events.map((event): MemoryRecord => ({ record: 'event', value: canonical(Event, event) }));
    this.#add(records.filter((record) => !this.#index.isBuried(episodeOf(record))));
  }

  rate(rating: Rating): Promise<void> {
    return this.rateAll([rating]);
  }

  async rateAll(ratings: readonly Rating[]): Promise<void> {
    const values = ratings.map((rating) => canonical(Rating, rating));
    if (values.some(({ episodeId }) => this.#index.isBuried(episodeId))) {
      throw new StoreError('deleted', 'This suggestion was deleted, so it can’t be rated any more.');
    }
    await this.#commit(values.map((value): MemoryRecord => ({ record: 'rating', value })));
  }

  knows(rating: Pick<Rating, 'id' | 'episodeId'>): boolean {
    return this.#index.knowsRating(rating);
  }

  async direct(directives: readonly Directive[]): Promise<void> {
    await this.#commit(
      directives.map((directive) => ({ record: 'directive', value: canonical(Directive, directive) })),
    );
  }

  get(id: string): StoredEpisode | null {
    return this.#index.get(id);
  }

  entries(): Iterable<StoredEpisode> {
    return this.#index.newestFirst();
  }

  list(query: CardQuery): { cards: EpisodeCard[]; total: number } {
    this.#upkeep.lookSoon();
    return listCards(this.#index.newestFirst(), query);
  }

  card(id: string): EpisodeCard | null {
    const entry = this.#index.get(id);
    return entry && cardOf(entry);
  }

  onChange(listener: (change: StoreChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async exportTo(path: string): Promise<{ records: number; bytes: number }> {
    if (this.#readOnly === null) await this.refresh();
    const header = { attune: portableVersion, exportedAt: new Date(this.#o.clock.now()).toISOString() };
    return exportRecords(this.#files, path, header, this.#index.records(), this.#o.ids);
  }

  async importFrom(path: string): Promise<ImportResult> {
    this.#mayWrite();
    await this.refresh();
    return importRecords(this.#files, path, {
      state: (record) =>
        this.#index.isBuried(episodeOf(record)) ? 'buried' : this.#index.knows(record) ? 'known' : 'new',
      take: (records) => this.#commit(records),
    });
  }

  async reset(): Promise<void> {
    this.#mayWrite();
    await this.#upkeep.reset();
  }

  stats(): StoreStats {
    let good = 0;
    let bad = 0;
    for (const { rating } of this.#index.rated()) {
      const said = verdict(rating);
      if (said === 'good') good++;
      if (said === 'bad') bad++;
    }
    return {
      episodes: this.#index.size,
      ratings: this.#index.ratings,
      bytes: this.#upkeep.bytes,
      openMs: this.report.openMs,
      problems: [...this.report.problems],
      good,
      bad,
      evicted: this.#evicted,
      path: this.#o.dir,
    };
  }

  async flush(): Promise<void> {
    if (this.#readOnly === null) await this.#journal.flush();
  }

  async refresh(): Promise<void> {
    if (this.#readOnly === null && !this.#closed) await this.#upkeep.refresh();
  }

  async fold(): Promise<boolean> {
    return this.#readOnly === null && !this.#closed ? this.#upkeep.fold(2000) : false;
  }

  configure(caps: StoreCaps): void {
    this.#caps = { maxBytes: caps.maxBytes, maxEpisodes: caps.maxEpisodes };
    this.#evict();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#listeners.clear();
    if (this.#readOnly === null) await this.#upkeep.close();
  }

  /** Records nobody waits for. */
  #add(records: readonly MemoryRecord[]): void {
    if (this.#closed) {
      this.#o.log.warn('memory: something was added after closing and is not kept');
      return;
    }
    const fresh = records.filter((record) => !this.#index.knows(record));
    const sized = fresh.map((record) => ({
      record,
      bytes: this.#readOnly === null ? this.#journal.append(record) : JSON.stringify(record).length,
    }));
    this.#apply(sized);
  }

  /** Records somebody waits for: first on the disk, then in memory. */
  async #commit(records: readonly MemoryRecord[]): Promise<void> {
    this.#mayWrite();
    const sizes = await this.#journal.commit(records);
    this.#apply(records.map((record, i) => ({ record, bytes: sizes[i] ?? 0 })));
  }

  #take(news: News): void {
    const removed: string[] = [];
    if (news.fresh) {
      removed.push(...this.#index.ids());
      this.#index.clear();
    }
    for (const tombstone of news.tombstones) if (this.#index.bury(tombstone)) removed.push(tombstone.episodeId);
    const added = news.episodes.filter((one) => this.#index.applyUnparsed(one) === 'added').map(({ id }) => id);
    this.#apply(news.records, removed, added);
  }

  #apply(
    records: readonly SizedRecord[],
    alsoRemoved: readonly string[] = [],
    alsoAdded: readonly string[] = [],
  ): void {
    const added = new Set(alsoAdded);
    const changed = new Set<string>();
    const removed = new Set(alsoRemoved);
    for (const sized of records) {
      const id = episodeOf(sized.record);
      const applied: Applied = this.#index.apply(sized);
      if (applied === 'added') added.add(id);
      else if (applied === 'changed' && !added.has(id)) changed.add(id);
      else if (applied === 'removed' && !added.delete(id)) removed.add(id);
      if (applied === 'removed') changed.delete(id);
      if (sized.record.record === 'directive' && sized.record.value.use === 'deleted') this.#upkeep.foldSoon();
    }
    for (const id of added) removed.delete(id);
    this.#emit({ added: [...added], changed: [...changed], removed: [...removed] });
    if (added.size > 0) this.#evict();
  }

  #emit(change: StoreChange): void {
    if (change.added.length + change.changed.length + change.removed.length === 0) return;
    for (const listener of this.#listeners) {
      try {
        listener(change);
      } catch (error) {
        this.#o.log.error(`memory: a listener failed: ${error instanceof Error ? error.message : 'unknown'}`);
      }
    }
  }

  #evict(): void {
    if (this.#readOnly !== null || this.#closed) return;
    const caps = { episodes: this.#caps.maxEpisodes, bytes: this.#upkeep.contentBytes(this.#caps.maxBytes) };
    const size = { episodes: this.#index.size, bytes: this.#index.bytes };
    if (size.episodes <= caps.episodes && size.bytes <= caps.bytes) return;
    const at = this.#o.clock.now();
    const chosen = chooseEvictions(this.#index.newestFirst(), (id) => this.#index.bytesOf(id), size, caps, at);
    if (chosen.length === 0) return;
    this.#evicted += chosen.length;
    this.#add(
      chosen.map((episodeId) => ({ record: 'directive', value: { id: this.#o.ids(), episodeId, at, use: 'deleted' } })),
    );
    const limit =
      size.episodes > caps.episodes ? `${caps.episodes} suggestions` : `${megabytes(this.#caps.maxBytes)} MB`;
    this.#o.log.info(`memory: ${chosen.length} episodes evicted`);
    this.#notice({
      level: 'info',
      message: `The memory reached its limit of ${limit}: the ${chosen.length} oldest and least used were removed.`,
      nextStep: 'Raise the limit in the settings, or export the memory, to keep more.',
    });
  }

  #mayWrite(): void {
    if (this.#closed) throw new StoreError('closed', 'The memory is closed. Reload the window and try again.');
    if (this.#readOnly !== null) throw new StoreError('readOnly', this.#readOnly);
  }

  #trouble(error: StoreError | null): void {
    if (error) {
      this.#o.log.warn(`memory: ${error.message}`);
      this.#notice({
        level: 'warning',
        message: error.message,
        nextStep: 'What was not written is kept in memory and tried again until the window is closed.',
      });
    } else {
      this.#o.log.info('memory: writing works again');
    }
  }

  #notice(notice: StoreNotice): void {
    this.#o.onNotice?.(notice);
  }
}

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toLocaleString('en', { maximumFractionDigits: 1 });
}

/** The record with exactly the fields of its schema, in the schema's order. Throws a StoreError when it is not valid. */
function canonical<const S extends v.GenericSchema>(schema: S, value: v.InferInput<S>): v.InferOutput<S> {
  const parsed = v.safeParse(schema, value);
  if (parsed.success) return parsed.output;
  throw new StoreError('invalid', `This can’t be stored: ${describeIssues(parsed.issues)}.`);
}
