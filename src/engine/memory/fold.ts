/**
 * Folding: journals become part of the snapshot. It works on what is on the disk alone, under the lock:
 *
 *   seal what may be sealed → read → new database → temp file, fsync → keep the old snapshot as `.previous` → rename
 *
 * A folded segment stays until the snapshot *after* the one that took it in is durable. So `.previous` and the segments
 * together always hold everything that was ever acknowledged, and a damaged snapshot loses nothing. The exception is
 * deletion: then the new snapshot becomes `.previous` too, and all that was folded is removed at once.
 */
import { join } from 'node:path';
import type { Clock, Ids, Log } from '../clock.ts';
import { type Base, loadBase, type Problem } from './base.ts';
import { replaceFile, type StoreFiles, writeNew } from './files.ts';
import { type Built, buildDatabase } from './foldDatabase.ts';
import {
  draftSnapshotPrefix,
  keepCopy,
  keepRejected,
  previousName,
  pruneCopies,
  removeCopiesWith,
  shown,
  snapshotName,
} from './folder.ts';
import type { HeldLock } from './lock.ts';
import type { Owner } from './owner.ts';
import { schemaVersion } from './schema.ts';
import { type InvalidRecord, type SegmentFile, segmentPath, segmentsAmong } from './segment.ts';
import { encodeSnapshot, type Folded, readTrailer, type Trailer } from './snapshot.ts';
import { describeDamage, epochOf, type Taken, type TakenSegment, takeSegments } from './takeSegments.ts';

export interface FoldOptions {
  readonly files: StoreFiles;
  readonly folder: string;
  readonly lock: HeldLock;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** This process. */
  readonly owner: Owner;
  /** Live windows' segments are sealed and taken in too. */
  readonly all?: boolean;
  /** The snapshot was found faulty: read all of it, and have SQLite check it even if its checksum is right. */
  readonly distrust?: boolean;
}

export type FoldResult =
  | { readonly type: 'nothing' }
  /** The snapshot belongs to a newer version of Attune; it was not touched. */
  | { readonly type: 'newer' }
  /** The lock was lost meanwhile; nothing was changed. */
  | { readonly type: 'lost' }
  | { readonly type: 'folded'; readonly trailer: Trailer; readonly problems: readonly string[] };

/** Trailers name what was folded in so many generations. */
const rememberedGenerations = 8;

/** Rejects with file system errors; the folder then holds what it held before, or the finished new snapshot. */
export async function fold(options: FoldOptions): Promise<FoldResult> {
  const { files, folder, clock } = options;
  const path = join(folder, snapshotName);
  await removeDrafts(files, folder);
  const seen = options.distrust ? null : await readTrailer(files, path);
  if (seen && seen.schema > schemaVersion) return { type: 'newer' };
  let taken = seen && (await takeSegments({ ...options, all: options.all ?? false, ...seen }));
  if (seen && taken && taken.fresh.length === 0 && taken.foreign.length === 0) {
    await finishPurge(options, seen);
    return { type: 'nothing' };
  }
  const base = await loadBase(files, folder, clock.now(), options.distrust ?? false);
  if (base.type === 'newer') return { type: 'newer' };
  if (base.type === 'rebuilt' || !taken) {
    const known = base.type === 'intact' ? base.trailer : { epoch: base.epoch, folded: [] };
    taken = await takeSegments({ ...options, all: options.all ?? false, ...known });
    if (base.type === 'intact' && taken.fresh.length === 0) return { type: 'nothing' };
  }
  const records = taken.fresh.flatMap(({ content }) => content.records);
  let built: Built;
  try {
    built = await buildDatabase(base, records, clock.now());
  } catch (error) {
    if (options.distrust) throw error;
    // The checksum is right, yet SQLite finds fault: what was written was broken already.
    return fold({ ...options, distrust: true });
  }
  return write(options, base, taken, built);
}

