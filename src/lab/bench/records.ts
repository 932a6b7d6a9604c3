/** A memory to measure on: episodes cut from this very program's sources. */
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { silentLog, systemClock, systemIds } from '../../engine/clock.ts';
import { openStore, type Store } from '../../engine/memory/store.ts';
import type { Episode } from '../../protocol/episode.ts';

/** Lines of context before the place, and of the code that was written there. */
const contextLines = 18;
const suffixLines = 6;

/** A memory without limits. */
export function open(dir: string): Promise<Store> {
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

/** A file of this program. */
export interface Source {
  readonly file: string;
  readonly lines: readonly string[];
}

/** The sources this very program runs from. */
export function sources(): Source[] {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => extname(name) === '.ts')
    .sort()
    .map((name) => ({
      file: `src/${name.replaceAll('\\', '/')}`,
      lines: readFileSync(join(root, name), 'utf8').split('\n'),
    }));
}

/** A place in a source and what stands there. */
export type Place = Pick<Episode, 'file' | 'languageId' | 'range' | 'prefix' | 'suffix' | 'before'> & {
  readonly text: string;
};

/** Every second line of every source. */
export function placesOf(all: readonly Source[]): Place[] {
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

/** Writes `count` episodes with their events, every fifth rated; the milliseconds each `addEpisode` took. */
export async function fill(folder: string, places: readonly Place[], count: number): Promise<number[]> {
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
  return addMs;
}

/** Good and bad in turn. */
export function ratingOf(episodeId: string, number: number) {
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

/** The value that `share` of the values lie below (nearest rank). */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
