/** The folder of one trained version: its manifest, its tensors, what it was trained on. Written once, as a whole. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import type { Disk, Pieces } from '../../../tensor/files/disk.ts';
import { errorCode } from '../../../tensor/files/fileError.ts';
import type { NamedTensor } from '../../../tensor/files/packs.ts';
import { replaceFolder } from '../../../tensor/files/replaceFolder.ts';
import { safetensorsPieces } from '../../../tensor/files/safetensorsWrite.ts';
import { encodeTrainedOn, type Fingerprint, parseTrainedOn, type TrainedOn } from './fingerprint.ts';
import {
  encodeChecked,
  FileName,
  manifestVersion,
  parseChecked,
  RegistryError,
  sha256Of,
  VersionManifest,
} from './versionManifest.ts';

const manifestName = 'manifest.json';
/** Ids of the episodes and ratings that it was trained on. */
export const trainedOnName = 'trained-on.txt';
/** Tensors of a version, unless it says otherwise. */
export const tensorsName = 'model.safetensors';

/** A version that was just trained. */
export interface NewVersion
  extends Pick<
    VersionManifest,
    'id' | 'kind' | 'parent' | 'dependsOn' | 'created' | 'hyperParameters' | 'metrics' | 'seeds' | 'featureVersion'
  > {
  readonly fingerprint: Fingerprint;
  readonly tensors: readonly NamedTensor[];
  /** More files (a report, an adapter's configuration), by name: letters, digits, `_`, `-`, ending in .json, .txt, .md or .safetensors. */
  readonly others: Readonly<Record<string, Pieces>>;
}

/** Writes the folder, whose parent must be there. Rejects with `DiskError`; then it is not there. */
export async function writeVersion(disk: Disk, folder: string, version: NewVersion): Promise<VersionManifest> {
  const { fingerprint, tensors, others, ...facts } = version;
  const contents: Readonly<Record<string, Pieces>> = {
    [tensorsName]: safetensorsPieces(tensors, { format: 'pt' }),
    [trainedOnName]: [Buffer.from(encodeTrainedOn(fingerprint.trainedOn))],
    ...others,
  };
  const names = Object.keys(contents);
  const odd = names.find((name) => !v.is(FileName, name));
  if (odd !== undefined) throw new TypeError(`A version can’t hold a file named ${odd}.`);
  const kind = { what: 'trained version', names: [manifestName, ...names] } as const;
  const text = await replaceFolder(disk, folder, kind, async (write) => {
    const files: VersionManifest['files'] = [];
    for (const [name, pieces] of Object.entries(contents)) files.push({ name, ...(await write(name, pieces)) });
    const { sha256, episodes, ratings, events } = fingerprint;
    const manifest: VersionManifest = {
      version: manifestVersion,
      ...facts,
      data: { sha256, episodes, ratings, events },
      files,
    };
    const encoded = encodeChecked(manifest);
    await write(manifestName, [Buffer.from(encoded)]);
    return encoded;
  });
  return parseChecked(folder, text, VersionManifest, manifestVersion);
}

/** Rejects with `RegistryError`, or as the disk does. */
export async function readManifest(folder: string, id: string): Promise<VersionManifest> {
  const bytes = await readOrMissing(folder, manifestName);
  const manifest = parseChecked(folder, bytes.toString('utf8'), VersionManifest, manifestVersion);
  if (manifest.id !== id) throw new RegistryError(folder, 'damaged', 'holds the manifest of another version.');
  return manifest;
}

/** All files with their bytes, each checked against the manifest. Rejects like `readManifest`. */
export async function readFiles(
  folder: string,
  manifest: VersionManifest,
): Promise<ReadonlyMap<string, Uint8Array<ArrayBuffer>>> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const listed of manifest.files) files.set(listed.name, await readListed(folder, listed));
  return files;
}

/** What the version was trained on. Rejects like `readManifest`. */
export async function readTrainedOn(folder: string, manifest: VersionManifest): Promise<readonly TrainedOn[]> {
  const listed = manifest.files.find(({ name }) => name === trainedOnName);
  if (!listed) throw new RegistryError(folder, 'damaged', `names no ${trainedOnName}.`);
  return parseTrainedOn(Buffer.from(await readListed(folder, listed)).toString('utf8'));
}

async function readListed(folder: string, listed: VersionManifest['files'][number]): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await readOrMissing(folder, listed.name);
  if (bytes.length !== listed.sizeBytes || sha256Of(bytes) !== listed.sha256) {
    throw new RegistryError(folder, 'damaged', `can’t be used: its ${listed.name} was changed after it was written.`);
  }
  return bytes;
}

async function readOrMissing(folder: string, name: string): Promise<Buffer<ArrayBuffer>> {
  try {
    // Never out of Node's pool of small buffers: tensors are read at offsets from the start.
    const bytes = await readFile(join(folder, name));
    return bytes.byteOffset === 0 ? bytes : Buffer.from(Uint8Array.from(bytes).buffer);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT' && errorCode(error) !== 'ENOTDIR') throw error;
    throw new RegistryError(folder, 'damaged', `can’t be used: its ${name} is missing.`, error);
  }
}

/** Removes everything but what is told of the version. */
export async function removeFiles(disk: Disk, folder: string): Promise<void> {
  for (const name of await disk.list(folder)) if (name !== manifestName) await disk.remove(join(folder, name));
}
