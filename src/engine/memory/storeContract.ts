/** What the memory offers to the rest of the engine. */
import type { Directive, Episode, EpisodeCard, Event, Rating } from '../../protocol/episode.ts';
import type { StoreReport } from '../../protocol/rpc.ts';
import type { Clock, Ids, Log } from '../clock.ts';
import type { CardQuery } from './cards.ts';
import type { StoreFiles } from './files.ts';
import type { Owner } from './owner.ts';
import type { ImportResult } from './portable.ts';
import type { StoredEpisode } from './recordIndex.ts';

/** Ids of episodes. `changed`: their events, ratings or directives; `removed`: deleted, evicted or reset. */
export interface StoreChange {
  readonly added: string[];
  readonly changed: string[];
  readonly removed: string[];
}

/** Something the user should hear of: what happened and what to do. */
export interface StoreNotice {
  readonly level: 'info' | 'warning' | 'error';
  readonly message: string;
  readonly nextStep: string;
}

export interface StoreStats extends StoreReport {
  /** Episodes whose standing rating of this rater is good, or bad. */
  readonly good: number;
  readonly bad: number;
  /** Episodes removed by the caps since this store was opened. */
  readonly evicted: number;
  readonly path: string;
}

export interface StoreCaps {
  /** For all files of the memory together. */
  readonly maxBytes: number;
  readonly maxEpisodes: number;
}

/** When the store writes and tidies. Tests and load make it hurry. */
export interface StorePace {
  /** Longest time an episode or an event waits in memory. */
  readonly bufferMs: number;
  /** A journal segment is closed when it gets longer. */
  readonly segmentBytes: number;
  /** So much written makes a fold due. */
  readonly foldAfterBytes: number;
  /** A fold that is due waits so long for more. */
  readonly foldDelayMs: number;
  /** Where the folder can't be watched, other windows' work is looked for this often. */
  readonly pollMs: number;
}

export interface StoreOptions extends StoreCaps {
  /** The store's folder; made if absent. */
  readonly dir: string;
  /** Whose ratings are "mine". */
  readonly rater: string;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly onNotice?: (notice: StoreNotice) => void;
  readonly files?: StoreFiles;
  /** The process that writes; by default this one. */
  readonly owner?: Owner;
  readonly pace?: Partial<StorePace>;
}

/** The memory of one workspace, shared by all windows on its folder. */
export interface Store {
  readonly report: StoreReport;
  /** At once in memory; on the disk within a second, at `flush`, or before a rating of it is acknowledged. */
  addEpisode(episode: Episode): void;
  addEvents(events: readonly Event[]): void;
  /** Resolves after fsync. Rejects with a StoreError, and then the rating is not there. */
  rate(rating: Rating): Promise<void>;
  /** As `rate`, of many with one fsync: all are there then, or none. Those that are known change nothing. */
  rateAll(ratings: readonly Rating[]): Promise<void>;
  /** Whether a rating with this id is there, in effect or not. */
  knows(rating: Pick<Rating, 'id' | 'episodeId'>): boolean;
  /** Resolves after fsync. `deleted` hides at once; the text leaves the disk with the next fold, seconds later. */
  direct(directives: readonly Directive[]): Promise<void>;
  /** Null when unknown or deleted. */
  get(id: string): StoredEpisode | null;
  /** Newest first, silent ones too, deleted ones not. What changes meanwhile is not seen. */
  entries(): Iterable<StoredEpisode>;
  readonly size: number;
  /** `query`: words that all occur in file, instruction, candidates, comment or correction, whatever their case. */
  list(query: CardQuery): { cards: EpisodeCard[]; total: number };
  card(id: string): EpisodeCard | null;
  onChange(listener: (change: StoreChange) => void): () => void;
  /** Everything but what was deleted, as JSON Lines. Rejects with a StoreError; `path` then holds what it held. */
  exportTo(path: string): Promise<{ records: number; bytes: number }>;
  /** Takes in the valid lines of an export; the rest is counted and named by line. */
  importFrom(path: string): Promise<ImportResult>;
  /** Removes everything, copies of damaged files and vectors included. Other windows notice. */
  reset(): Promise<void>;
  stats(): StoreStats;
  /** Resolves when all that was added is on the disk. */
  flush(): Promise<void>;
  /** Looks for other windows' records now. */
  refresh(): Promise<void>;
  /** Folds the journals now. False when another window has the lock, or the store is read-only. */
  fold(): Promise<boolean>;
  configure(caps: StoreCaps): void;
  /** Writes what waits, folds if nobody else does. */
  close(): Promise<void>;
}
