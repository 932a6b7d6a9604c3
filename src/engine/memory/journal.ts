/**
 * One window's journal: records queue up, a flush writes all that wait with one fsync, and only then are callers told.
 *
 * Any other window may seal (rename) this window's segment to fold it. After each fsync the writer therefore looks
 * whether its segment still has its name. If so, whoever renames it later will read these bytes; if not, they may have
 * come too late, and are written again to a new segment (records merge by id, so twice is harmless).
 */
import type { MemoryRecord } from '../../protocol/episode.ts';
import type { Log } from '../clock.ts';
import type { StoreFiles, WritableFile } from './files.ts';
import { writeNew } from './files.ts';
import { encodeFrame } from './frames.ts';
import type { SegmentHeader } from './segment.ts';
import { segmentName, segmentPath, segmentStart } from './segment.ts';
import { diskError, errorCode, StoreError } from './storeError.ts';

interface Waiting {
  readonly frames: readonly Buffer[];
  /** Null: nobody waits, so a failed write is tried again. */
  readonly caller: { resolve(): void; reject(error: Error): void } | null;
}

interface ActiveSegment {
  readonly name: string;
  readonly path: string;
  readonly file: WritableFile;
  sizeBytes: number;
}

export interface JournalOptions {
  readonly files: StoreFiles;
  readonly folder: string;
  readonly window: string;
  /** Asked when a segment begins. */
  readonly header: () => SegmentHeader;
  /** A segment is sealed when it gets longer. */
  readonly segmentBytes: number;
  /** Longest time a record waits before it is written without anybody asking. */
  readonly bufferMs: number;
  /** False when the store was reset: then what waits belongs to its old life and must not be written. */
  readonly sameLife: () => Promise<boolean>;
  /** A background write failed (it will be tried again), or works again (null). */
  readonly onTrouble: (error: StoreError | null) => void;
  /** After each durable write. */
  readonly onWritten: (bytes: number) => void;
  readonly log: Log;
}

const maxRetryMs = 30_000;

export class Journal {
  readonly #o: JournalOptions;
  #queue: Waiting[] = [];
  #active: ActiveSegment | null = null;
  #nextNumber = 1;
  #working: Promise<void> | null = null;
  #draining = false;
  #timer: NodeJS.Timeout | null = null;
  #retryMs = 0;

  constructor(options: JournalOptions) {
    this.#o = options;
  }

  /** Queues `record`; it is written within `bufferMs`, or with the next flush. Returns the bytes of its JSON. */
  append(record: MemoryRecord): number {
    const json = JSON.stringify(record);
    const frame = encodeFrame(json);
    this.#queue.push({ frames: [frame], caller: null });
    this.#schedule(this.#o.bufferMs);
    return frame.length;
  }

  /**
   * Resolves with the bytes of each when `records`, and all queued before them, are on the disk. Rejects with a
   * StoreError when not.
   */
  async commit(records: readonly MemoryRecord[]): Promise<number[]> {
    const frames = records.map((record) => encodeFrame(JSON.stringify(record)));
    const done = new Promise<void>((resolve, reject) => this.#queue.push({ frames, caller: { resolve, reject } }));
    this.#start();
    await done;
    return frames.map((frame) => frame.length);
  }

  /** Resolves when all queued is on the disk. */
  async flush(): Promise<void> {
    if (this.#queue.length > 0 || this.#working !== null) await this.commit([]);
  }

  /** Ends the current segment, so that it can be folded. What is queued goes to the next one. */
  async seal(): Promise<void> {
    await this.#exclusively(() => this.#seal());
  }

  /** Drops what is queued and forgets the segment, whose file is gone or about to be. Waiting callers are rejected. */
  async abandon(): Promise<void> {
    const queue = this.#queue;
    this.#queue = [];
    for (const item of queue) item.caller?.reject(resetError());
    await this.#exclusively(async () => {
      await this.#active?.file.close().catch(() => {});
      this.#active = null;
    });
  }

  /** Name of the segment being written, if any. */
  get activeName(): string | null {
    return this.#active?.name ?? null;
  }

  /** Writes what is queued and seals. */
  async close(): Promise<void> {
    try {
      await this.flush();
    } finally {
      if (this.#timer) clearTimeout(this.#timer);
      this.#timer = null;
      await this.seal();
    }
  }

  #schedule(delayMs: number): void {
    if (this.#timer) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = null;
        this.#start();
      },
      Math.max(delayMs, this.#retryMs),
    );
    this.#timer.unref();
  }

