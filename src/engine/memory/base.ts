/** What a fold starts from: the snapshot, or, when it is missing or damaged, all that can be saved. */
import { join } from 'node:path';
import type { StoreFiles } from './files.ts';
import { keepCopy, previousName, snapshotName } from './folder.ts';
import type { InvalidRecord, SizedRecord } from './segment.ts';
import {
  decodeSnapshot,
  migrated,
  quickCheck,
  readRecords,
  type Snapshot,
  type SnapshotContent,
  salvage,
  type Tombstone,
  type Trailer,
} from './snapshot.ts';
import { withDatabase } from './sqlite.ts';

/** A sentence for the user, and the copy kept of what it is about. */
export interface Problem {
  readonly sentence: string;
  readonly copy: string | null;
}

export type Base =
  /** The database of the snapshot, intact. */
  | { readonly type: 'intact'; readonly database: Uint8Array; readonly trailer: Trailer }
  /** Made from pieces; every segment in the folder must be read again, whatever a trailer said. */
  | {
      readonly type: 'rebuilt';
      readonly records: readonly SizedRecord[];
      readonly tombstones: readonly Tombstone[];
      readonly invalid: readonly InvalidRecord[];
      /** Null: not even that is known. */
      readonly epoch: string | null;
      readonly generation: number;
      readonly problems: readonly Problem[];
      /** What becomes of `.previous`: it is good and stays; the present snapshot takes its place; it is worth nothing. */
      readonly previous: 'keep' | 'replace' | 'drop';
    }
  | { readonly type: 'newer'; readonly version: number };

/**
 * Reads it under the lock. Damaged files are copied first; a copy that can't be written rejects (disk full). `distrust`:
 * have SQLite check a snapshot whose checksum is right, too.
 */
export async function loadBase(files: StoreFiles, folder: string, nowMs: number, distrust: boolean): Promise<Base> {
  const path = join(folder, snapshotName);
  const bytes = await files.read(path);
  if (!bytes) return fromPrevious(files, folder, nowMs, null);
  const snapshot = decodeSnapshot(bytes);
  switch (snapshot.type) {
    case 'newer':
      return { type: 'newer', version: snapshot.version };
    case 'good': {
      const fault = distrust ? await faultOf(snapshot.database) : null;
      if (fault === null) return { type: 'intact', database: snapshot.database, trailer: snapshot.trailer };
      return fromPrevious(files, folder, nowMs, { path, ...snapshot, why: fault });
    }
    case 'old': {
      try {
        const content = await readRecords(Buffer.from(await migrated(snapshot.database)));
        // Version 1 had no epochs and no generations.
        return { type: 'rebuilt', ...content, epoch: null, generation: 0, problems: [], previous: 'replace' };
      } catch (error) {
        const why = `it could not be brought from version ${snapshot.version} to this one (${messageOf(error)})`;
        return fromPrevious(files, folder, nowMs, { path, ...snapshot, trailer: null, why });
      }
    }
    case 'damaged':
      return fromPrevious(files, folder, nowMs, { path, ...snapshot });
  }
}

interface Broken {
  readonly path: string;
  readonly database: Buffer;
  readonly trailer: Trailer | null;
  readonly why: string;
}

async function fromPrevious(files: StoreFiles, folder: string, nowMs: number, broken: Broken | null): Promise<Base> {
  const records: SizedRecord[] = [];
  const tombstones: Tombstone[] = [];
  const invalid: InvalidRecord[] = [];
  const problems: Problem[] = [];
  const add = (content: SnapshotContent): number => {
    records.push(...content.records);
    tombstones.push(...content.tombstones);
    invalid.push(...content.invalid);
    return content.records.length;
  };
  if (broken) {
    const copy = await keepCopy(files, broken.path, 'corrupt', nowMs);
    const count = add(await salvage(broken.database));
    problems.push({
      sentence:
        `The memory's snapshot was damaged (${broken.why}). ${count} records could be read from it; the previous ` +
        'snapshot and the journals were read as well.',
      copy,
    });
  }
  const path = join(folder, previousName);
  const bytes = await files.read(path);
  const previous = bytes && decodeSnapshot(bytes);
  const trailer = previous?.type === 'good' || previous?.type === 'damaged' ? previous.trailer : null;
  if (previous?.type === 'damaged') {
    const copy = await keepCopy(files, path, 'corrupt', nowMs);
    const count = add(await salvage(previous.database));
    const sentence = `The previous snapshot was damaged too (${previous.why}); ${count} records could be read from it.`;
    problems.push({ sentence, copy });
  } else if (previous) {
    add(await contentOf(previous));
    const sentence = "The memory's snapshot was missing; the previous one and the journals were used instead.";
    if (!broken) problems.push({ sentence, copy: null });
  } else if (broken) {
    problems.push({ sentence: 'There was no previous snapshot to fall back on.', copy: null });
  }
  return {
    type: 'rebuilt',
    records,
    tombstones,
    invalid,
    epoch: broken?.trailer?.epoch ?? trailer?.epoch ?? null,
    generation: Math.max(broken?.trailer?.generation ?? 0, trailer?.generation ?? 0),
    problems,
    previous: previous && previous.type !== 'damaged' ? 'keep' : 'drop',
  };
}

async function contentOf(snapshot: Exclude<Snapshot, { type: 'damaged' }>): Promise<SnapshotContent> {
  try {
    return await readRecords(
      snapshot.type === 'old' ? Buffer.from(await migrated(snapshot.database)) : snapshot.database,
    );
  } catch {
    return salvage(snapshot.database);
  }
}

async function faultOf(database: Buffer): Promise<string | null> {
  try {
    await withDatabase(database, quickCheck);
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
