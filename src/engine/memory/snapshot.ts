/**
 * The snapshot file: an SQLite database, then a trailer (JSON), then a foot of 16 bytes. The trailer's checksum covers
 * the whole database, so damage anywhere in it is noticed, which SQLite's own integrity check does not do. SQLite tools
 * ignore what stands behind the database.
 */
import { crc32 } from 'node:zlib';
import type { Database } from 'sql.js';
import * as v from 'valibot';
import { Id, type MemoryRecord } from '../../protocol/episode.ts';
import type { StoreFiles } from './files.ts';
import { migrate, schemaVersion } from './schema.ts';
import { checkRecord, type InvalidRecord, type SizedRecord } from './segment.ts';
import { isTrap, withDatabase } from './sqlite.ts';

/** A segment whose records, up to `bytes`, are in the snapshots from `generation` on. */
export const Folded = v.object({ name: v.string(), bytes: v.number(), generation: v.number() });
export type Folded = v.InferOutput<typeof Folded>;

export const Trailer = v.object({
  epoch: v.string(),
  generation: v.number(),
  schema: v.number(),
  /** Length and CRC-32 of the database. */
  databaseBytes: v.number(),
  crc: v.number(),
  /** Of the last generations; a window that saw the first of them needs not read the database again. */
  folded: v.array(Folded),
  /** Generation of the last snapshot out of which text was removed: nothing older may stay on the disk. */
  purgedAt: v.number(),
});
export type Trailer = v.InferOutput<typeof Trailer>;

/** An episode that was removed for good, and when it was asked for. */
export interface Tombstone {
  readonly episodeId: string;
  readonly at: number;
}

export interface SnapshotContent {
  readonly records: readonly SizedRecord[];
  readonly tombstones: readonly Tombstone[];
  readonly invalid: readonly InvalidRecord[];
}

const footMagic = Buffer.from('ATTUNES1', 'latin1');
const footBytes = 16;
const sqliteMagic = Buffer.from('SQLite format 3\0', 'latin1');
const userVersionOffset = 60;

/** What a snapshot's bytes turned out to be. */
export type Snapshot =
  | { readonly type: 'good'; readonly database: Buffer; readonly trailer: Trailer }
  /** Written by a version before trailers: to be migrated. */
  | { readonly type: 'old'; readonly database: Buffer; readonly version: number }
  | { readonly type: 'newer'; readonly database: Buffer; readonly version: number }
  | { readonly type: 'damaged'; readonly database: Buffer; readonly trailer: Trailer | null; readonly why: string };

/** The parts of a snapshot file, to be written one after the other. */
export function encodeSnapshot(
  database: Uint8Array,
  about: Omit<Trailer, 'schema' | 'databaseBytes' | 'crc'>,
): Uint8Array[] {
  const trailer: Trailer = { ...about, schema: schemaVersion, databaseBytes: database.length, crc: crc32(database) };
  const json = Buffer.from(JSON.stringify(trailer));
  const foot = Buffer.alloc(footBytes);
  foot.writeUInt32LE(json.length, 0);
  foot.writeUInt32LE(crc32(json), 4);
  footMagic.copy(foot, 8);
  return [database, json, foot];
}

/** Sorts out what `bytes` are. Never throws. */
export function decodeSnapshot(bytes: Buffer): Snapshot {
  const trailer = trailerIn(bytes, bytes.length);
  const isSqlite = bytes.subarray(0, sqliteMagic.length).equals(sqliteMagic) && bytes.length >= 100;
  if (trailer) {
    const database = bytes.subarray(0, trailer.databaseBytes);
    if (crc32(database) !== trailer.crc) return { type: 'damaged', database, trailer, why: 'its checksum is wrong' };
    if (trailer.schema > schemaVersion) return { type: 'newer', database, version: trailer.schema };
    return { type: 'good', database, trailer };
  }
  if (!isSqlite) return { type: 'damaged', database: bytes, trailer: null, why: 'it does not begin like a database' };
  const version = bytes.readUInt32BE(userVersionOffset);
  if (version > schemaVersion) return { type: 'newer', database: bytes, version };
  if (version < schemaVersion && version > 0) return { type: 'old', database: bytes, version };
  return { type: 'damaged', database: bytes, trailer: null, why: 'its end is missing' };
}

function trailerIn(bytes: Buffer, sizeBytes: number): Trailer | null {
  if (bytes.length < footBytes) return null;
  const foot = bytes.subarray(bytes.length - footBytes);
  if (!foot.subarray(8).equals(footMagic)) return null;
  const length = foot.readUInt32LE(0);
  if (length + footBytes > bytes.length) return null;
  const json = bytes.subarray(bytes.length - footBytes - length, bytes.length - footBytes);
  if (crc32(json) !== foot.readUInt32LE(4)) return null;
  try {
    const parsed = v.safeParse(Trailer, JSON.parse(json.toString('utf8')));
    if (!parsed.success || parsed.output.databaseBytes + length + footBytes !== sizeBytes) return null;
    return parsed.output;
  } catch {
    return null;
  }
}

