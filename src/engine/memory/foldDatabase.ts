/** The database of a new snapshot, from the old one and the records of journals. */
import type { Database } from 'sql.js';
import type { Base } from './base.ts';
import { episodeOf, rowBytes } from './recordIndex.ts';
import { createSchema, withInsert } from './schema.ts';
import type { SizedRecord } from './segment.ts';
import { quickCheck } from './snapshot.ts';
import { withDatabase } from './sqlite.ts';

/** After that long no journal can bring a deleted episode back. */
const tombstoneDays = 30;
/** Gaps that deletions leave are closed when the database is so much larger than its content. */
const slack = 1.15;
const smallBytes = 65_536;

export interface Built {
  readonly database: Uint8Array;
  /** Episodes whose text is, or may have been, in older files. */
  readonly buried: readonly string[];
}

/** Takes in `fresh` records. Ids that are there already stay as they are; what was deleted goes. Rejects when SQLite finds fault. */
export function buildDatabase(
  base: Base & { type: 'intact' | 'rebuilt' },
  fresh: readonly SizedRecord[],
  nowMs: number,
): Promise<Built> {
  const records = base.type === 'rebuilt' ? [...base.records, ...fresh] : fresh;
  return withDatabase(base.type === 'intact' ? base.database : null, (db): Built => {
    if (base.type === 'rebuilt') createSchema(db);
    else db.run('PRAGMA secure_delete = ON');
    db.run('BEGIN');
    const buried = buryIn(db, base, records, nowMs);
    withInsert(db, (insert) => {
      for (const { record } of records) {
        const episode = episodeOf(record);
        if (buried.known.has(episode)) {
          if (record.record !== 'directive') buried.fresh.add(episode);
          continue;
        }
        const body = JSON.stringify(record);
        insert({ id: record.value.id, kind: record.record, episode, at: record.value.at, body });
      }
    });
    db.run('DELETE FROM tombstone WHERE at < ?', [nowMs - tombstoneDays * 86_400_000]);
    db.run('COMMIT');
    quickCheck(db);
    if (buried.fresh.size > 0 && sizeOf(db) > slack * contentOf(db) + smallBytes) db.run('VACUUM');
    return { database: db.export(), buried: [...buried.fresh] };
  });
}

function sizeOf(db: Database): number {
  return one(db, 'PRAGMA page_count') * one(db, 'PRAGMA page_size');
}

function contentOf(db: Database): number {
  return one(db, `SELECT total(octet_length(body)) + count(*) * ${rowBytes} FROM record`);
}

function one(db: Database, query: string): number {
  return Number(db.exec(query)[0]?.values[0]?.[0]);
}

/** Applies deletions. `known`: all buried episodes. `fresh`: those buried now. */
function buryIn(
  db: Database,
  base: Base & { type: 'intact' | 'rebuilt' },
  records: readonly SizedRecord[],
  nowMs: number,
) {
  const known = new Set((db.exec('SELECT episode FROM tombstone')[0]?.values ?? []).map(([id]) => String(id)));
  const fresh = new Set<string>();
  const bury = (episode: string): void => {
    if (known.has(episode)) return;
    known.add(episode);
    fresh.add(episode);
    db.run('INSERT INTO tombstone(episode, at) VALUES (?, ?)', [episode, nowMs]);
  };
  if (base.type === 'rebuilt') {
    for (const { episodeId } of base.tombstones) {
      known.add(episodeId);
      db.run('INSERT OR REPLACE INTO tombstone(episode, at) VALUES (?, ?)', [episodeId, nowMs]);
    }
  }
  for (const { record } of records) {
    if (record.record === 'directive' && record.value.use === 'deleted') bury(record.value.episodeId);
  }
  if (fresh.size > 0) {
    db.run('CREATE TEMP TABLE burying(episode TEXT PRIMARY KEY)');
    const insert = db.prepare('INSERT INTO burying VALUES (?)');
    for (const episode of fresh) insert.run([episode]);
    insert.free();
    db.run('DELETE FROM record WHERE episode IN (SELECT episode FROM burying)');
    db.run('DROP TABLE burying');
  }
  return { known, fresh };
}