async function write(
  options: FoldOptions,
  base: Base & { type: 'intact' | 'rebuilt' },
  taken: Taken,
  built: Built,
): Promise<FoldResult> {
  const { files, folder, lock } = options;
  const problems = [
    ...(base.type === 'rebuilt' ? base.problems : []),
    ...(await keepDamaged(options, taken.fresh, base.type === 'rebuilt' ? base.invalid : [])),
  ];
  const generation = (base.type === 'intact' ? base.trailer.generation : base.generation) + 1;
  const epoch = base.type === 'intact' ? base.trailer.epoch : (base.epoch ?? epochOf(taken.fresh) ?? options.ids());
  const purge = built.buried.length > 0;
  const parts = encodeSnapshot(built.database, {
    epoch,
    generation,
    folded: foldedNow(base, taken.fresh, generation),
    purgedAt: purge ? generation : base.type === 'intact' ? base.trailer.purgedAt : 0,
  });

  const draft = join(folder, `${draftSnapshotPrefix}${options.ids()}`);
  await writeNew(files, draft, parts);
  if (!(await lock.stillHeld())) {
    await files.remove(draft);
    return { type: 'lost' };
  }
  // Before the rename: done twice after a crash is better than not at all.
  if (purge) await removeCopiesWith(files, folder, built.buried);
  const previous = base.type === 'rebuilt' ? base.previous : 'replace';
  if (previous === 'drop') await files.remove(join(folder, previousName));
  else if (previous === 'replace' && !purge) await keepPrevious(files, folder);
  await files.rename(draft, join(folder, snapshotName));
  await files.syncFolder(folder);

  const trailer = await readTrailer(files, join(folder, snapshotName));
  if (!trailer) throw new Error('the snapshot just written could not be read back');
  await removeSegments(options, trailer, taken.foreign);
  await finishPurge(options, trailer);
  await pruneCopies(files, folder);
  return { type: 'folded', trailer, problems: await sentences(files, problems) };
}

function foldedNow(base: Base, taken: readonly TakenSegment[], generation: number): Folded[] {
  const names = new Set(taken.map(({ file }) => file.name));
  const before = base.type === 'intact' ? base.trailer.folded : [];
  return [
    ...before.filter((one) => one.generation > generation - rememberedGenerations && !names.has(one.name)),
    ...taken.map(({ file, content }) => ({ name: file.name, bytes: content.sizeBytes, generation })),
  ];
}

async function sentences(files: StoreFiles, problems: readonly Problem[]): Promise<string[]> {
  const told: string[] = [];
  for (const { sentence, copy } of problems) {
    if (copy === null) told.push(sentence);
    else if (await files.stat(copy)) told.push(`${sentence} A copy is kept as ${shown(copy)}.`);
    else told.push(`${sentence} No copy is kept, since it held episodes that were deleted.`);
  }
  return told;
}

async function keepDamaged(
  { files, folder, clock }: FoldOptions,
  taken: readonly TakenSegment[],
  alsoInvalid: readonly InvalidRecord[],
): Promise<Problem[]> {
  const problems: Problem[] = [];
  const rejected = alsoInvalid.map((line) => ({ source: snapshotName, ...line }));
  for (const { file, live, content } of taken) {
    rejected.push(...content.invalid.map((line) => ({ source: file.name, ...line })));
    const sentence = describeDamage(content);
    if (sentence === null || (live && content.damagedBytes === 0)) continue;
    const copy = await keepCopy(files, segmentPath(folder, file.name, 'sealed'), 'damaged', clock.now());
    problems.push({ sentence, copy });
  }
  if (rejected.length > 0) {
    const copy = await keepRejected(files, folder, rejected, clock.now());
    const count = rejected.length === 1 ? '1 record was' : `${rejected.length} records were`;
    problems.push({ sentence: `${count} not understood and left out (the first ${rejected[0]!.problem}).`, copy });
  }
  return problems;
}

/** The present snapshot gets a second name; at no moment is there none under the first. */
async function keepPrevious(files: StoreFiles, folder: string): Promise<void> {
  const current = join(folder, snapshotName);
  const previous = join(folder, previousName);
  await files.remove(previous);
  if ((await files.link(current, previous)) === 'unsupported') await files.rename(current, previous);
}

/** Removes the segments that are not needed any more. */
async function removeSegments(
  { files, folder }: FoldOptions,
  trailer: Trailer,
  foreign: readonly SegmentFile[],
): Promise<void> {
  const gone = new Set(foreign.map((file) => file.name));
  for (const one of trailer.folded) {
    if (one.generation < trailer.generation || one.generation <= trailer.purgedAt) gone.add(one.name);
  }
  for (const file of segmentsAmong(await files.list(folder))) {
    if (gone.has(file.name) && file.state === 'sealed') await files.remove(segmentPath(folder, file.name, 'sealed'));
  }
}

/** After a deletion no older snapshot and no folded segment may stay. Does what is left to do of that. */
async function finishPurge(options: FoldOptions, trailer: Trailer): Promise<void> {
  const { files, folder, ids } = options;
  if (trailer.purgedAt === 0) return;
  await removeSegments(options, trailer, []);
  const previous = join(folder, previousName);
  if ((await files.stat(previous)) === null) return;
  const older = await readTrailer(files, previous);
  if (older && older.epoch === trailer.epoch && older.generation >= trailer.purgedAt) return;
  const bytes = await files.read(join(folder, snapshotName));
  if (bytes) await replaceFile(files, folder, previous, join(folder, `${draftSnapshotPrefix}${ids()}`), [bytes]);
}

async function removeDrafts(files: StoreFiles, folder: string): Promise<void> {
  for (const name of await files.list(folder)) {
    if (name.startsWith(draftSnapshotPrefix)) await files.remove(join(folder, name));
  }
}
