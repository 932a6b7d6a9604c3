import { execFile } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { silentLog, systemClock, systemIds } from '../../engine/clock.ts';
import { hashedEmbedder } from '../../engine/memory/embedders/hashed.ts';
import { placeText } from '../../engine/memory/placeText.ts';
import { createRetriever } from '../../engine/memory/retrieve.ts';
import type { Store } from '../../engine/memory/store.ts';
import { fill, open, type Place, placesOf, quantile, ratingOf, sources } from './records.ts';

export interface MemoryBench {
  readonly name: 'memory';
  readonly episodes: number;
  /** One `addEpisode`. */
  readonly addP50Ms: number;
  /** One `rate`, fsync included. */
  readonly ratingAckP50Ms: number;
  /** One retrieval of 4 examples, query embedding included (built-in embedder). */
  readonly searchP50Ms: number;
  /** One `direct` with `deleted`, fsync included. */
  readonly removeP50Ms: number;
  /** `openStore` in a fresh process (SQLite's start included); median of 5. */
  readonly openMs: number;
  readonly snapshotBytes: number;
}

const measuredRatings = 400;
const measuredRemovals = 200;
const measuredSearches = 200;
const opens = 5;

/**
 * Fills a store with `episodes` episodes of about 2 kB cut from this repository's own sources, with their events and
 * every fifth rated, and measures one operation after the other on it. In a temporary folder, removed afterwards.
 */
export async function benchMemory(options: { readonly episodes: number }): Promise<MemoryBench> {
  const folder = await mkdtemp(join(tmpdir(), 'attune-bench-'));
  try {
    const places = placesOf(sources());
    const addMs = await fill(folder, places, options.episodes);
    const openMs = [];
    for (let i = 0; i < opens; i++) openMs.push(await openElsewhere(folder));
    const snapshotBytes = (await stat(join(folder, 'memory.db'))).size;
    const store = await open(folder);
    const searchP50Ms = await measureSearch(store, folder, places);
    const ratingAckP50Ms = await measureRatings(store);
    const removeP50Ms = await measureRemovals(store);
    await store.close();
    return {
      name: 'memory',
      episodes: options.episodes,
      addP50Ms: median(addMs),
      ratingAckP50Ms,
      searchP50Ms,
      removeP50Ms,
      openMs: median(openMs),
      snapshotBytes,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Milliseconds to open in a process of its own, as the engine does after a start of the editor. */
async function openElsewhere(folder: string): Promise<number> {
  const store = new URL('../../engine/memory/store.ts', import.meta.url).href;
  const clock = new URL('../../engine/clock.ts', import.meta.url).href;
  const script = `
    const { openStore } = await import(${JSON.stringify(store)});
    const { systemClock, systemIds, silentLog } = await import(${JSON.stringify(clock)});
    const startedMs = performance.now();
    const opened = await openStore({ dir: ${JSON.stringify(folder)}, rater: 'bench', clock: systemClock,
      ids: systemIds, log: silentLog, maxBytes: 1e12, maxEpisodes: 1e9 });
    const ms = performance.now() - startedMs;
    if (opened.report.problems.length > 0) throw new Error(opened.report.problems.join(' '));
    await opened.close();
    console.log(ms);`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  return Number(stdout);
}

async function measureSearch(store: Store, dir: string, places: readonly Place[]): Promise<number> {
  const retriever = createRetriever({ store, embedder: hashedEmbedder(), dir, clock: systemClock, log: silentLog });
  await retriever.idle();
  const searchMs: number[] = [];
  for (let i = 0; i < measuredSearches; i++) {
    const { text: _text, ...place } = places[(i * 104_729) % places.length]!;
    const query = {
      text: placeText({ ...place, instruction: '' }),
      languageId: place.languageId,
      file: place.file,
      k: 4,
    };
    const start = performance.now();
    await retriever.search(query);
    searchMs.push(performance.now() - start);
  }
  await retriever.close();
  return median(searchMs);
}

async function measureRatings(store: Store): Promise<number> {
  const ratingMs: number[] = [];
  for (const { episode } of [...store.entries()].slice(0, measuredRatings)) {
    const start = performance.now();
    await store.rate(ratingOf(episode.id, ratingMs.length));
    ratingMs.push(performance.now() - start);
  }
  return median(ratingMs);
}

async function measureRemovals(store: Store): Promise<number> {
  const removeMs: number[] = [];
  for (const { episode } of [...store.entries()].slice(-measuredRemovals)) {
    const start = performance.now();
    await store.direct([{ id: systemIds(), episodeId: episode.id, at: Date.now(), use: 'deleted' }]);
    removeMs.push(performance.now() - start);
  }
  return median(removeMs);
}

const median = (values: readonly number[]): number => quantile(values, 0.5);
