/**
 * The one place that says which version is in which state:
 *
 *   state/0000000041/registry.json, state/0000000042/registry.json, …       the highest number counts
 *
 * A change is a new folder, filled, synced and renamed into place in one step. A folder can't be renamed over another that is
 * not empty, on any system: of two windows that change the same state one fails, and does its step again on the other's result.
 * So a crash at any point leaves the former state or the new, and a damaged file the one before.
 */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import { Id } from '../../../protocol/episode.ts';
import { type Disk, draftPath, draftsOf, writeNew } from '../../../tensor/files/disk.ts';
import { errorCode } from '../../../tensor/files/fileError.ts';
import { emptyLifecycle, type Lifecycle, versionKinds, versionStates } from './lifecycle.ts';
import { encodeChecked, parseChecked, RegistryError } from './versionManifest.ts';

const stateVersion = 1;
const fileName = 'registry.json';
/** Older ones are removed. While this many are kept, nobody can put a state in an older one's place unnoticed. */
const kept = 8;

const State = v.picklist(versionStates);
const StateFile = v.object({
  version: v.literal(stateVersion),
  serving: v.object({ rewardModel: v.nullable(Id), selector: v.nullable(Id), policy: v.nullable(Id) }),
  versions: v.array(
    v.object({
      id: Id,
      kind: v.picklist(versionKinds),
      parent: v.nullable(Id),
      dependsOn: v.array(Id),
      state: State,
      history: v.array(v.object({ state: State, reason: v.string(), at: v.number() })),
      files: v.picklist(['kept', 'removed']),
    }),
  ),
});

export interface ReadState {
  /** Of the newest folder, usable or not; 0: there is none. */
  readonly generation: number;
  readonly lifecycle: Lifecycle;
  /** Folders that can't be used, with what is wrong. */
  readonly damaged: readonly { readonly folder: string; readonly error: RegistryError }[];
}

const nameOf = (generation: number): string => String(generation).padStart(10, '0');

async function generationsIn(disk: Disk, folder: string): Promise<readonly number[]> {
  const names = await disk.list(folder);
  return names.flatMap((name) => (/^\d{10}$/.test(name) ? [Number(name)] : [])).sort((a, b) => b - a);
}

/** Of the newest state; 0: there is none. One look at a folder: cheap enough to do now and then. */
export const newestGeneration = async (disk: Disk, folder: string): Promise<number> =>
  (await generationsIn(disk, folder))[0] ?? 0;

/** The newest state that is whole. Rejects with `RegistryError` when a newer version of Attune wrote it, or as the disk does. */
export async function readState(disk: Disk, folder: string): Promise<ReadState> {
  for (let attempt = 1; ; attempt++) {
    const generations = await generationsIn(disk, folder);
    const damaged: { folder: string; error: RegistryError }[] = [];
    for (const generation of generations) {
      const place = join(folder, nameOf(generation));
      try {
        const { serving, versions } = parseChecked(
          join(place, fileName),
          await readText(place),
          StateFile,
          stateVersion,
        );
        return { generation: generations[0]!, lifecycle: { serving, versions }, damaged };
      } catch (error) {
        if (!(error instanceof RegistryError) || error.reason === 'newer') throw error;
        damaged.push({ folder: place, error });
      }
    }
    // All that was listed may have been removed by another window that went on.
    const unchanged = (await generationsIn(disk, folder))[0] === generations[0];
    if (unchanged || attempt === 5) return { generation: generations[0] ?? 0, lifecycle: emptyLifecycle, damaged };
  }
}

async function readText(place: string): Promise<string> {
  try {
    return await readFile(join(place, fileName), 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') throw new RegistryError(place, 'damaged', `has no ${fileName}.`, error);
    throw error;
  }
}

/**
 * Makes `lifecycle` the state after `generation`. False: another window was faster, and nothing changed. Rejects as the disk
 * does; then the former state stands, or the new one where only the last sync failed.
 */
export async function commitState(
  disk: Disk,
  folder: string,
  generation: number,
  lifecycle: Lifecycle,
): Promise<boolean> {
  const next = generation + 1;
  const place = join(folder, nameOf(next));
  if (((await generationsIn(disk, folder))[0] ?? 0) !== generation) return false;
  const draft = draftPath(place);
  try {
    await disk.makeFolder(draft);
    const text = encodeChecked({ version: stateVersion, ...lifecycle });
    await writeNew(disk, join(draft, fileName), [Buffer.from(text)]);
    await disk.syncFolder(draft);
    await disk.rename(draft, place);
  } catch (error) {
    await disk.remove(draft).catch(() => {});
    const taken = (await generationsIn(disk, folder).catch(() => []))[0] ?? 0;
    if (taken >= next) return false;
    throw error;
  }
  await disk.syncFolder(folder);
  const generations = await generationsIn(disk, folder);
  // Came so late that the place had been taken and removed again: nobody reads it.
  if (generations[0]! - next >= kept) {
    await disk.remove(place).catch(() => {});
    return false;
  }
  await tidy(disk, folder, generations).catch(() => {});
  return true;
}

async function tidy(disk: Disk, folder: string, generations: readonly number[]): Promise<void> {
  for (const old of generations.filter((generation) => generation <= generations[0]! - kept)) {
    await disk.remove(join(folder, nameOf(old)));
  }
  await removeAbandoned(disk, folder);
}

/** Removes drafts in `folder` whose writers were killed. */
export async function removeAbandoned(disk: Disk, folder: string): Promise<void> {
  for (const name of await disk.list(folder)) {
    const target = /^(.+)\.\d+-[0-9a-f]{8}\.draft$/.exec(name)?.[1];
    if (target === undefined) continue;
    for (const draft of await draftsOf(disk, join(folder, target))) if (!draft.alive) await disk.remove(draft.path);
  }
}

/** Makes the folder unless it is there; its parent too. */
export async function ensureFolder(disk: Disk, folder: string): Promise<void> {
  try {
    await disk.makeFolder(folder);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || dirname(folder) === folder) throw error;
    await ensureFolder(disk, dirname(folder));
    await ensureFolder(disk, folder);
  }
}
