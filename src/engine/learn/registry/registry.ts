/**
 * Every trained version of one workspace, shared by all its windows:
 *
 *   state/       which version is in which state (see `stateFile.ts`)
 *   versions/    a folder each: manifest, tensors, what it was trained on
 *   logs/        a folder each, with TensorBoard's event files
 *   quarantine/  what was found damaged
 */
import { join } from 'node:path';
import { asDiskError, type Disk, nodeDisk } from '../../../tensor/files/disk.ts';
import type { Clock } from '../../clock.ts';
import { isAmong, type TrainedOn } from './fingerprint.ts';
import {
  apply,
  find,
  isIn,
  type Lifecycle,
  type Refusal,
  refusalMessage,
  removable,
  type Step,
  type VersionEntry,
  type VersionKind,
} from './lifecycle.ts';
import { commitState, ensureFolder, newestGeneration, readState, removeAbandoned } from './stateFile.ts';
import { type NewVersion, readFiles, readManifest, readTrainedOn, removeFiles, writeVersion } from './versionFolder.ts';
import { RegistryError, type VersionManifest } from './versionManifest.ts';

export interface Version {
  readonly entry: VersionEntry;
  /** Null: it was damaged, see the entry's history. */
  readonly manifest: VersionManifest | null;
}

/** By name, checked. */
export type VersionFiles = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

export interface LoadedVersion {
  readonly manifest: VersionManifest;
  readonly files: VersionFiles;
}

export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusal: Refusal; readonly message: string };

/** All reject with `DiskError`, or with a `RegistryError` when a newer version of Attune wrote the registry. */
export interface Registry {
  /** In the order in which they came. */
  list(): Promise<readonly Version[]>;
  lifecycle(): Promise<Lifecycle>;
  /** Changes with every change of the state, by whatever window; 0: nothing was registered yet. */
  generation(): Promise<number>;
  /** Writes the version and makes it a candidate. Until all of it is on the disk nothing of it is seen. */
  register(version: NewVersion, reason: string): Promise<Result<VersionManifest>>;
  /**
   * Checks the files and lets `use` load them, then puts the candidate in place of what serves. When it can't be loaded it stays a
   * candidate.
   */
  promote(id: string, reason: string, use?: (version: LoadedVersion) => Promise<void>): Promise<Result<Lifecycle>>;
  reject(id: string, reason: string): Promise<Result<Lifecycle>>;
  rollBack(kind: VersionKind, reason: string): Promise<Result<Lifecycle>>;
  switchOff(kind: VersionKind, reason: string): Promise<Result<Lifecycle>>;
  /**
   * Marks versions stale whose training data holds one of `changed`: ids of ratings that no longer stand, or of episodes that were
   * deleted (see `changedSince`). Returns their ids.
   */
  markStale(changed: ReadonlySet<string>, reason: string): Promise<readonly string[]>;
  /** What a version was trained on; null when it can't be read any more. */
  trainedOn(id: string): Promise<readonly TrainedOn[] | null>;
  /** What serves, checked; of damaged ones the nearest forebear that is whole. Null: nothing. */
  loadServing(kind: VersionKind): Promise<LoadedVersion | null>;
  /** A version with its files, whatever its state. */
  load(id: string): Promise<Result<LoadedVersion>>;
  /** Where its event files go; made if absent. */
  logFolder(id: string): Promise<string>;
  /** Removes everything, for good; windows that look then find that nothing serves. */
  clear(): Promise<void>;
  /** Removes files of idle versions beyond the newest `keep` of each kind, and what killed processes left. Returns their ids. */
  collect(keep: number): Promise<readonly string[]>;
}

export interface RegistryOptions {
  /** Made if absent. */
  readonly folder: string;
  readonly clock: Clock;
  /** Something was damaged: what, and what to do. */
  readonly onProblem: (message: string) => void;
  readonly disk?: Disk;
}

/** Each lost race is another window's success: so many in a row don't happen. */
const mostAttempts = 50;
/** A folder that nobody registered is a crash's, once its training would have ended long ago. */
const orphanAgeMs = 24 * 3600 * 1000;

