import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { silentLog, systemClock, systemIds } from '../../engine/clock.ts';
import { hashedEmbedder } from '../../engine/memory/embedders/hashed.ts';
import { placeText } from '../../engine/memory/placeText.ts';
import { createRetriever } from '../../engine/memory/retrieve.ts';
import { openStore, type Store } from '../../engine/memory/store.ts';
import type { Episode } from '../../protocol/episode.ts';

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
/** Lines of context before the place, and of the code that was written there. */
const contextLines = 18;
const suffixLines = 6;

/**
 * Fills a store with `episodes` episodes of about 2 kB cut from this repository's own sources, with their events and
 * every fifth rated, and measures one operation after the other on it. In a temporary folder, removed afterwards.
 */
export async function benchMemory(options: { readonly episodes: number }): Promise<MemoryBench> {
  const folder = await mkdtemp(join(tmpdir(), 'attune-bench-'));
  try {
    const places = placesOf(sources());
    const filled = await fill(folder, places, options.episodes);
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
      addP50Ms: filled,
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

function open(dir: string): Promise<Store> {
  return openStore({
    dir,
    rater: 'bench',
    clock: systemClock,
    ids: systemIds,
    log: silentLog,
    maxBytes: 1e12,
    maxEpisodes: 1e9,
  });
}

interface Source {
  readonly file: string;
  readonly lines: readonly string[];
}

/** The sources this very program runs from. */
function sources(): Source[] {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => extname(name) === '.ts')
    .sort()
    .map((name) => ({
      file: `src/${name.replaceAll('\\', '/')}`,
      lines: readFileSync(join(root, name), 'utf8').split('\n'),
    }));
}

type Place = Pick<Episode, 'file' | 'languageId' | 'range' | 'prefix' | 'suffix' | 'before'> & {
  readonly text: string;
};

function placesOf(all: readonly Source[]): Place[] {
  const places: Place[] = [];
  for (const { file, lines } of all) {
    for (let at = 5; at < lines.length - 3; at += 2) {
      const length = 1 + (at % 3);
      places.push({
        file,
        languageId: 'typescript',
        range: { startLine: at, startCharacter: 0, endLine: at, endCharacter: 0 },
        prefix: `${lines.slice(Math.max(0, at - contextLines), at).join('\n')}\n`,
        before: '',
        suffix: lines.slice(at + length, at + length + suffixLines).join('\n'),
        text: lines.slice(at, at + length).join('\n'),
      });
    }
  }
  return places;
}

function episodeAt(place: Place, number: number): Episode {
  const { text, ...where } = place;
  return {
    ...where,
    id: systemIds(),
    at: Date.now(),
    kind: 'inline',
    instruction: '',
    candidates: [
      { id: systemIds(), text: `${text}\n// ${number}`, model: 'workspace', probability: 0.5 },
      { id: systemIds(), text: text.slice(0, 40), model: 'workspace', probability: 0.2 },
    ],
    offered: 0,
    propensity: 0.95,
    examples: [],
  };
}

async function fill(folder: string, places: readonly Place[], count: number): Promise<number> {
  const store = await open(folder);
  const addMs: number[] = [];
  for (let i = 0; i < count; i++) {
    const episode = episodeAt(places[(i * 7919) % places.length]!, i);
    const start = performance.now();
    store.addEpisode(episode);
    addMs.push(performance.now() - start);
    const candidateId = episode.candidates[0]!.id;
    const about = { episodeId: episode.id, candidateId, at: episode.at };
    store.addEvents([
      { ...about, id: systemIds(), type: 'offered' },
      { ...about, id: systemIds(), type: 'shown' },
      { ...about, id: systemIds(), type: i % 3 === 0 ? 'accepted' : 'ignored' },
    ]);
    if (i % 5 === 0) await store.rate(ratingOf(episode.id, i));
  }
  await store.close();
  return median(addMs);
}

function ratingOf(episodeId: string, number: number) {
  return {
    id: systemIds(),
    episodeId,
    at: Date.now(),
    rater: 'bench',
    thumb: number % 2 === 0 ? ('up' as const) : ('down' as const),
    score: 1 + (number % 10),
    reasons: [],
    comment: 'as we write it here',
    correction: null,
    withdrawn: false,
  };
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

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
