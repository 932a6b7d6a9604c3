/** Versions whose data no longer stands: a rating they were trained on was changed or withdrawn, an episode deleted. */
import type { Store } from '../../memory/store.ts';
import { changedSince, type TrainedOn } from '../registry/fingerprint.ts';
import type { Registry } from '../registry/registry.ts';
import type { Later } from './decisionStream.ts';

export interface StalenessOptions {
  readonly registry: Pick<Registry, 'lifecycle' | 'trainedOn' | 'markStale'>;
  readonly store: Pick<Store, 'get' | 'onChange'>;
  readonly timer: Later;
  readonly onStale: (ids: readonly string[]) => void;
  readonly onError: (error: unknown) => void;
}

/** Changes come in bursts: an import, a clean-up. */
const batchMs = 1000;
const changedReason = 'A rating it was trained on was changed or withdrawn.';
const deletedReason = 'A proposal it was trained on was deleted.';

/**
 * Looks at all there is when it begins, since other windows may have changed ratings meanwhile; then at what changes. An episode that
 * is gone tells nothing: the caps remove old ones. What the user deletes is told by `deleted`, in the window where it is done.
 */
export class Staleness {
  readonly #options: StalenessOptions;
  readonly #stop: () => void;
  /** Ids of changed episodes; null: all are to be looked at. */
  #changed: Set<string> | null = null;
  #due: (() => void) | null = null;
  #work: Promise<void> = Promise.resolve();
  /** What never changes: of each version what it was trained on. */
  readonly #trainedOn = new Map<string, readonly TrainedOn[]>();

  constructor(options: StalenessOptions) {
    this.#options = options;
    this.#stop = options.store.onChange(({ changed }) => {
      if (changed.length === 0) return;
      for (const id of changed) this.#changed?.add(id);
      this.#checkSoon();
    });
    this.#checkSoon();
  }

  async deleted(episodeIds: readonly string[]): Promise<void> {
    await this.#mark(new Set(episodeIds), deletedReason);
  }

  /** Resolves when all changes so far have been looked at. */
  async idle(): Promise<void> {
    if (this.#due !== null) {
      this.#due();
      this.#check();
    }
    await this.#work;
  }

  async close(): Promise<void> {
    this.#stop();
    this.#due?.();
    await this.#work;
  }

  #checkSoon(): void {
    this.#due ??= this.#options.timer.after(batchMs, () => this.#check());
  }

  #check(): void {
    this.#due = null;
    const episodes = this.#changed;
    this.#changed = new Set();
    this.#work = this.#work
      .then(async () => {
        const ratings = new Set<string>();
        for (const trainedOn of await this.#all()) {
          const concerned = episodes ? trainedOn.filter(({ episodeId }) => episodes.has(episodeId)) : trainedOn;
          const there = concerned.filter(({ episodeId }) => this.#options.store.get(episodeId) !== null);
          for (const id of changedSince(there, (id) => this.#options.store.get(id))) ratings.add(id);
        }
        await this.#mark(ratings, changedReason);
      })
      .catch(this.#options.onError);
  }

  async #mark(changed: ReadonlySet<string>, reason: string): Promise<void> {
    if (changed.size === 0) return;
    const ids = await this.#options.registry.markStale(changed, reason);
    if (ids.length > 0) this.#options.onStale(ids);
  }

  /** Of each version that could become stale. */
  async #all(): Promise<readonly (readonly TrainedOn[])[]> {
    const { registry } = this.#options;
    const { versions } = await registry.lifecycle();
    const live = versions.filter(({ files, state }) => files === 'kept' && state !== 'stale' && state !== 'rejected');
    for (const { id } of live) {
      if (!this.#trainedOn.has(id)) this.#trainedOn.set(id, (await registry.trainedOn(id)) ?? []);
    }
    return live.map(({ id }) => this.#trainedOn.get(id) ?? []);
  }
}
