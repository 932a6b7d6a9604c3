/** Opening the memory of one workspace. */
import { join } from 'node:path';
import { nodeFiles, type StoreFiles } from './files.ts';
import { fold } from './fold.ts';
import { FolderStore } from './folderStore.ts';
import { FolderLock } from './lock.ts';
import { type Owner, thisOwner } from './owner.ts';
import { FolderReader, type News } from './reader.ts';
import { resetFolder, resetIsPending } from './reset.ts';
import type { Store, StoreOptions, StorePace } from './storeContract.ts';
import { diskError, errorCode, StoreError } from './storeError.ts';
import { diskBytes } from './upkeep.ts';

export type { StoredEpisode } from './recordIndex.ts';
export type {
  Store,
  StoreCaps,
  StoreChange,
  StoreNotice,
  StoreOptions,
  StorePace,
  StoreStats,
} from './storeContract.ts';

const defaultPace: StorePace = {
  bufferMs: 1000,
  segmentBytes: 1024 * 1024,
  foldAfterBytes: 1024 * 1024,
  foldDelayMs: 2000,
  pollMs: 5000,
};
/** Whoever holds the lock needs a second at most; a dead holder is noticed at once, a silent one in 20 s. */
const repairWaitMs = 30_000;

/**
 * Opens the store in `dir`, mending what is damaged; `report.problems` says what was. Rejects with a StoreError when
 * the folder can't be written at all.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const startedMs = performance.now();
  const files = options.files ?? nodeFiles;
  const pace = { ...defaultPace, ...options.pace };
  const owner = options.owner ?? thisOwner;
  const window = options.ids();
  const folder = options.dir;
  const lock = new FolderLock({ files, folder, owner, token: options.ids });
  const reader = new FolderReader({ files, folder, window, owner });
  const parts = { options, pace, files, window, owner, lock, reader };
  const problems: string[] = [];
  try {
    await files.makeFolder(folder);
    await finishReset(parts);
    const news = await readAndMend(parts, problems);
    if (news.newerVersion !== null) {
      const readOnly =
        `This memory was written by a newer version of Attune (format ${news.newerVersion}). It is left untouched and ` +
        'nothing new is stored. Update Attune and reload the window.';
      const bytes = await diskBytes(files, folder);
      return new FolderStore({ ...parts, news, readOnly, diskBytes: bytes }, [...problems, readOnly], startedMs);
    }
    await probe(files, folder, window, problems);
    const bytes = await diskBytes(files, folder);
    return new FolderStore({ ...parts, news, readOnly: null, diskBytes: bytes }, problems, startedMs);
  } catch (error) {
    throw diskError('Opening the memory', error);
  }
}

interface Parts {
  readonly options: StoreOptions;
  readonly files: StoreFiles;
  readonly lock: FolderLock;
  readonly reader: FolderReader;
  readonly owner: Owner;
}

async function finishReset({ files, options, lock }: Parts): Promise<void> {
  if (!(await resetIsPending(files, options.dir))) return;
  const held = await lock.acquire(repairWaitMs);
  try {
    if (held && (await resetIsPending(files, options.dir))) await resetFolder(files, options.dir, options.ids);
  } finally {
    await held?.release();
  }
}

/** Everything there is. What needs mending is folded first, so that it is reported once, with a copy kept. */
async function readAndMend(parts: Parts, problems: string[]): Promise<News> {
  const { files, lock, reader, options, owner } = parts;
  const news = await reader.read();
  if (news.repair === 'none' || news.newerVersion !== null) {
    problems.push(...news.problems);
    return news;
  }
  const held = await lock.acquire(repairWaitMs);
  if (!held) {
    if (news.repair === 'journal') return news;
    throw new StoreError('disk', 'Another window is busy with the memory. Close it, or try again in a minute.');
  }
  try {
    const { clock, ids, log, dir } = options;
    const result = await fold({
      owner,
      files,
      folder: dir,
      lock: held,
      clock,
      ids,
      log,
      distrust: news.repair === 'snapshot',
    });
    if (result.type === 'folded') {
      problems.push(...result.problems);
      reader.folded(result.trailer);
    }
  } catch (error) {
    if (news.repair === 'snapshot') throw error;
    problems.push(...news.problems, diskError('Keeping a copy of it', error).message);
  } finally {
    await held.release();
  }
  if (news.repair === 'journal') return news;
  const mended = await reader.read();
  if (mended.repair === 'snapshot')
    throw new StoreError('disk', `${mended.problems[0] ?? 'The memory is damaged.'} It could not be mended.`);
  problems.push(...mended.problems);
  return mended;
}

/** Finds out now, not at the first rating, that nothing can be written. A full disk still lets everything be read. */
async function probe(files: StoreFiles, folder: string, window: string, problems: string[]): Promise<void> {
  const path = join(folder, `tmp-probe-${window}`);
  try {
    await (await files.create(path)).close();
    await files.remove(path);
  } catch (error) {
    if (errorCode(error) !== 'ENOSPC' && errorCode(error) !== 'EDQUOT') throw error;
    problems.push(diskError('Writing to the memory', error).message);
  }
}
