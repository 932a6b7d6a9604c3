/** Writing files and folders so that a crash or a full disk leaves the old content or all of the new. */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DiskError, errorCode, ModelFileError } from './fileError.ts';
import { patiently } from './patiently.ts';

/** A file being filled from its start. */
export interface NewFile {
  write(bytes: Uint8Array): Promise<void>;
  /** Returns when the content is on the disk. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** What writing needs of a file system; tests put faults behind it. All reject as Node does. */
export interface Disk {
  /** Fails when it is there. */
  makeFolder(path: string): Promise<void>;
  /** Names in the folder; empty when it is absent. */
  list(folder: string): Promise<readonly string[]>;
  /** Fails when the file is there. */
  create(path: string): Promise<NewFile>;
  /** Replaces a file at `to`, not a folder. */
  rename(from: string, to: string): Promise<void>;
  /** A file, or a folder with all that is in it; no failure when absent. */
  remove(path: string): Promise<void>;
  /** Makes creations, renames and removals in the folder durable, where the system can. */
  syncFolder(folder: string): Promise<void>;
}

/** One `write` of the system takes less than 2 GiB; small pieces also let other work of the process through. */
const pieceBytes = 64 * 2 ** 20;

/** The real file system. */
export const nodeDisk: Disk = {
  async makeFolder(path) {
    await mkdir(path);
  },
  async list(folder) {
    try {
      return await readdir(folder);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return [];
      throw error;
    }
  },
  async create(path) {
    const handle = await open(path, 'wx');
    return {
      async write(bytes) {
        for (let done = 0; done < bytes.length; ) {
          const { bytesWritten } = await handle.write(bytes, done, Math.min(bytes.length - done, pieceBytes));
          done += bytesWritten;
        }
      },
      sync: () => handle.sync(),
      close: () => handle.close(),
    };
  },
  rename: (from, to) => patiently(() => rename(from, to)),
  remove: (path) => patiently(() => rm(path, { recursive: true, force: true })),
  async syncFolder(folder) {
    // Windows has no fsync of folders; NTFS journals its own metadata.
    if (process.platform === 'win32') return;
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
};

/** What a file came to. */
export interface WrittenFile {
  readonly sizeBytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** The content of a file, in order; each piece is asked for when the one before it is written. */
export type Pieces = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** Makes the file, fills and syncs it. Leaves nothing behind when it rejects, with the disk's own error. */
export async function writeNew(disk: Disk, path: string, pieces: Pieces): Promise<WrittenFile> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const file = await disk.create(path);
  try {
    try {
      for await (const piece of pieces) {
        hash.update(piece);
        sizeBytes += piece.length;
        await file.write(piece);
      }
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    await disk.remove(path).catch(() => {});
    throw error;
  }
  return { sizeBytes, sha256: hash.digest('hex') };
}

/**
 * Writes a file that holds its old content until all of the new is on the disk. Rejects with `DiskError`, or with what
 * `pieces` threw; the old content is then untouched and nothing else is left in the folder.
 */
export async function replaceFile(disk: Disk, path: string, pieces: Pieces): Promise<WrittenFile> {
  try {
    await removeAbandoned(disk, path);
    const draft = draftPath(path);
    const written = await writeNew(disk, draft, pieces);
    try {
      await disk.rename(draft, path);
    } catch (error) {
      await disk.remove(draft).catch(() => {});
      throw error;
    }
    await disk.syncFolder(dirname(path));
    return written;
  } catch (error) {
    throw asDiskError(path, error);
  }
}

/** System errors become `DiskError`; all others pass through. */
export function asDiskError(path: string, error: unknown): unknown {
  return error instanceof ModelFileError || errorCode(error) === '' ? error : new DiskError(path, error);
}

/** A name beside `path` to write to; it carries the writer's process id, so that it is known when nobody needs it. */
export const draftPath = (path: string): string => `${path}.${process.pid}-${randomUUID().slice(0, 8)}.draft`;

/** Names of the drafts of `path` in its folder, and whether their writers live. */
export async function draftsOf(
  disk: Disk,
  path: string,
): Promise<readonly { readonly path: string; readonly alive: boolean }[]> {
  const prefix = `${basename(path)}.`;
  const drafts = [];
  for (const name of await disk.list(dirname(path))) {
    const pid = name.startsWith(prefix) ? /^(\d+)-[0-9a-f]{8}\.draft$/.exec(name.slice(prefix.length))?.[1] : undefined;
    if (pid !== undefined) drafts.push({ path: join(dirname(path), name), alive: isAlive(Number(pid)) });
  }
  return drafts;
}

/** Removes drafts that a killed process left. */
async function removeAbandoned(disk: Disk, path: string): Promise<void> {
  for (const draft of await draftsOf(disk, path)) {
    if (!draft.alive) await disk.remove(draft.path);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}
