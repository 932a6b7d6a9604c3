/** What a window does in the background: looks for other windows' records, folds journals, watches the folder. */
import { join } from 'node:path';
import type { Clock, Ids, Log } from '../clock.ts';
import type { StoreFiles } from './files.ts';
import { fold } from './fold.ts';
import { holdsMemory } from './folder.ts';
import type { Journal } from './journal.ts';
import type { FolderLock } from './lock.ts';
import type { Owner } from './owner.ts';
import type { FolderReader, News } from './reader.ts';
import { resetFolder } from './reset.ts';
import type { StorePace } from './storeContract.ts';
import { diskError, StoreError } from './storeError.ts';

export interface UpkeepOptions {
  readonly files: StoreFiles;
  readonly folder: string;
  readonly window: string;
  readonly owner: Owner;
  readonly lock: FolderLock;
  readonly reader: FolderReader;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly pace: StorePace;
  /** Bytes of the memory's files when the store was opened. */
  readonly diskBytes: number;
  readonly onNews: (news: News) => void;
  /** Sentences for the user. */
  readonly onProblems: (problems: readonly string[]) => void;
}

/** Many changes of the folder make one look. */
const watchDelayMs = 100;
/** A look that `list` asks for is not repeated sooner. */
const lookAgainMs = 1000;
const closeWaitMs = 500;
const resetWaitMs = 30_000;

export class Upkeep {
  readonly #o: UpkeepOptions;
  /** One piece of work on the folder at a time. */
  #turn: Promise<unknown> = Promise.resolve();
  #refreshing: Promise<void> | null = null;
  #lastLookMs = Number.NEGATIVE_INFINITY;
  #foldTimer: NodeJS.Timeout | null = null;
  #lookTimer: NodeJS.Timeout | null = null;
  #pollTimer: NodeJS.Timeout | null = null;
  #stopWatching: (() => void) | null = null;
  #writtenBytes = 0;
  #diskBytes: number;
  #stopped = false;

  constructor(options: UpkeepOptions) {
    this.#o = options;
    this.#diskBytes = options.diskBytes;
  }

  /** Bytes of the memory's files, vectors included. */
  get bytes(): number {
    return this.#diskBytes + this.#writtenBytes;
  }

  /** How large the content of a snapshot may be when all files together may take `maxBytes`. */
  contentBytes(maxBytes: number): number {
    // On the disk there is the snapshot (with its gaps 1.15 times its content), as much again for the previous one, and
    // three lots of journals: being written, folded last, and another window's.
    return Math.max(0, (maxBytes - 3 * Math.min(this.#o.pace.foldAfterBytes, maxBytes / 16)) / 2.3);
  }

  start(): void {
    this.#watch();
    this.#pollTimer = setInterval(() => this.#quietly(this.refresh()), this.#o.pace.pollMs);
    this.#pollTimer.unref();
    // Journals of windows that ended without closing, and what a crash left to be done.
    this.foldSoon();
  }

  /** So much went into the journal. */
  written(bytes: number): void {
    this.#writtenBytes += bytes;
    if (this.#writtenBytes >= this.#o.pace.foldAfterBytes) this.foldSoon();
  }

  foldSoon(): void {
    if (this.#foldTimer || this.#stopped) return;
    this.#foldTimer = setTimeout(() => {
      this.#foldTimer = null;
      this.#quietly(this.fold(0).then((done) => (done ? undefined : this.foldSoon())));
    }, this.#o.pace.foldDelayMs);
    this.#foldTimer.unref();
  }

  /** A look in the background, unless there was one just now or the watcher would have told. */
  lookSoon(): void {
    if (this.#stopWatching || performance.now() - this.#lastLookMs < lookAgainMs) return;
    this.#quietly(this.refresh());
  }

  /** Takes in what other windows wrote. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#serially(async () => {
      // What is written from here on needs a new look.
      this.#refreshing = null;
      if (!this.#stopped) await this.#look();
    });
    return this.#refreshing;
  }

  /** False when the lock could not be had within `waitMs`. */
  fold(waitMs: number): Promise<boolean> {
    return this.#serially(() => this.#fold(waitMs));
  }

  reset(): Promise<void> {
    return this.#serially(async () => {
      const { lock, files, folder, ids, journal } = this.#o;
      const held = await lock.acquire(resetWaitMs);
      if (!held) throw new StoreError('disk', 'Another window is busy with the memory. Try again in a moment.');
      try {
        await journal.abandon();
        await resetFolder(files, folder, ids);
      } catch (error) {
        throw diskError('Clearing the memory', error);
      } finally {
        await held.release();
      }
      await this.#look();
      await this.#measure();
    });
  }

  async close(): Promise<void> {
    if (this.#foldTimer) clearTimeout(this.#foldTimer);
    if (this.#lookTimer) clearTimeout(this.#lookTimer);
    if (this.#pollTimer) clearInterval(this.#pollTimer);
    this.#stopWatching?.();
    this.#stopped = true;
    await this.#serially(() => this.#o.journal.close());
    await this.fold(closeWaitMs).catch((error: unknown) => this.#failed(error));
  }

  async #look(): Promise<void> {
    this.#lastLookMs = performance.now();
    const news = await this.#o.reader.read();
    // What waits belongs to the life of the store that ended.
    if (news.fresh) await this.#o.journal.abandon();
    if (news.fresh || news.records.length + news.episodes.length + news.tombstones.length > 0) this.#o.onNews(news);
  }

  async #fold(waitMs: number): Promise<boolean> {
    const { journal, lock, reader, files, folder, owner, clock, ids, log } = this.#o;
    await journal.flush();
    await journal.seal();
    if (!this.#stopped) await this.#look();
    const held = await lock.acquire(waitMs);
    if (!held) return false;
    try {
      const result = await fold({ files, folder, owner, lock: held, clock, ids, log });
      if (result.type === 'folded') {
        reader.folded(result.trailer);
        if (result.problems.length > 0) this.#o.onProblems(result.problems);
      }
      if (result.type === 'newer')
        log.warn('memory: the snapshot belongs to a newer version; journals stay as they are');
      if (result.type === 'lost') return false;
      await this.#measure();
      return true;
    } finally {
      await held.release();
    }
  }

  async #measure(): Promise<void> {
    this.#diskBytes = await diskBytes(this.#o.files, this.#o.folder);
    this.#writtenBytes = 0;
  }

  #watch(): void {
    const { files, folder, window } = this.#o;
    this.#stopWatching = files.watch(folder, (name) => {
      if (name !== null && (name.includes(window) || name.startsWith('tmp-') || name.endsWith('.lock'))) return;
      this.#lookTimer ??= setTimeout(() => {
        this.#lookTimer = null;
        this.#quietly(this.refresh());
      }, watchDelayMs).unref();
    });
  }

  #serially<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#turn.then(work);
    this.#turn = run.catch(() => {});
    return run;
  }

  #quietly(work: Promise<unknown>): void {
    work.catch((error: unknown) => this.#failed(error));
  }

  #failed(error: unknown): void {
    this.#o.log.warn(`memory: ${diskError('Tidying the memory', error).message}`);
  }
}

/** Bytes of all files in the folder that hold something of the memory. */
export async function diskBytes(files: StoreFiles, folder: string): Promise<number> {
  let sum = 0;
  for (const name of await files.list(folder)) {
    if (holdsMemory(name)) sum += (await files.stat(join(folder, name)))?.sizeBytes ?? 0;
  }
  return sum;
}
