/** Decisions in their order, each once, when it is known what became of it: what versions in use learn from and are watched by. */
import type { Clock } from '../../clock.ts';
import type { Store, StoredEpisode } from '../../memory/store.ts';
import { History } from '../history.ts';
import { decisionReward } from '../selector/decisionReward.ts';
import { settledAt } from './outcome.ts';

/** Calls `fire` once after `ms`; the returned function calls it off. */
export interface Later {
  after(ms: number, fire: () => void): () => void;
}

/** Whoever hears of decisions. */
export interface Listener {
  /** False: not this one. Asked once, before anything is known of it. */
  wants(entry: StoredEpisode): boolean;
  /** One at a time. Rejections are told to `onError`, and the next comes. */
  take(entry: StoredEpisode, history: History): void | Promise<void>;
  /** All that is known has been taken. What it throws is told to `onError`. */
  rest?(): void;
}

export interface DecisionStreamOptions {
  readonly store: Pick<Store, 'get' | 'entries' | 'onChange'>;
  readonly clock: Clock;
  readonly timer: Later;
  readonly onError: (error: unknown) => void;
}

/** Episodes read at a time, and decisions taken at a time: a few milliseconds, which no request waits for. */
const slice = { read: 25, taken: 5 } as const;
/** Older ones are not gone back to. */
const mostEpisodes = 4000;
/** So long after the last event nobody takes it back any more; sooner, once a later decision is settled. */
const calmMs = 30_000;

/**
 * Reads the store once, then follows it. A decision comes when its reward is known and the developer has gone on: what is accepted is
 * sometimes undone at once, and what is rejected rated. Decisions of which nothing becomes known never come. Works between requests.
 */
export class DecisionStream {
  readonly #options: DecisionStreamOptions;
  readonly #listener: Listener;
  readonly #history = new History();
  readonly #stop: () => void;
  /** Not read yet, newest first; null: all are. */
  #unread: Iterator<StoredEpisode> | null;
  #read = 0;
  /** Decisions that are wanted and not taken yet; and of those the ones of which the reward is known. */
  readonly #wanted = new Set<string>();
  readonly #known = new Set<string>();
  /** The newest of which it is known what became of it. */
  #newestSettled = '';
  #working: Promise<void> | null = null;
  #closed = false;

  constructor(options: DecisionStreamOptions, listener: Listener) {
    this.#options = options;
    this.#listener = listener;
    this.#unread = options.store.entries()[Symbol.iterator]();
    this.#stop = options.store.onChange(({ added, changed, removed }) => {
      this.#history.drop(new Set(removed));
      for (const id of removed) this.#settle(id);
      for (const id of added) this.#note(options.store.get(id), true);
      for (const id of changed) this.#note(options.store.get(id), false);
      this.#workSoon();
    });
    this.#workSoon();
  }

  /** Resolves when all that can be taken now has been. */
  async idle(): Promise<void> {
    while (!this.#closed && (this.#working !== null || this.#unread !== null || this.#ripe().length > 0)) {
      await this.#work();
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#stop();
    await this.#working;
  }

  #note(entry: StoredEpisode | null, isNew: boolean): void {
    if (entry === null) return;
    const { id } = entry.episode;
    this.#history.note(entry);
    if (isNew && this.#listener.wants(entry)) this.#wanted.add(id);
    const known = decisionReward(entry) !== null;
    if (known && this.#wanted.has(id)) this.#known.add(id);
    else this.#known.delete(id);
    if (known && id > this.#newestSettled) this.#newestSettled = id;
  }

  /** Taken, or gone. */
  #settle(id: string): void {
    this.#wanted.delete(id);
    this.#known.delete(id);
  }

  /** The oldest few. */
  #ripe(): readonly StoredEpisode[] {
    const { store, clock } = this.#options;
    const ripe: StoredEpisode[] = [];
    for (const id of [...this.#known].sort()) {
      const entry = store.get(id);
      const isCalm = entry !== null && clock.now() - settledAt(entry) >= calmMs;
      if (entry !== null && (id < this.#newestSettled || isCalm)) ripe.push(entry);
      if (ripe.length === slice.taken) break;
    }
    return ripe;
  }

  #workSoon(): void {
    if (this.#closed || this.#working !== null) return;
    this.#options.timer.after(0, () => void this.#work());
  }

  #work(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    this.#working ??= this.#step().finally(() => {
      this.#working = null;
    });
    return this.#working;
  }

  async #step(): Promise<void> {
    if (this.#readMore()) {
      this.#options.timer.after(0, () => void this.#work());
      return;
    }
    const ripe = this.#ripe();
    for (const entry of ripe) {
      if (this.#closed) return;
      this.#settle(entry.episode.id);
      try {
        await this.#listener.take(entry, this.#history);
      } catch (error) {
        this.#options.onError(error);
      }
    }
    if (ripe.length === slice.taken) this.#options.timer.after(0, () => void this.#work());
    else if (ripe.length > 0) this.#rest();
  }

  #rest(): void {
    try {
      this.#listener.rest?.();
    } catch (error) {
      this.#options.onError(error);
    }
  }

  /** False: all are read. */
  #readMore(): boolean {
    if (this.#unread === null) return false;
    for (let count = 0; count < slice.read; count += 1) {
      const next = this.#unread.next();
      if (next.done || this.#read >= mostEpisodes) {
        this.#unread = null;
        return false;
      }
      this.#read += 1;
      this.#note(next.value, true);
    }
    return true;
  }
}
