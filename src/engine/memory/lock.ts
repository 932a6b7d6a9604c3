/**
 * The lock of a store folder, from exclusive file creation alone, so that it works on every file system.
 *
 * Normally there is `fold.1.lock`. A lock whose owner died is taken over by creating the next number: of several
 * contenders one wins. A contender that judged an old lock stale but comes late finds that the lock below its own is a
 * different one, and one that made number 1 anew finds a higher number; both step back. The holder of the highest
 * number holds the lock, and removes the lower ones first when it releases.
 */
import { join } from 'node:path';
import * as v from 'valibot';
import type { StoreFiles } from './files.ts';
import { hasEnded, Owner } from './owner.ts';

const LockContent = v.object({ token: v.string(), owner: Owner });
const namePattern = /^fold\.(\d{1,9})\.lock$/;
const heartbeatMs = 3000;
/** A lock of a process that seems alive but did not beat for so long, as seen by one watcher, is stale. */
const silentMs = 20_000;

/** Proof of holding the lock. */
export interface HeldLock {
  /** False when another process took it over (this one was suspended for long). */
  stillHeld(): Promise<boolean>;
  release(): Promise<void>;
}

interface Seen {
  readonly number: number;
  readonly token: string;
  readonly stale: boolean;
}

/** One process's view of the lock of one folder. */
export class FolderLock {
  readonly #files: StoreFiles;
  readonly #folder: string;
  readonly #owner: Owner;
  readonly #token: () => string;
  readonly #monotonicMs: () => number;
  /** When each lock was first seen with its present heartbeat. */
  #watched = new Map<string, number>();

  constructor(options: {
    readonly files: StoreFiles;
    readonly folder: string;
    readonly owner: Owner;
    readonly token: () => string;
    /** Must not jump when the wall clock does. */
    readonly monotonicMs?: () => number;
  }) {
    this.#files = options.files;
    this.#folder = options.folder;
    this.#owner = options.owner;
    this.#token = options.token;
    this.#monotonicMs = options.monotonicMs ?? (() => performance.now());
  }

  /** Null when another process holds it. Never waits. */
  async tryAcquire(): Promise<HeldLock | null> {
    const present = await this.#present();
    const top = present.at(-1);
    if (top && !top.stale) return null;
    const number = (top?.number ?? 0) + 1;
    const token = this.#token();
    if (!(await this.#make(number, token))) return null;
    const after = await this.#present();
    const above = after.some((lock) => lock.number > number);
    const below = after.findLast((lock) => lock.number < number);
    if (above || below?.token !== top?.token) {
      await this.#files.remove(this.#path(number));
      return null;
    }
    return this.#hold(number, token);
  }

  /** Tries until `waitMs` have passed. */
  async acquire(waitMs: number): Promise<HeldLock | null> {
    const endMs = this.#monotonicMs() + waitMs;
    for (let delayMs = 5; ; delayMs = Math.min(delayMs * 2, 100)) {
      const held = await this.tryAcquire();
      if (held || this.#monotonicMs() >= endMs) return held;
      await new Promise((resolve) => setTimeout(resolve, delayMs * (0.5 + Math.random())));
    }
  }

  #hold(number: number, token: string): HeldLock {
    const path = this.#path(number);
    const beat = setInterval(() => this.#files.touch(path).catch(() => {}), heartbeatMs);
    beat.unref();
    return {
      stillHeld: async () => {
        const top = (await this.#present()).at(-1);
        return top?.number === number && top.token === token;
      },
      release: async () => {
        clearInterval(beat);
        for (const lock of await this.#present()) {
          if (lock.number < number) await this.#files.remove(this.#path(lock.number));
        }
        const content = await this.#files.read(path);
        if (content?.includes(token)) await this.#files.remove(path);
      },
    };
  }

  /** All lock files, lowest number first. */
  async #present(): Promise<Seen[]> {
    const seen: Seen[] = [];
    const watched = new Map<string, number>();
    for (const name of await this.#files.list(this.#folder)) {
      const number = Number(namePattern.exec(name)?.[1] ?? 0);
      if (number === 0) continue;
      const content = await this.#files.read(this.#path(number));
      const stat = await this.#files.stat(this.#path(number));
      if (!content || !stat) continue;
      const parsed = v.safeParse(LockContent, parse(content.toString('utf8')));
      const token = parsed.success ? parsed.output.token : `unreadable ${number}`;
      const beat = `${token} ${stat.modifiedMs}`;
      const since = this.#watched.get(beat) ?? this.#monotonicMs();
      watched.set(beat, since);
      const ended = parsed.success && hasEnded(parsed.output.owner, this.#owner);
      seen.push({ number, token, stale: ended || this.#monotonicMs() - since > silentMs });
    }
    this.#watched = watched;
    return seen.sort((a, b) => a.number - b.number);
  }

  /** Makes the lock file with its content in one step where links exist; false when it is there already. */
  async #make(number: number, token: string): Promise<boolean> {
    const path = this.#path(number);
    const draft = join(this.#folder, `tmp-lock-${token}`);
    const content = Buffer.from(
      JSON.stringify({ token, owner: this.#owner } satisfies v.InferOutput<typeof LockContent>),
    );
    await this.#write(draft, content);
    const linked = await this.#files.link(draft, path);
    await this.#files.remove(draft);
    if (linked !== 'unsupported') return linked === 'linked';
    try {
      await this.#write(path, content);
      return true;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
      throw error;
    }
  }

  async #write(path: string, content: Buffer): Promise<void> {
    const file = await this.#files.create(path);
    try {
      await file.write(content, 0);
      // An empty lock after a power cut would name no owner, and be waited for.
      await file.sync();
    } finally {
      await file.close();
    }
  }

  #path(number: number): string {
    return join(this.#folder, `fold.${number}.lock`);
  }
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}
