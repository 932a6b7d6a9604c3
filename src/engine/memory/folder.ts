/** The names in a store folder, and the copies kept of what was damaged. */
import { basename, dirname, join } from 'node:path';
import { type StoreFiles, writeNew } from './files.ts';

export const snapshotName = 'memory.db';
export const previousName = 'memory.db.previous';
/** Stands while a reset is under way: whoever opens the store finishes it. */
export const resetMarkerName = 'reset-pending';
/** Unfinished files; under the lock any of them is garbage, except segment and lock drafts, which live for an instant. */
export const draftSnapshotPrefix = 'tmp-snapshot-';

const copyPattern = /\.(damaged|corrupt)-\d{8}T\d{9}Z(-\d+)?$|^rejected-records-/;
const ownPattern = /^(journal-|memory\.db|rejected-records-|vectors-.*\.bin|tmp-)/;
const mostCopies = 12;

/** Is it a copy of something damaged, or a file of rejected records? */
export function isCopy(name: string): boolean {
  return copyPattern.test(name);
}

/** May hold something of the memory's content, vectors included. */
export function holdsMemory(name: string): boolean {
  return ownPattern.test(name);
}

/** `20251231T235959999Z`: sorts by time, and Windows allows it in names. */
export function stamp(timeMs: number): string {
  return new Date(timeMs).toISOString().replace(/[-:.]/g, '');
}

async function freePath(files: StoreFiles, path: string): Promise<string> {
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? path : `${path}-${number}`;
    if ((await files.stat(candidate)) === null) return candidate;
  }
}

/**
 * Keeps what `path` holds under another name, durably, and returns that; null when it is gone. A copy of the same bytes
 * that is there already, from a fold that did not come to its end, is used again.
 */
export async function keepCopy(
  files: StoreFiles,
  path: string,
  why: 'damaged' | 'corrupt',
  nowMs: number,
): Promise<string | null> {
  const bytes = await files.read(path);
  if (!bytes) return null;
  for (const name of await files.list(dirname(path))) {
    if (!name.startsWith(`${basename(path)}.${why}-`)) continue;
    const there = await files.read(join(dirname(path), name));
    if (there?.equals(bytes)) return join(dirname(path), name);
  }
  const copy = await freePath(files, `${path}.${why}-${stamp(nowMs)}`);
  await writeNew(files, copy, [bytes]);
  return copy;
}

/** Keeps lines that are no valid records, and returns the file's path. */
export async function keepRejected(
  files: StoreFiles,
  folder: string,
  lines: readonly { readonly source: string; readonly problem: string; readonly json: string }[],
  nowMs: number,
): Promise<string> {
  const path = await freePath(files, join(folder, `rejected-records-${stamp(nowMs)}.jsonl`));
  await writeNew(files, path, [Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))]);
  return path;
}

/** Only the newest copies are kept: each is as long as a journal or a snapshot. */
export async function pruneCopies(files: StoreFiles, folder: string): Promise<void> {
  const copies: { readonly path: string; readonly modifiedMs: number }[] = [];
  for (const name of await files.list(folder)) {
    if (!isCopy(name)) continue;
    const stat = await files.stat(join(folder, name));
    if (stat) copies.push({ path: join(folder, name), modifiedMs: stat.modifiedMs });
  }
  copies.sort((a, b) => b.modifiedMs - a.modifiedMs || (a.path < b.path ? 1 : -1));
  for (const copy of copies.slice(mostCopies)) await files.remove(copy.path);
}

/** Removes the copies in which one of `ids` occurs: what was deleted must not live on in them. */
export async function removeCopiesWith(files: StoreFiles, folder: string, ids: readonly string[]): Promise<void> {
  for (const name of await files.list(folder)) {
    if (!isCopy(name)) continue;
    const path = join(folder, name);
    const bytes = await files.read(path);
    if (bytes && ids.some((id) => bytes.includes(id))) await files.remove(path);
  }
}

/** For sentences: the user finds it in the memory's folder. */
export function shown(path: string): string {
  return basename(path);
}