/** Reads only the trailer; null when the file is absent, or damaged, or from a version without trailers. */
export async function readTrailer(files: StoreFiles, path: string): Promise<Trailer | null> {
  const stat = await files.stat(path);
  if (!stat) return null;
  for (const tailBytes of [16 * 1024, 1024 * 1024]) {
    const tail = await files.read(path, Math.max(0, stat.sizeBytes - tailBytes), tailBytes);
    const trailer = tail && trailerIn(tail, stat.sizeBytes);
    if (trailer) return trailer;
  }
  return null;
}

/** An episode whose JSON is parsed when somebody asks for it: that halves the time to open a memory. */
export interface UnparsedEpisode {
  readonly id: string;
  readonly at: number;
  /** Of a MemoryRecord. */
  readonly json: string;
}

/**
 * Everything in an intact snapshot, episodes unparsed. Rejects when SQLite can't read it. Nothing is checked again:
 * records were validated and the database passed `quickCheck` before it was written, and the checksum says that these
 * are the same bytes.
 */
export function readUnparsed(
  database: Buffer,
): Promise<SnapshotContent & { readonly episodes: readonly UnparsedEpisode[] }> {
  return withDatabase(database, (db) => {
    const records: SizedRecord[] = [];
    const episodes: UnparsedEpisode[] = [];
    const rows = db.prepare("SELECT body, CASE kind WHEN 'episode' THEN id END, at FROM record ORDER BY seq");
    try {
      while (rows.step()) {
        const [body, id, at] = rows.get() as [string, string | null, number];
        if (id !== null) episodes.push({ id, at, json: body });
        else records.push({ record: JSON.parse(body) as MemoryRecord, bytes: body.length });
      }
    } finally {
      rows.free();
    }
    return { episodes, records, tombstones: tombstonesIn(db), invalid: [] };
  });
}

/** As `readUnparsed`, with all parsed. */
export async function readRecords(database: Buffer): Promise<SnapshotContent> {
  const { episodes, ...rest } = await readUnparsed(database);
  const parsed = episodes.map(({ json }) => ({ record: JSON.parse(json) as MemoryRecord, bytes: json.length }));
  return { ...rest, records: [...parsed, ...rest.records] };
}

/** Throws what SQLite finds wrong with a database's structure. */
export function quickCheck(db: Database): void {
  const verdict = String(db.exec('PRAGMA quick_check(1)')[0]?.values[0]?.[0]);
  if (verdict !== 'ok') throw new Error(`SQLite's check says: ${verdict}`);
}

/** A migrated copy of an older database. Rejects with what SQLite finds wrong. */
export function migrated(database: Buffer): Promise<Uint8Array> {
  return withDatabase(database, (db) => {
    migrate(db);
    return db.export();
  });
}

const mostDetours = 400;

/**
 * What can still be read of a damaged or foreign database: rows whose own checksum is right and that are valid. Rows
 * behind unreadable pages are reached by seeking past them. Never rejects for damage.
 */
export async function salvage(database: Buffer): Promise<SnapshotContent> {
  try {
    return await withDatabase(database, (db) => {
      const records: SizedRecord[] = [];
      const invalid: InvalidRecord[] = [];
      let last = 0;
      let skip = 1;
      for (let detour = 0; detour < mostDetours && skip < 2 ** 40; detour++) {
        const reached = salvageFrom(db, last + skip, records, invalid);
        if (reached.finished) break;
        skip = reached.seq > last ? 1 : skip * 2;
        last = Math.max(last, reached.seq);
      }
      return { records, tombstones: quietly(() => tombstonesIn(db)) ?? [], invalid };
    });
  } catch {
    return { records: [], tombstones: [], invalid: [] };
  }
}

function salvageFrom(db: Database, from: number, records: SizedRecord[], invalid: InvalidRecord[]) {
  let seq = 0;
  try {
    const rows = db.prepare('SELECT seq, body, crc FROM record WHERE seq >= ? ORDER BY seq');
    try {
      rows.bind([from]);
      while (rows.step()) {
        const [at, body, crc] = rows.get() as [number, string, number];
        seq = at;
        if (typeof body !== 'string' || crc32(body) !== crc) continue;
        const checked = checkRecord(body);
        if (checked.ok) records.push({ record: checked.record, bytes: body.length });
        else invalid.push({ json: body, problem: checked.problem });
      }
      return { finished: true, seq };
    } finally {
      rows.free();
    }
  } catch (error) {
    if (isTrap(error)) throw error;
    return { finished: false, seq };
  }
}

/** All tombstones with a valid id. */
export function tombstonesIn(db: Database): Tombstone[] {
  const rows = db.exec('SELECT episode, at FROM tombstone')[0]?.values ?? [];
  return rows.flatMap(([episode, at]) =>
    v.is(Id, episode) && typeof at === 'number' ? [{ episodeId: episode, at }] : [],
  );
}

function quietly<T>(action: () => T): T | null {
  try {
    return action();
  } catch {
    return null;
  }
}
