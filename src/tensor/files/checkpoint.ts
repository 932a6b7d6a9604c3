/** Checkpoints: folders with `model.safetensors` (parameters), `optimizer.safetensors` (moments, counters), `manifest.json`. */
import { createHash } from 'node:crypto';
import { open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
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
import { type Disk, nodeDisk } from './disk.ts';
import { errorCode } from './fileError.ts';
import type { NamedTensor } from './packs.ts';
import { type FolderKind, previousOf, recoverFolder, replaceFolder } from './replaceFolder.ts';
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

const kind: FolderKind = { what: 'checkpoint', names: [manifestName, weightsName, optimizerName] };

/**
 * Writes the checkpoint `folder`, replacing an older one of that name: at each moment, one of both is there (see
 * `replaceFolder`). Rejects with `DiskError`, or a `ModelFileError` when the folder holds something else.
 */
export async function writeCheckpoint(
  folder: string,
  { parameters, optimizer }: CheckpointTensors,
  notes: CheckpointNotes,
  disk: Disk = nodeDisk,
): Promise<CheckpointManifest> {
  const text = await replaceFolder(disk, folder, kind, async (write) => {
    const files: ListedFile[] = [];
    const writeTensors = async (name: ListedFile['name'], tensors: readonly NamedTensor[]) =>
      files.push({ name, ...(await write(name, safetensorsPieces(tensors, { format: 'pt' }))) });
    await writeTensors(weightsName, parameters);
    if (optimizer) await writeTensors(optimizerName, optimizer);
    const manifest = encodeManifest(notes, files);
    await write(manifestName, [Buffer.from(manifest)]);
    return manifest;
  });
  return parseManifest(folder, text);
}

/** Reads and verifies all of the checkpoint. Rejects with `CheckpointError`, which names the file that is at fault. */
export async function readCheckpoint(folder: string, disk: Disk = nodeDisk): Promise<Checkpoint> {
  // Where nothing may be written, the older one is read from where it stands.
  await recoverFolder(disk, folder, kind).catch(() => {});
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
