/**
 * Folders that are written as a whole:
 *
 *   fill `x.<pid>-….draft`, fsync all → rename the old `x` to `x.previous` → rename the draft to `x` → fsync the parent
 *   → remove `x.previous`
 *
 * So at each moment `x` or, for the blink between two renames, `x.previous` is complete; whoever comes next puts it back.
 */
import { basename, dirname, join } from 'node:path';
import { asDiskError, type Disk, draftPath, draftsOf, type Pieces, type WrittenFile, writeNew } from './disk.ts';
import { listed, ModelFileError, quoted } from './fileError.ts';

/** A folder of ours. */
export interface FolderKind {
  /** The word for messages: `checkpoint`. */
  readonly what: string;
  /** All names that are ever in it; the first is in each. */
  readonly names: readonly [string, ...string[]];
}

/** Where the older content stands while the new gets into place. */
export const previousOf = (folder: string): string => `${folder}.previous`;

/**
 * Makes the folder from what `fill` writes, replacing an older one; its parent must be there. Rejects with `DiskError`, with
 * a `ModelFileError` when the folder holds something that is not of its kind, or with what `fill` threw. Then and after a
 * crash at any point the older content is there, or the new if all of it had reached the disk. One writer at a time.
 */
export async function replaceFolder<T>(
  disk: Disk,
  folder: string,
  kind: FolderKind,
  fill: (write: (name: string, pieces: Pieces) => Promise<WrittenFile>) => Promise<T>,
): Promise<T> {
  const draft = draftPath(folder);
  try {
    await recoverFolder(disk, folder, kind);
    await refuseOthers(disk, folder, kind);
    await disk.makeFolder(draft);
    const result = await fill((name, pieces) => writeNew(disk, join(draft, name), pieces));
    await disk.syncFolder(draft);
    await putInPlace(disk, folder, draft);
    // The new is in place and durable: what can't be removed now will be next time.
    await disk.remove(previousOf(folder)).catch(() => {});
    return result;
  } catch (error) {
    await disk.remove(draft).catch(() => {});
    throw asDiskError(folder, error);
  }
}

/** What file managers put into any folder they show. */
const byFileManagers = /^(\.|Thumbs\.db$|desktop\.ini$)/i;

async function refuseOthers(disk: Disk, folder: string, { what, names }: FolderKind): Promise<void> {
  if (!(await exists(disk, folder))) return;
  const found = await disk.list(folder);
  const advice = `Choose another name for the ${what}.`;
  if (!found.includes(names[0])) throw new ModelFileError(folder, `is there already and is no ${what}.`, advice);
  const others = found.filter((name) => !names.includes(name) && !byFileManagers.test(name));
  if (others.length === 0) return;
  throw new ModelFileError(folder, `holds more than a ${what}: ${listed(others.map(quoted))}.`, advice);
}

async function putInPlace(disk: Disk, folder: string, draft: string): Promise<void> {
  const replaces = await exists(disk, folder);
  if (replaces) {
    // Left by a writer whose number another process has now, so that nobody dared to remove it.
    await disk.remove(previousOf(folder));
    await disk.rename(folder, previousOf(folder));
  }
  try {
    await disk.rename(draft, folder);
  } catch (error) {
    if (replaces) await disk.rename(previousOf(folder), folder).catch(() => {});
    throw error;
  }
  await disk.syncFolder(dirname(folder));
}

const exists = async (disk: Disk, path: string): Promise<boolean> =>
  (await disk.list(dirname(path))).includes(basename(path));

/**
 * Finishes what a killed writer began: the older content is put back if the new did not get into place, all else that was
 * left is removed. Does nothing while a writer lives. Rejects as the disk does.
 */
export async function recoverFolder(disk: Disk, folder: string, { names }: FolderKind): Promise<void> {
  const drafts = await draftsOf(disk, folder);
  if (drafts.some(({ alive }) => alive)) return;
  for (const { path } of drafts) await disk.remove(path);
  const previous = previousOf(folder);
  if (!(await exists(disk, previous))) return;
  if (!(await exists(disk, folder))) {
    await disk.rename(previous, folder);
    await disk.syncFolder(dirname(folder));
  } else if ((await disk.list(folder)).includes(names[0])) {
    await disk.remove(previous);
  }
}