  #start(): void {
    if (this.#draining) return;
    this.#draining = true;
    void this.#exclusively(() => this.#drain());
  }

  /** One file operation at a time. */
  async #exclusively(action: () => Promise<void>): Promise<void> {
    while (this.#working) await this.#working;
    // A failure belongs to this caller alone; those who wait for their turn only need to know that it is over.
    const run = Promise.resolve().then(action);
    const quiet = run
      .catch(() => {})
      .then(() => {
        this.#working = null;
      });
    this.#working = quiet;
    try {
      await run;
    } finally {
      await quiet;
    }
  }

  async #drain(): Promise<void> {
    try {
      await this.#drainAll();
    } finally {
      // In the same tick as the last look at the queue, or a record queued in between would stay there.
      this.#draining = false;
    }
  }

  async #drainAll(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue;
      this.#queue = [];
      try {
        await this.#write(Buffer.concat(batch.flatMap((item) => item.frames)));
        for (const item of batch) item.caller?.resolve();
        if (this.#retryMs > 0) this.#o.onTrouble(null);
        this.#retryMs = 0;
      } catch (error) {
        const failure = diskError('Writing to the memory', error);
        for (const item of batch) item.caller?.reject(failure);
        if (failure.reason === 'reset') continue;
        const again = batch.filter((item) => item.caller === null);
        this.#queue.unshift(...again);
        this.#retryMs = Math.min(Math.max(1000, this.#retryMs * 2), maxRetryMs);
        if (again.length > 0) this.#o.onTrouble(failure);
        if (this.#queue.length > 0) this.#schedule(this.#retryMs);
        // Callers that came while this failed get their own try: the disk may have space again.
        if (!this.#queue.some((item) => item.caller)) return;
      }
    }
  }

  async #write(bytes: Buffer): Promise<void> {
    if (bytes.length === 0) return;
    for (;;) {
      const active = this.#active ?? (await this.#begin());
      try {
        await active.file.write(bytes, active.sizeBytes);
      } catch (error) {
        await active.file.truncate(active.sizeBytes).catch(() => this.#leave(active));
        throw error;
      }
      try {
        await active.file.sync();
      } catch (error) {
        // After a failed fsync the kernel may have dropped the pages: this file is not to be trusted any more.
        await this.#leave(active);
        throw error;
      }
      if ((await this.#o.files.stat(active.path)) !== null) {
        active.sizeBytes += bytes.length;
        this.#o.onWritten(bytes.length);
        if (active.sizeBytes >= this.#o.segmentBytes) await this.#seal();
        return;
      }
      this.#o.log.debug('journal: segment taken by another window, going on in a new one');
      await this.#leave(active);
    }
  }

  /** The new file appears under its name only with a complete header in it. */
  async #begin(): Promise<ActiveSegment> {
    const { files, folder, window } = this.#o;
    if (!(await this.#o.sameLife())) throw resetError();
    const name = segmentName(window, this.#nextNumber++);
    const path = segmentPath(folder, name, 'active');
    const draft = `${segmentPath(folder, `tmp-${name}`, 'active')}`;
    const start = segmentStart(this.#o.header());
    await writeNew(files, draft, [start]);
    await files.rename(draft, path);
    await files.syncFolder(folder);
    const active = { name, path, file: await files.reopen(path), sizeBytes: start.length };
    this.#active = active;
    return active;
  }

  async #leave(active: ActiveSegment): Promise<void> {
    if (this.#active === active) this.#active = null;
    await active.file.close().catch(() => {});
  }

  async #seal(): Promise<void> {
    const active = this.#active;
    if (!active) return;
    await this.#leave(active);
    const { files, folder } = this.#o;
    try {
      await files.rename(active.path, segmentPath(folder, active.name, 'sealed'));
    } catch (error) {
      // Unsealed it is folded once this window has ended; nothing is lost by that.
      this.#o.log.warn(`journal: a segment could not be sealed (${errorCode(error)})`);
    }
  }
}

function resetError(): StoreError {
  return new StoreError('reset', 'The memory was cleared in another window, so this was not stored. Try again.');
}
