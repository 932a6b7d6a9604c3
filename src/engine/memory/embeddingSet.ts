import type { Embedder } from './embedder.ts';
import { readVectors, writeVectors } from './vectorFile.ts';
import { Vectors } from './vectors.ts';

/** One text at a time is fast enough for a search to wait for; larger ones go in slices that let others run between. */
const sliceTexts = { now: 16, later: 32 };

/** The vectors of one embedder and the episodes that still lack theirs. */
export class EmbeddingSet {
  readonly embedder: Embedder;
  vectors: Vectors;
  /** Newest last; may hold ids that are no longer wanted. */
  #stack: string[] = [];
  readonly #wanted = new Set<string>();
  #unsavedRows = 0;
  #unsavedRemovals = 0;
  #loaded = false;
  #loading: Promise<void> | null = null;

  constructor(embedder: Embedder) {
    this.embedder = embedder;
    this.vectors = new Vectors(embedder.dimensions);
  }

  get identity(): string {
    return this.embedder.identity;
  }
  /** Episodes without a vector. */
  get pending(): number {
    return this.#wanted.size;
  }
  /** The file was looked at, so that `pending` means something. */
  get loaded(): boolean {
    return this.#loaded;
  }
  get complete(): boolean {
    return this.#loaded && this.#wanted.size === 0;
  }
  get unsaved(): { readonly rows: number; readonly removals: number } {
    return { rows: this.#unsavedRows, removals: this.#unsavedRemovals };
  }

  /**
   * Takes what an earlier session saved, then aligns it with what there is: `currentIds` (newest first) is called after the
   * file was read, so nothing that changed meanwhile is missed. Called again, it does nothing.
   */
  load(dir: string, currentIds: () => Iterable<string>): Promise<void> {
    this.#loading ??= this.#load(dir, currentIds);
    return this.#loading;
  }

  async #load(dir: string, currentIds: () => Iterable<string>): Promise<void> {
    const packed = await readVectors(dir, this.identity, this.embedder.dimensions);
    if (packed) this.vectors = new Vectors(this.embedder.dimensions, packed);
    this.#loaded = true;
    const current = new Set(currentIds());
    for (const id of [...this.vectors.ids()]) if (!current.has(id)) this.remove(id);
    this.add([...current].reverse());
  }

  /** Marks episodes as to be embedded, the most urgent last. Before `load` this does nothing: it will see them. */
  add(ids: readonly string[]): void {
    if (!this.#loaded) return;
    for (const id of ids) {
      if (this.vectors.has(id) || this.#wanted.has(id)) continue;
      this.#wanted.add(id);
      this.#stack.push(id);
    }
  }

  remove(id: string): void {
    this.#wanted.delete(id);
    if (this.vectors.delete(id)) this.#unsavedRemovals++;
  }

  /** Embeds a few of the newest pending ones. `textOf`: null for an episode that is gone. Rejects as the embedder does. */
  async embedSlice(textOf: (id: string) => string | null, signal: AbortSignal): Promise<void> {
    const { embedder } = this;
    const { ids, texts } = this.#take(embedder.embedNow ? sliceTexts.now : sliceTexts.later, textOf);
    if (embedder.embedNow) {
      for (const [i, id] of ids.entries()) this.#put(id, embedder.embedNow(texts[i]!));
      return;
    }
    try {
      const vectors = await embedder.embed(texts, signal);
      // An episode may have been deleted while its text was embedded.
      ids.forEach((id, i) => {
        if (this.#wanted.has(id)) this.#put(id, vectors[i]!);
      });
    } catch (error) {
      this.#stack.push(...ids.filter((id) => this.#wanted.has(id)).reverse());
      throw error;
    }
  }

  async save(dir: string): Promise<void> {
    this.#unsavedRows = 0;
    this.#unsavedRemovals = 0;
    await writeVectors(dir, this.identity, this.embedder.dimensions, this.vectors.packed());
  }

  #take(count: number, textOf: (id: string) => string | null): { ids: string[]; texts: string[] } {
    const ids: string[] = [];
    const texts: string[] = [];
    while (ids.length < count) {
      const id = this.#stack.pop();
      if (id === undefined) break;
      if (!this.#wanted.has(id)) continue;
      const text = textOf(id);
      if (text === null) {
        this.#wanted.delete(id);
        continue;
      }
      ids.push(id);
      texts.push(text);
    }
    return { ids, texts };
  }

  #put(id: string, vector: Float32Array): void {
    this.vectors.set(id, vector);
    this.#wanted.delete(id);
    this.#unsavedRows++;
  }
}
