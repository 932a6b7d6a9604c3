import type { Store, StoredEpisode } from '../memory/store.ts';
import { judgedCandidate, type Refusal, refusalsOf, refused } from './examples.ts';
import { squash } from './place.ts';

/** Many times what one document gathers; older refusals come back through retrieval. */
const mostRecent = 1000;

/**
 * Follows the store for what must work at once, before anything is embedded: texts never to be used again, and what was
 * refused a moment ago.
 */
export class MemoryWatch {
  readonly #store: Pick<Store, 'get' | 'entries' | 'onChange'>;
  readonly #forbidden = new Map<string, string>();
  readonly #recent = new Map<string, { readonly file: string; readonly refusals: readonly Refusal[] }>();
  readonly #stop: () => void;

  /** `onJudged` is called when something was rated, refused, forbidden or deleted: earlier offers may no longer stand. */
  constructor(store: Pick<Store, 'get' | 'entries' | 'onChange'>, onJudged: () => void) {
    this.#store = store;
    const refusing: StoredEpisode[] = [];
    for (const entry of store.entries()) {
      if (entry.forbidden) this.#note(entry);
      else if (refusing.length < mostRecent && refused(entry)) refusing.push(entry);
    }
    // Entries come newest first; the oldest give way.
    for (const entry of refusing.reverse()) this.#note(entry);
    this.#stop = store.onChange(({ added, changed, removed }) => {
      let judged = removed.length > 0;
      for (const id of removed) this.#drop(id);
      for (const id of new Set([...added, ...changed])) {
        const entry = this.#store.get(id);
        if (entry === null) continue;
        this.#drop(id);
        judged = this.#note(entry) || entry.rating !== null || judged;
      }
      if (judged) onJudged();
    });
  }

  /** Squashed texts of episodes that are never to be used again. */
  forbiddenTexts(): { has(squashed: string): boolean } {
    return new Set(this.#forbidden.values());
  }

  /** What was refused lately in this file, newest first. */
  refusals(file: string): Refusal[] {
    return [...this.#recent.values()]
      .filter((entry) => entry.file === file)
      .flatMap(({ refusals }) => refusals)
      .reverse();
  }

  close(): void {
    this.#stop();
  }

  #drop(id: string): void {
    this.#forbidden.delete(id);
    this.#recent.delete(id);
  }

  #note(entry: StoredEpisode): boolean {
    const { episode } = entry;
    if (entry.forbidden) {
      const judged = judgedCandidate(entry);
      if (judged) this.#forbidden.set(episode.id, squash(judged.text));
    }
    if (!refused(entry) || episode.kind === 'nextEdit') return entry.forbidden;
    // Similarity 0: only the same line counts; the embedder has not compared the places.
    this.#recent.set(episode.id, { file: episode.file, refusals: refusalsOf(entry, 0) });
    if (this.#recent.size > mostRecent) this.#recent.delete(this.#recent.keys().next().value!);
    return true;
  }
}
