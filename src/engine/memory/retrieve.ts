/** Finds the stored episodes that are examples for a place in the code. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock, Log } from '../clock.ts';
import type { Embedder } from './embedder.ts';
import { hashedEmbedder } from './embedders/hashed.ts';
import { EmbeddingSet } from './embeddingSet.ts';
import { ExampleFacts } from './exampleFacts.ts';
import { keptText } from './kept.ts';
import { placeText } from './placeText.ts';
import { diverse, relevance } from './ranking.ts';
import type { Store, StoredEpisode } from './store.ts';
import { deleteOtherVectors } from './vectorFile.ts';
import { dot } from './vectors.ts';

export interface Query {
  /** From `placeText`. */
  readonly text: string;
  readonly languageId: string;
  /** Path inside the workspace folder; empty: untitled. */
  readonly file: string;
  /** At most so many results. */
  readonly k: number;
  /** So many more of the newest that are similar enough; by default none. They come last. */
  readonly latest?: number;
  /** Cosine similarity below which nothing is returned; by default what suits the embedder. */
  readonly minSimilarity?: number;
  /** Only entries it says yes to. */
  readonly accept?: (entry: StoredEpisode) => boolean;
}

export interface Retrieved {
  readonly entry: StoredEpisode;
  /** Cosine of the angle between place and episode. */
  readonly similarity: number;
  /** Similarity after language, age and file were taken into account. */
  readonly score: number;
}

export interface Retriever {
  /**
   * Relevant and mutually different episodes, the most relevant first; empty rather than irrelevant. Never a forbidden one,
   * one with the text of a forbidden one, a deleted one, or one that a newer accepted edit of the same lines replaced.
   * Rejects with an AbortError only.
   */
  search(query: Query, signal?: AbortSignal): Promise<Retrieved[]>;
  /** Embeds everything anew in the background; until that is done the vectors there are go on answering. Takes over `e`. */
  setEmbedder(e: Embedder): void;
  /** Of the embedder that answers now. */
  readonly identity: string;
  /** Episodes it has vectors of. */
  readonly embedded: number;
  /** Resolves when nothing is left to do in the background, or nothing can be done because the embedder fails. */
  idle(): Promise<void>;
  /** Saves the vectors and closes the embedders. */
  close(): Promise<void>;
}

/** What retrieval needs of the store. */
export type RetrievalStore = Pick<Store, 'entries' | 'get' | 'onChange'>;