export function openRegistry({ folder, clock, onProblem, disk = nodeDisk }: RegistryOptions): Registry {
  const states = join(folder, 'state');
  const versions = join(folder, 'versions');
  const quarantine = join(folder, 'quarantine');
  const folderOf = (id: string): string => join(versions, id);

  const prepare = async (): Promise<void> => {
    for (const part of [states, versions]) await ensureFolder(disk, part);
  };

  const reported = new Set<string>();
  async function read() {
    const state = await readState(disk, states);
    for (const { folder: place, error } of state.damaged) {
      if (reported.has(place)) continue;
      reported.add(place);
      onProblem(`${error.message} What was known before its last change is used.`);
    }
    return state;
  }

  const refused = (refusal: Refusal) => ({ ok: false, refusal, message: refusalMessage(refusal) }) as const;

  /** The steps one after another, in one change of the state; each sees what other windows did before. */
  async function change(stepsOf: (lifecycle: Lifecycle) => readonly Step[]): Promise<Result<Lifecycle>> {
    await prepare();
    for (let attempt = 1; ; attempt++) {
      const state = await read();
      let lifecycle = state.lifecycle;
      for (const step of stepsOf(lifecycle)) {
        const result = apply(lifecycle, step);
        if (!result.ok) return refused(result.refusal);
        lifecycle = result.lifecycle;
      }
      if (lifecycle === state.lifecycle) return { ok: true, value: lifecycle };
      if (await commitState(disk, states, state.generation, lifecycle)) {
        // Once there is a state above them, they can go.
        for (const one of state.damaged) await toQuarantine(one.folder);
        return { ok: true, value: lifecycle };
      }
      if (attempt === mostAttempts) throw new Error(`The registry changed ${mostAttempts} times meanwhile.`);
    }
  }

  async function toQuarantine(path: string): Promise<void> {
    try {
      await ensureFolder(disk, quarantine);
      const name = path.split(/[\\/]/).at(-1)!;
      const there = new Set(await disk.list(quarantine));
      let free = name;
      for (let number = 2; there.has(free); number++) free = `${name}-${number}`;
      await disk.rename(path, join(quarantine, free));
    } catch {
      // It stays where it is; its state keeps it from being used.
    }
  }

  /** Reads something of a version; when it is damaged, it is rejected, set aside and null. */
  async function orSetAside<T>(id: string, action: () => Promise<T>): Promise<T | null> {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof RegistryError) || error.reason === 'newer') throw error;
      // Another window may have removed its files since.
      const entry = find((await read()).lifecycle, id);
      if (!entry || entry.files === 'removed') return null;
      const reason = `Damaged: ${error.message}`;
      await change(() => [{ type: 'damaged', id, reason, at: clock.now() }]);
      onProblem(error.message);
      await toQuarantine(folderOf(id));
      return null;
    }
  }

  const loaded = async (id: string): Promise<LoadedVersion> => {
    const manifest = await readManifest(folderOf(id), id);
    return { manifest, files: await readFiles(folderOf(id), manifest) };
  };

  async function load(id: string): Promise<Result<LoadedVersion>> {
    const entry = find((await read()).lifecycle, id);
    if (!entry) return refused({ type: 'unknown', id });
    if (entry.files === 'removed') return refused({ type: 'filesRemoved', id });
    const version = await orSetAside(id, () => loaded(id));
    if (version) return { ok: true, value: version };
    return refused({ type: 'cannotLoad', id, message: 'Its files are damaged. Train again.' });
  }

  const trainedOn = async (id: string): Promise<readonly TrainedOn[] | null> =>
    orSetAside(id, async () => readTrainedOn(folderOf(id), await readManifest(folderOf(id), id)));

  const registry: Registry = {
    async list() {
      const { lifecycle } = await read();
      const manifests = new Map<string, VersionManifest | null>();
      for (const { id, files } of lifecycle.versions) {
        const manifest = () => readManifest(folderOf(id), id);
        // Of one whose files are gone, nothing more can be lost.
        manifests.set(id, files === 'kept' ? await orSetAside(id, manifest) : await manifest().catch(() => null));
      }
      const { versions: now } = (await read()).lifecycle;
      return now.map((entry) => ({ entry, manifest: manifests.get(entry.id) ?? null }));
    },
    lifecycle: async () => (await read()).lifecycle,
    generation: () => newestGeneration(disk, states),
    async register(version, reason) {
      await prepare();
      const { id, kind, parent, dependsOn } = version;
      const step: Step = { type: 'register', id, kind, parent, dependsOn, reason, at: clock.now() };
      const possible = apply((await read()).lifecycle, step);
      if (!possible.ok) return refused(possible.refusal);
      const manifest = await writeVersion(disk, folderOf(id), version);
      const result = await change(() => [step]);
      if (!result.ok) {
        await disk.remove(folderOf(id)).catch(() => {});
        return result;
      }
      return { ok: true, value: manifest };
    },
    async promote(id, reason, use) {
      const entry = find((await read()).lifecycle, id);
      if (!entry) return refused({ type: 'unknown', id });
      if (!isIn(entry, 'candidate')) {
        return refused({ type: 'wrongState', id, state: entry.state, wanted: 'candidate' });
      }
      const version = await load(id);
      if (!version.ok) return version;
      try {
        await use?.(version.value);
      } catch (error) {
        return refused({ type: 'cannotLoad', id, message: error instanceof Error ? error.message : String(error) });
      }
      return change(() => [{ type: 'promote', id, reason, at: clock.now() }]);
    },
    reject: (id, reason) => change(() => [{ type: 'reject', id, reason, at: clock.now() }]),
    rollBack: (kind, reason) => change(() => [{ type: 'rollBack', kind, reason, at: clock.now() }]),
    switchOff: (kind, reason) => change(() => [{ type: 'switchOff', kind, reason, at: clock.now() }]),
    async markStale(changed, reason) {
      const before = (await read()).lifecycle;
      const ids: string[] = [];
      for (const { id, files, state } of before.versions) {
        if (files === 'removed' || state === 'stale' || state === 'rejected') continue;
        if (isAmong((await trainedOn(id)) ?? [], changed)) ids.push(id);
      }
      if (ids.length === 0) return [];
      const result = await change(() => [{ type: 'outdate', ids, reason, at: clock.now() }]);
      if (!result.ok) return [];
      const isNew = (entry: VersionEntry): boolean => isIn(entry, 'stale') && find(before, entry.id)?.state !== 'stale';
      return result.value.versions.filter(isNew).map(({ id }) => id);
    },
    trainedOn,
    async loadServing(kind) {
      for (;;) {
        const id = (await read()).lifecycle.serving[kind];
        if (id === null) return null;
        const version = await load(id);
        if (version.ok) return version.value;
        // Rejected by `load`, so that another serves now.
        if ((await read()).lifecycle.serving[kind] === id) return null;
      }
    },
    load,
    async logFolder(id) {
      const path = join(folder, 'logs', id);
      await ensureFolder(disk, path);
      return path;
    },
    clear: () => disk.remove(folder),
    async collect(keep) {
      let ids: readonly string[] = [];
      const result = await change((lifecycle) => {
        ids = removable(lifecycle, keep);
        return ids.length === 0 ? [] : [{ type: 'removeFiles', ids }];
      });
      if (!result.ok) return [];
      // First the state, then the files: what is half removed is never used. What a crash left of earlier ones goes, too.
      for (const { id, files } of result.value.versions) {
        if (files === 'kept') continue;
        await removeFiles(disk, folderOf(id));
        await disk.remove(join(folder, 'logs', id));
      }
      for (const part of [states, versions]) await removeAbandoned(disk, part);
      await removeOrphans(result.value);
      return ids;
    },
  };

  async function removeOrphans(lifecycle: Lifecycle): Promise<void> {
    // Where states were lost, what looks like an orphan may have been a version.
    if ((await disk.list(quarantine)).some((name) => /^\d{10}/.test(name))) return;
    for (const part of [versions, join(folder, 'logs')]) {
      for (const name of await disk.list(part)) {
        if (find(lifecycle, name) || !isOld(name, clock.now())) continue;
        await disk.remove(join(part, name));
      }
    }
  }

  return withDiskErrors(registry, folder);
}

/** The first 48 bits of a UUIDv7 are the milliseconds of its creation. */
function isOld(name: string, nowMs: number): boolean {
  if (!/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(name)) return false;
  return nowMs - Number.parseInt(name.slice(0, 8) + name.slice(9, 13), 16) > orphanAgeMs;
}

/** System errors of all methods become `DiskError`s. */
function withDiskErrors(registry: Registry, folder: string): Registry {
  const guard =
    <A extends readonly unknown[], R>(method: (...parameters: A) => Promise<R>) =>
    (...parameters: A): Promise<R> =>
      method(...parameters).catch((error: unknown) => {
        throw asDiskError(folder, error);
      });
  return {
    list: guard(registry.list),
    lifecycle: guard(registry.lifecycle),
    generation: guard(registry.generation),
    register: guard(registry.register),
    promote: guard(registry.promote),
    reject: guard(registry.reject),
    rollBack: guard(registry.rollBack),
    switchOff: guard(registry.switchOff),
    markStale: guard(registry.markStale),
    trainedOn: guard(registry.trainedOn),
    loadServing: guard(registry.loadServing),
    load: guard(registry.load),
    logFolder: guard(registry.logFolder),
    clear: guard(registry.clear),
    collect: guard(registry.collect),
  };
}
