import { watch } from 'node:fs';
import { type FileHandle, link, mkdir, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { patiently } from '../../tensor/files/patiently.ts';
import { errorCode } from './storeError.ts';

/** A file that is written at explicit positions. */
export interface WritableFile {
  /** Writes all of `bytes` at `position`. */
  write(bytes: Uint8Array, position: number): Promise<void>;
  /** Returns when the content and the size are on the disk. */
  sync(): Promise<void>;
  truncate(sizeBytes: number): Promise<void>;
  close(): Promise<void>;
}

/** What the store needs of a file system; tests put full disks and power cuts behind it. */
export interface StoreFiles {
  makeFolder(path: string): Promise<void>;
  /** Names in the folder; empty when it is absent. */
  list(folder: string): Promise<string[]>;
  stat(path: string): Promise<{ readonly sizeBytes: number; readonly modifiedMs: number } | null>;
  /** From `from` for at most `lengthBytes`; null when absent. */
  read(path: string, from?: number, lengthBytes?: number): Promise<Buffer | null>;
  /** Makes a new file; fails with EEXIST when there is one. */
  create(path: string): Promise<WritableFile>;
  /** Opens an existing file for writing at positions. */
  reopen(path: string): Promise<WritableFile>;
  /** Replaces `to`. False when `from` is absent. */
  rename(from: string, to: string): Promise<boolean>;
  /** A second name for the same content. `exists`: `to` was there; `unsupported`: this file system has no links. */
  link(from: string, to: string): Promise<'linked' | 'exists' | 'missing' | 'unsupported'>;
  /** False when absent. */
  remove(path: string): Promise<boolean>;
  touch(path: string): Promise<void>;
  /** Makes creations, renames and removals in the folder durable, where the system can. */
  syncFolder(folder: string): Promise<void>;
  /** Calls `listener` with a changed name, or null when unknown. Returns the end of it, or null when it can't watch. */
  watch(folder: string, listener: (name: string | null) => void): (() => void) | null;
}

/** Runs `action`; ENOENT becomes `otherwise`. */
async function unlessMissing<T>(action: () => Promise<T>, otherwise: T): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return otherwise;
    throw error;
  }
}

function writable(handle: FileHandle): WritableFile {
  return {
    async write(bytes, position) {
      let done = 0;
      while (done < bytes.length) {
        const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
        done += bytesWritten;
      }
    },
    sync: () => handle.datasync(),
    truncate: (sizeBytes) => handle.truncate(sizeBytes),
    close: () => handle.close(),
  };
}

async function readPart(path: string, from: number, lengthBytes: number | undefined): Promise<Buffer> {
  const handle = await open(path, 'r');
  try {
    const available = Math.max(0, (await handle.stat()).size - from);
    const buffer = Buffer.allocUnsafe(Math.min(available, lengthBytes ?? available));
    let done = 0;
    while (done < buffer.length) {
      const { bytesRead } = await handle.read(buffer, done, buffer.length - done, from + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return buffer.subarray(0, done);
  } finally {
    await handle.close();
  }
}

/** The real file system. */
export const nodeFiles: StoreFiles = {
  async makeFolder(path) {
    await mkdir(path, { recursive: true });
  },
  list: (folder) => unlessMissing(() => readdir(folder), []),
  stat: (path) =>
    unlessMissing(async () => {
      const found = await stat(path);
      return { sizeBytes: found.size, modifiedMs: found.mtimeMs };
    }, null),
  // `readFile` reads in pieces of 512 kB, each through the thread pool: a third slower for a snapshot.
  read: (path, from = 0, lengthBytes) => unlessMissing<Buffer | null>(() => readPart(path, from, lengthBytes), null),
  create: async (path) => writable(await open(path, 'wx')),
  reopen: async (path) => writable(await open(path, 'r+')),
  rename: (from, to) =>
    unlessMissing(async () => {
      await patiently(() => rename(from, to));
      return true;
    }, false),
  async link(from, to) {
    try {
      await link(from, to);
      return 'linked';
    } catch (error) {
      const code = errorCode(error);
      return code === 'EEXIST' ? 'exists' : code === 'ENOENT' ? 'missing' : 'unsupported';
    }
  },
  remove: (path) =>
    unlessMissing(async () => {
      await patiently(() => rm(path));
      return true;
    }, false),
  async touch(path) {
    const now = new Date();
    await unlessMissing(() => utimes(path, now, now), undefined);
  },
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
  watch(folder, listener) {
    try {
      const watcher = watch(folder, { persistent: false }, (_event, name) => listener(name));
      watcher.on('error', () => watcher.close());
      return () => watcher.close();
    } catch {
      return null;
    }
  },
};

/** Writes `bytes` so that `path` holds either its old content or all of the new, durably once this returns. */
export async function replaceFile(
  files: StoreFiles,
  folder: string,
  path: string,
  temporary: string,
  parts: readonly Uint8Array[],
): Promise<void> {
  await writeNew(files, temporary, parts);
  await files.rename(temporary, path);
  await files.syncFolder(folder);
}

/** Makes `path` with this content and syncs it. Leaves nothing behind when it fails. */
export async function writeNew(files: StoreFiles, path: string, parts: readonly Uint8Array[]): Promise<void> {
  await files.remove(path);
  const file = await files.create(path);
  try {
    let position = 0;
    for (const part of parts) {
      await file.write(part, position);
      position += part.length;
    }
    await file.sync();
  } catch (error) {
    await file.close().catch(() => {});
    await files.remove(path).catch(() => false);
    throw error;
  }
  await file.close();
}