export interface RetrieverOptions {
  readonly store: RetrievalStore;
  readonly embedder: Embedder;
  /** Where vectors are kept between sessions: the store's folder. */
  readonly dir: string;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * With the built-in embedder 0.25 keeps more than nine in ten pairs of halves of one function and drops as many unrelated
 * pairs (hashed.test.ts). For sentence transformers it is a cautious guess.
 */
const leastSimilar = (identity: string): number => (identity.startsWith('hashed:') ? 0.25 : 0.3);
/** Candidates per result before variety decides. */
const poolFactor = 2;
const smallestPool = 40;
/** Rows that are worth writing the file for before closing; and how long a deleted row may stay in the file. */
const saveAfterRows = 512;
const saveRemovalsAfterMs = 60_000;
/** Of the newest episodes, those looked at for some that are similar enough. */
const mostLooked = 256;
/** Episodes looked at in one turn of the event loop while starting. */
const startSlice = 200;

export function createRetriever(options: RetrieverOptions): Retriever {
  const { store, dir, clock, log } = options;
  const facts = new ExampleFacts();
  const closing = new AbortController();
  /** `answering` answers; `next` replaces it when complete; `standIn` answers when `answering` can't embed a query. */
  let answering = new EmbeddingSet(options.embedder.embedNow ? options.embedder : hashedEmbedder());
  let next: EmbeddingSet | null = options.embedder.embedNow ? null : new EmbeddingSet(options.embedder);
  let standIn: EmbeddingSet | null = null;
  let working: Promise<void> | null = null;
  let savedAt = clock.now();
  let lastComplaint = '';
  /** Files of other embedders are of no use any more, or may hold vectors of what was deleted. */
  let promoted = false;
  let removedAny = false;
  /** Sets whose embedder failed, until something happens that is worth another try. */
  const stuck = new Set<EmbeddingSet>();

  const sets = (): EmbeddingSet[] => [answering, next, standIn].filter((set) => set !== null);
  const isAbort = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError';
  const textOf = (id: string): string | null => {
    const entry = store.get(id);
    // Where nothing was offered and nothing said there is nothing to show; a later correction comes as a change.
    // Chains of repeated changes would crowd out what can be imitated.
    return entry && entry.episode.kind !== 'nextEdit' && keptText(entry) !== null ? placeText(entry.episode) : null;
  };
  function* currentIds(): Iterable<string> {
    for (const entry of store.entries()) yield entry.episode.id;
  }
  function complain(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    if (message !== lastComplaint) log.warn(`Examples: ${message}`);
    lastComplaint = message;
  }
  const release = (set: EmbeddingSet): void => {
    stuck.delete(set);
    set.embedder.close().catch(complain);
  };

  async function noteAll(): Promise<void> {
    let looked = 0;
    for (const id of [...currentIds()]) {
      facts.note(id, store.get(id));
      if (++looked % startSlice === 0) await nextTurn();
      if (closing.signal.aborted) return;
    }
  }
  const started = (async () => {
    await answering.load(dir, currentIds);
    await noteAll();
  })().catch(complain);

  const unsubscribe = store.onChange(({ added, changed, removed }) => {
    for (const id of [...added, ...changed, ...removed]) facts.note(id, store.get(id));
    for (const set of sets()) {
      for (const id of removed) set.remove(id);
      // A change can also bring an episode back.
      set.add([...added, ...changed].filter((id) => store.get(id) !== null));
    }
    removedAny ||= removed.length > 0;
    wake();
  });

  function dropStandIn(): void {
    if (standIn) release(standIn);
    standIn = null;
  }

  /** `next` takes over as soon as it lacks nothing. */
  function promote(): void {
    if (!next?.complete) return;
    release(answering);
    dropStandIn();
    answering = next;
    next = null;
    promoted = true;
    log.info(`Examples are now found with ${answering.identity.split(':').slice(0, 2).join(' ')}.`);
  }

  async function saveIfDue(everything: boolean): Promise<void> {
    for (const set of sets()) {
      if (set === standIn) continue;
      const { rows, removals } = set.unsaved;
      const due =
        rows >= saveAfterRows ||
        (removals > 0 && (set.vectors.size === 0 || clock.now() - savedAt >= saveRemovalsAfterMs));
      if (!due && !(everything && rows + removals > 0)) continue;
      savedAt = clock.now();
      // Only derived data: a full disk costs time at the next start, nothing else.
      await set.save(dir).catch((error: unknown) => log.debug(`vectors not saved: ${String(error)}`));
    }
  }

  async function work(): Promise<void> {
    await started;
    while (!closing.signal.aborted) {
      for (const set of sets()) await set.load(dir, currentIds);
      promote();
      const set = sets().find((candidate) => candidate.pending > 0 && !stuck.has(candidate));
      if (!set) break;
      try {
        await set.embedSlice(textOf, closing.signal);
      } catch (error) {
        if (!isAbort(error)) complain(error);
        stuck.add(set);
      }
      await nextTurn();
    }
    if (closing.signal.aborted) return;
    await saveIfDue(false);
    if ((promoted || removedAny) && !next) {
      promoted = removedAny = false;
      await deleteOtherVectors(dir, answering.vectors.size > 0 ? [answering.identity] : []);
    }
  }
  function wake(): void {
    stuck.clear();
    if (closing.signal.aborted) return;
    working ??= work()
      .catch((error: unknown) => {
        complain(error);
        for (const set of sets()) stuck.add(set);
      })
      .finally(() => {
        working = null;
        // Something came in after the last look and before the end.
        if (sets().some((set) => (!set.loaded || set.pending > 0) && !stuck.has(set))) wake();
      });
  }

  /** The query's vector, and the set it can be compared with. */
  async function embedQuery(text: string, signal: AbortSignal): Promise<{ set: EmbeddingSet; vector: Float32Array }> {
    let set = answering;
    if (!set.embedder.embedNow) {
      try {
        const [vector] = await set.embedder.embed([text], signal);
        dropStandIn();
        return { set, vector: vector! };
      } catch (error) {
        if (signal.aborted) throw error;
        // Closed under us, because its successor was complete.
        if (set !== answering) return embedQuery(text, signal);
        complain(error);
        set = standIn ??= new EmbeddingSet(hashedEmbedder());
        await set.load(dir, currentIds);
        wake();
      }
    }
    // What was stored a moment ago is most worth finding.
    if (set.pending > 0) await set.embedSlice(textOf, signal);
    return { set, vector: set.embedder.embedNow!(text) };
  }

  function rank(query: Query, set: EmbeddingSet, vector: Float32Array): Retrieved[] {
    const minimum = query.minSimilarity ?? leastSimilar(set.identity);
    const now = clock.now();
    /** Null: not to be shown here. */
    const found = (entry: StoredEpisode, similarity: number): Retrieved | null => {
      const score = relevance(similarity, query, entry.episode, now, minimum);
      if (score === null || facts.isForbidden(entry) || query.accept?.(entry) === false) return null;
      return facts.isSuperseded(entry) ? null : { entry, similarity, score };
    };
    const wanted = Math.max(smallestPool, query.k * poolFactor);
    const pool: (Retrieved & { readonly vector: Float32Array; readonly text: string | null })[] = [];
    for (const { id, similarity } of set.vectors.search(vector, minimum)) {
      if (pool.length >= wanted) break;
      const entry = store.get(id);
      const one = entry && found(entry, similarity);
      if (one) pool.push({ ...one, vector: set.vectors.get(id)!, text: keptText(one.entry) });
    }
    const chosen = diverse(pool, query.k, dot).map(({ entry, similarity, score }) => ({ entry, similarity, score }));
    const { latest = 0 } = query;
    const most = chosen.length + latest;
    let looked = 0;
    for (const entry of latest > 0 ? store.entries() : []) {
      if (chosen.length >= most || ++looked > mostLooked) break;
      const row = set.vectors.get(entry.episode.id);
      if (row === null || chosen.some((one) => one.entry === entry)) continue;
      const one = found(entry, dot(row, vector));
      if (one) chosen.push(one);
    }
    return chosen;
  }

  wake();

  return {
    async search(query, signal) {
      signal?.throwIfAborted();
      const either = signal ? AbortSignal.any([signal, closing.signal]) : closing.signal;
      await started;
      either.throwIfAborted();
      if (query.k <= 0 || query.text.trim() === '') return [];
      const { set, vector } = await embedQuery(query.text, either);
      either.throwIfAborted();
      return rank(query, set, vector);
    },
    setEmbedder(embedder) {
      const same = [answering, next].find((set) => set?.identity === embedder.identity);
      if (next && next !== same) {
        release(next);
        next = null;
      }
      if (same) {
        if (same.embedder !== embedder) void embedder.close().catch(complain);
      } else next = new EmbeddingSet(embedder);
      wake();
    },
    get identity() {
      return answering.identity;
    },
    get embedded() {
      return answering.vectors.size;
    },
    async idle() {
      while (working) await working;
    },
    async close() {
      if (closing.signal.aborted) return;
      closing.abort();
      unsubscribe();
      await started;
      await working;
      await saveIfDue(true);
      await Promise.all(sets().map((set) => set.embedder.close()));
    },
  };
}
