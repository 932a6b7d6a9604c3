/** Earlier offers as each decision saw them: what training reads of the store in the order of time. */
import type { StoredEpisode } from '../memory/store.ts';
import { decisionOf, fateOf, type Past, pastOf } from './decisions.ts';

/** As many as the gate looks back on: older offers are forgotten. */
export const mostPast = 1000;

/**
 * Offers made while typing, and what became of them. Whatever is decided now looks back on the same: `AcceptanceGate.past`.
 * Whether an outcome was known at a decision, its ids tell: they sort by time.
 */
export class History {
  /** By id. */
  #past: Past[] = [];
  readonly #known = new Map<string, Past>();

  /** An episode, or what has become of it since. */
  note({ episode, events }: StoredEpisode): void {
    const known = this.#known.get(episode.id);
    if (known) {
      Object.assign(known, fateOf(episode, events));
      return;
    }
    const decision = decisionOf(episode);
    if (decision === null) return;
    const one = Object.assign(pastOf(episode.id, decision), fateOf(episode, events));
    this.#known.set(episode.id, one);
    // Almost always the newest.
    this.#past.splice(this.#indexOf(episode.id), 0, one);
  }

  /** Deleted episodes are no past. */
  drop(ids: ReadonlySet<string>): void {
    for (const id of ids) this.#known.delete(id);
    this.#past = this.#past.filter(({ id }) => !ids.has(id));
  }

  /** Oldest first: the last of those made before this episode. */
  before(episodeId: string): readonly Past[] {
    const end = this.#indexOf(episodeId);
    return this.#past.slice(Math.max(0, end - mostPast), end);
  }

  /** How many of them are older. */
  #indexOf(id: string): number {
    let [low, high] = [0, this.#past.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#past[middle]!.id < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
