/**
 * Checkpoints: folders with `model.safetensors` (parameters), `optimizer.safetensors` (moments, counters) and `manifest.json`.
 *
 *   fill `x.<pid>-….draft`, fsync all → rename the old `x` to `x.previous` → rename the draft to `x` → fsync the parent
 *   → remove `x.previous`
 *
 * So at each moment `x` or, for the blink between two renames, `x.previous` is complete; whoever comes next puts it back.
 */
import { createHash } from 'node:crypto';
import { open, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import {
  CheckpointError,
  type CheckpointManifest,
  type CheckpointNotes,
  encodeManifest,
  type ListedFile,
  manifestName,
  parseManifest,
  useAnother,
} from './checkpointManifest.ts';
import { asDiskError, type Disk, draftPath, draftsOf, nodeDisk, writeNew } from './disk.ts';
import { errorCode } from './fileError.ts';
import type { NamedTensor } from './packs.ts';
import { tensorsIn } from './safetensors.ts';
import { safetensorsPieces } from './safetensorsWrite.ts';
import { weightsName } from './shards.ts';

export interface CheckpointTensors {
  /** By their own names, as a model's weights have them. */
  readonly parameters: readonly NamedTensor[];
  /** The optimiser's moments, counters and the like; null: of a model that is not trained any further. */
  readonly optimizer: readonly NamedTensor[] | null;
}

export interface Checkpoint extends CheckpointTensors {
  readonly manifest: CheckpointManifest;
}

const optimizerName = 'optimizer.safetensors';

const previousOf = (folder: string): string => `${folder}.previous`;

/**
 * Writes the checkpoint `folder` (its parent must be there), replacing an older one of that name. Rejects with `DiskError`
 * or `CheckpointError` (the folder holds something else); then and after a crash at any point, the older one is there, or
 * the new one if all of it had reached the disk. One writer at a time.
 */
export async function writeCheckpoint(
  folder: string,
  tensors: CheckpointTensors,
  notes: CheckpointNotes,
  disk: Disk = nodeDisk,
): Promise<CheckpointManifest> {
  const draft = draftPath(folder);
  try {
    await recoverCheckpoint(folder, disk);
    await refuseOthers(folder, disk);
    await disk.makeFolder(draft);
    const files: ListedFile[] = [];
    for (const [name, some] of [
      [weightsName, tensors.parameters],
      [optimizerName, tensors.optimizer],
    ] as const) {
      if (!some) continue;
      files.push({ name, ...(await writeNew(disk, join(draft, name), safetensorsPieces(some, { format: 'pt' }))) });
    }
    const manifest = encodeManifest(notes, files);
    await writeNew(disk, join(draft, manifestName), [Buffer.from(manifest)]);
    await disk.syncFolder(draft);
    await putInPlace(folder, draft, disk);
    // It is in place and durable: what can't be removed now will be next time.
    await disk.remove(previousOf(folder)).catch(() => {});
    return parseManifest(folder, manifest);
  } catch (error) {
    await disk.remove(draft).catch(() => {});
    throw asDiskError(folder, error);
  }
}

async function refuseOthers(folder: string, disk: Disk): Promise<void> {
  if (!(await exists(folder, disk)) || (await disk.list(folder)).includes(manifestName)) return;
  throw new CheckpointError(
    folder,
    'is there already and is no checkpoint.',
    'Choose another name for the checkpoint.',
  );
}

async function putInPlace(folder: string, draft: string, disk: Disk): Promise<void> {
  const replaces = await exists(folder, disk);
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

const exists = async (path: string, disk: Disk): Promise<boolean> =>
  (await disk.list(dirname(path))).includes(basename(path));

/**
 * Finishes what a killed writer began: the older checkpoint is put back if the new one did not get into place, all else
 * it left is removed. Does nothing while a writer lives. Rejects as the disk does.
 */
export async function recoverCheckpoint(folder: string, disk: Disk = nodeDisk): Promise<void> {
  const drafts = await draftsOf(disk, folder);
  if (drafts.some(({ alive }) => alive)) return;
  for (const { path } of drafts) await disk.remove(path);
  const previous = previousOf(folder);
  if (!(await exists(previous, disk))) return;
  if (!(await exists(folder, disk))) {
    await disk.rename(previous, folder);
    await disk.syncFolder(dirname(folder));
  } else if ((await disk.list(folder)).includes(manifestName)) {
    await disk.remove(previous);
  }
}

/** Reads and verifies all of the checkpoint. Rejects with `CheckpointError`, which names the file that is at fault. */
export async function readCheckpoint(folder: string, disk: Disk = nodeDisk): Promise<Checkpoint> {
  // Where nothing may be written, the older one is read from where it stands.
  await recoverCheckpoint(folder, disk).catch(() => {});
  for (let attempt = 1; ; attempt++) {
    const found = await findManifest(folder);
    try {
      return await load(folder, found.folder, parseManifest(folder, found.text));
    } catch (error) {
      // A writer may have replaced it while it was being read.
      const now = await findManifest(folder).catch(() => found);
      if (attempt === 3 || now.text === found.text) throw error;
    }
  }
}

interface FoundManifest {
  /** Where the files are. */
  readonly folder: string;
  readonly text: string;
}

async function findManifest(folder: string): Promise<FoundManifest> {
  // Twice the same: a writer may be between its two renames when we look for the first time.
  for (const place of [folder, previousOf(folder), folder]) {
    try {
      return { folder: place, text: await readFile(join(place, manifestName), 'utf8') };
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw unreadable(folder, manifestName, error);
    }
  }
  const there = await stat(folder).catch(() => null);
  throw there
    ? new CheckpointError(folder, `is no checkpoint: it has no ${manifestName}.`, useAnother)
    : new CheckpointError(folder, 'is not there.', 'Choose another checkpoint.');
}

async function load(folder: string, place: string, manifest: CheckpointManifest): Promise<Checkpoint> {
  const read = async (name: string): Promise<readonly NamedTensor[] | null> => {
    const file = manifest.files.find((one) => one.name === name);
    if (!file) return null;
    const { values } = tensorsIn(join(folder, name), await readVerified(folder, place, file));
    return [...values].map(([tensor, value]) => ({ name: tensor, ...value }));
  };
  const parameters = await read(weightsName);
  if (!parameters) throw new CheckpointError(folder, `is damaged: it names no ${weightsName}.`, useAnother);
  return { manifest, parameters, optimizer: await read(optimizerName) };
}

const pieceBytes = 64 * 2 ** 20;

async function readVerified(folder: string, place: string, listed: ListedFile): Promise<Uint8Array<ArrayBuffer>> {
  const { name, sizeBytes } = listed;
  const damaged = (problem: string) => new CheckpointError(folder, `is damaged: its ${name} ${problem}.`, useAnother);
  try {
    const handle = await open(join(place, name), 'r');
    try {
      const { size } = await handle.stat();
      if (size !== sizeBytes) throw damaged(`has ${size} bytes instead of ${sizeBytes}`);
      const bytes = new Uint8Array(size);
      const hash = createHash('sha256');
      for (let done = 0; done < size; ) {
        const { bytesRead } = await handle.read(bytes, done, Math.min(size - done, pieceBytes), done);
        if (bytesRead === 0) throw damaged('became shorter while it was read');
        hash.update(bytes.subarray(done, done + bytesRead));
        done += bytesRead;
      }
      if (hash.digest('hex') !== listed.sha256) throw damaged('was changed after it was written');
      return bytes;
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw error instanceof CheckpointError ? error : unreadable(folder, name, error);
  }
}

function unreadable(folder: string, name: string, error: unknown): CheckpointError {
  const code = errorCode(error);
  const problem = code === 'ENOENT' ? 'is missing' : `could not be read (${code === '' ? error : code})`;
  return new CheckpointError(folder, `can’t be used: its ${name} ${problem}.`, useAnother, error);
}
