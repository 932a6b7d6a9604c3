/**
 * What a training leaves until it is done, in `unfinished/` beside the registry: a note of how far it came, and the layers that are
 * finished, each as a version's folder. Nothing of it is ever served.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { Id, Time } from '../../../protocol/episode.ts';
import { TrainLayer, TrainStage } from '../../../protocol/training.ts';
import { type Disk, replaceFile } from '../../../tensor/files/disk.ts';
import { errorCode } from '../../../tensor/files/fileError.ts';
import type { NamedTensor } from '../../../tensor/files/packs.ts';
import { tensorsIn } from '../../../tensor/files/safetensors.ts';
import { hasEnded, Owner } from '../../memory/owner.ts';
import { ensureFolder } from '../registry/stateFile.ts';
import {
  type NewVersion,
  readFiles,
  readManifest,
  readTrainedOn,
  tensorsName,
  trainedOnName,
  writeVersion,
} from '../registry/versionFolder.ts';
import { encodeChecked, parseChecked, RegistryError } from '../registry/versionManifest.ts';

const noteVersion = 1;
const Note = v.object({
  version: v.literal(noteVersion),
  startedAt: Time,
  at: Time,
  layers: v.array(TrainLayer),
  /** What it was at. */
  stage: TrainStage,
  finished: v.array(TrainStage),
  /** `running`: its process says nothing else; when that is gone, it was interrupted. */
  why: v.picklist(['running', 'cancelled']),
  /** Fingerprint of the data: of other data a finished layer is of no use. */
  data: v.string(),
  /** What served when it began. */
  serving: v.object({ rewardModel: v.nullable(Id), selector: v.nullable(Id) }),
  /** Of each finished layer. */
  ids: v.object({ rewardModel: v.optional(Id), selector: v.optional(Id) }),
  owner: Owner,
});
export type Note = Omit<v.InferOutput<typeof Note>, 'version'>;

const noteName = 'note.json';
const folderIn = (learning: string): string => join(learning, 'unfinished');

/** Null: there is none, or it can't be read. */
export async function readNote(learning: string): Promise<Note | null> {
  try {
    const path = join(folderIn(learning), noteName);
    return parseChecked(path, await readFile(path, 'utf8'), Note, noteVersion);
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || error instanceof RegistryError) return null;
    throw error;
  }
}

/** Rejects with `DiskError`. */
export async function writeNote(disk: Disk, learning: string, note: Note): Promise<void> {
  await ensureFolder(disk, folderIn(learning));
  await replaceFile(disk, join(folderIn(learning), noteName), [
    Buffer.from(encodeChecked({ version: noteVersion, ...note })),
  ]);
}

/** Removes the note and what was finished. */
export const removeUnfinished = (disk: Disk, learning: string): Promise<void> => disk.remove(folderIn(learning));

/** Whether whoever trains still lives. */
export const isRunning = ({ owner, why }: Note): boolean => why === 'running' && !hasEnded(owner);

/** Keeps a finished layer. */
export async function keepLayer(disk: Disk, learning: string, version: NewVersion): Promise<void> {
  await ensureFolder(disk, folderIn(learning));
  const place = join(folderIn(learning), version.kind);
  await disk.remove(place);
  await writeVersion(disk, place, version);
}

/** A layer that was finished, as it would be registered; null: it is not there, or damaged. */
export async function keptLayer(learning: string, kind: TrainLayer, id: string): Promise<NewVersion | null> {
  const place = join(folderIn(learning), kind);
  try {
    const manifest = await readManifest(place, id);
    const files = await readFiles(place, manifest);
    const { values } = tensorsIn(tensorsName, files.get(tensorsName)!);
    const tensors = [...values].map(([name, value]): NamedTensor => ({ name, ...value }));
    const others = [...files].filter(([name]) => name !== tensorsName && name !== trainedOnName);
    const { data, parent, dependsOn, created, hyperParameters, metrics, seeds, featureVersion } = manifest;
    return {
      id,
      kind,
      parent,
      dependsOn,
      created,
      hyperParameters,
      metrics,
      seeds,
      featureVersion,
      fingerprint: { ...data, trainedOn: await readTrainedOn(place, manifest) },
      tensors,
      others: Object.fromEntries(others.map(([name, bytes]) => [name, [bytes]])),
    };
  } catch (error) {
    if (error instanceof RegistryError) return null;
    throw error;
  }
}
