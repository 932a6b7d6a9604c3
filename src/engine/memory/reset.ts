/** Forgetting everything, so that a crash in the middle is finished by whoever opens the store next. */
import { join } from 'node:path';
import type { Ids } from '../clock.ts';
import { replaceFile, type StoreFiles, writeNew } from './files.ts';
import { draftSnapshotPrefix, holdsMemory, resetMarkerName, snapshotName } from './folder.ts';
import { createSchema } from './schema.ts';
import { encodeSnapshot, readTrailer, type Trailer } from './snapshot.ts';
import { withDatabase } from './sqlite.ts';

/** Under the lock. The empty snapshot begins a new epoch, by which other windows notice. Returns its trailer. */
export async function resetFolder(files: StoreFiles, folder: string, ids: Ids): Promise<Trailer> {
  const marker = join(folder, resetMarkerName);
  await writeNew(files, marker, [Buffer.from('A reset of this memory is under way.\n')]);
  await files.syncFolder(folder);
  const path = join(folder, snapshotName);
  const before = await readTrailer(files, path);
  const generation = (before?.generation ?? 0) + 1;
  const database = await withDatabase(null, (db) => {
    createSchema(db);
    return db.export();
  });
  const parts = encodeSnapshot(database, { epoch: ids(), generation, folded: [], purgedAt: generation });
  await replaceFile(files, folder, path, join(folder, `${draftSnapshotPrefix}${ids()}`), parts);
  // A window may begin a journal while the folder is cleared: it asks for the epoch first, so one more look suffices.
  for (let look = 0; look < 2; look++) {
    for (const name of await files.list(folder)) {
      if (name !== snapshotName && holdsMemory(name)) await files.remove(join(folder, name));
    }
  }
  await files.syncFolder(folder);
  await files.remove(marker);
  await files.syncFolder(folder);
  const trailer = await readTrailer(files, path);
  if (!trailer) throw new Error('the empty snapshot could not be read back');
  return trailer;
}

/** Did a reset begin that was not finished? */
export async function resetIsPending(files: StoreFiles, folder: string): Promise<boolean> {
  return (await files.stat(join(folder, resetMarkerName))) !== null;
}
