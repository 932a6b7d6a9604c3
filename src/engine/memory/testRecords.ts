/** Records for the tests of the memory. */
import type { Directive, Episode, Event, Rating } from '../../protocol/episode.ts';
import { type Log, silentLog, systemClock, systemIds } from '../clock.ts';
import { openStore, type Store, type StoreOptions } from './store.ts';

/** A valid episode; `change` replaces fields. */
export function episode(change: Partial<Episode> = {}): Episode {
  return {
    id: systemIds(),
    at: Date.now(),
    kind: 'inline',
    file: 'src/app.ts',
    languageId: 'typescript',
    range: { startLine: 1, startCharacter: 2, endLine: 1, endCharacter: 2 },
    instruction: '',
    prefix: 'const total = ',
    before: '',
    suffix: ';\n',
    candidates: [{ id: systemIds(), text: 'sum(prices)', model: 'workspace', probability: 0.5 }],
    offered: 0,
    propensity: 1,
    examples: [],
    ...change,
  };
}

export function event(episodeId: string, type: Event['type'], change: Partial<Event> = {}): Event {
  return { id: systemIds(), episodeId, at: Date.now(), type, ...change };
}

export function rating(episodeId: string, change: Partial<Rating> = {}): Rating {
  return {
    id: systemIds(),
    episodeId,
    at: Date.now(),
    rater: 'me',
    thumb: 'up',
    score: null,
    reasons: [],
    comment: '',
    correction: null,
    withdrawn: false,
    ...change,
  };
}

export function directive(episodeId: string, use: Directive['use']): Directive {
  return { id: systemIds(), episodeId, at: Date.now(), use };
}

/** A log that fails the test's reader no detail: what was warned of is kept. */
export function keptLog(): Log & { readonly lines: string[] } {
  const lines: string[] = [];
  const keep = (message: string): void => {
    lines.push(message);
  };
  return { ...silentLog, lines, warn: keep, error: keep };
}

/** Opens a store of rater `me` in `dir`, with room for everything. */
export function openIn(dir: string, change: Partial<StoreOptions> = {}): Promise<Store> {
  return openStore({
    dir,
    rater: 'me',
    clock: systemClock,
    ids: systemIds,
    log: silentLog,
    maxBytes: 64_000_000,
    maxEpisodes: 20_000,
    ...change,
  });
}

/** Nothing happens unless the test says so. */
export const byHand = {
  bufferMs: 1e9,
  foldDelayMs: 1e9,
  foldAfterBytes: 1e12,
  segmentBytes: 1e12,
  pollMs: 1e9,
} as const;
