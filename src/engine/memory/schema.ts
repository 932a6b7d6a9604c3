/** The tables of the snapshot and how older ones become them. Version: `PRAGMA user_version`. */
import { crc32 } from 'node:zlib';
import type { Database } from 'sql.js';

export const schemaVersion = 2;

/**
 * `record`: one row per record, `body` its JSON, `crc` the CRC-32 of its UTF-8, so that damage is found row by row.
 * `tombstone`: episodes that were removed for good; their records, wherever they still turn up, are not taken in again.
 */
const currentSchema = `
  CREATE TABLE record(
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('episode', 'event', 'rating', 'directive')),
    episode TEXT NOT NULL,
    at REAL NOT NULL,
    body TEXT NOT NULL,
    crc INTEGER NOT NULL
  );
  CREATE TABLE tombstone(episode TEXT PRIMARY KEY, at REAL NOT NULL) WITHOUT ROWID;
`;

/** Version 1, kept for the migration's test: text bodies without checksums, deletions as a column. */
export const schemaVersion1 = `
  CREATE TABLE record(
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    episode TEXT NOT NULL,
    at REAL NOT NULL,
    json TEXT NOT NULL,
    deleted INTEGER NOT NULL DEFAULT 0
  );
  PRAGMA user_version = 1;
`;

/** Migration at index i leads from version i to i + 1. Each runs in the one transaction of `migrate`. */
const migrations: readonly ((database: Database) => void)[] = [
  (database) => {
    database.run(schemaVersion1);
  },
  (database) => {
    database.run('ALTER TABLE record RENAME TO record1');
    database.run(currentSchema);
    database.run(
      `INSERT INTO tombstone(episode, at) SELECT episode, max(at) FROM record1 WHERE deleted = 1 GROUP BY episode`,
    );
    const rows = database.prepare(
      `SELECT id, kind, episode, at, json FROM record1
       WHERE episode NOT IN (SELECT episode FROM tombstone) ORDER BY rowid`,
    );
    try {
      withInsert(database, (insert) => {
        while (rows.step()) {
          const [id, kind, episode, at, json] = rows.get() as [string, string, string, number, string];
          insert({ id, kind, episode, at, body: json });
        }
      });
    } finally {
      rows.free();
    }
    database.run('DROP TABLE record1');
  },
];

/** One row to insert. */
export interface RecordRow {
  readonly id: string;
  readonly kind: string;
  readonly episode: string;
  readonly at: number;
  /** JSON. */
  readonly body: string;
}

/** Gives `use` a function that inserts a row; a known id is left as it is. True: the row is new. */
export function withInsert(database: Database, use: (insert: (row: RecordRow) => boolean) => void): void {
  const statement = database.prepare(
    'INSERT OR IGNORE INTO record(id, kind, episode, at, body, crc) VALUES (?, ?, ?, ?, ?, ?)',
  );
  try {
    use((row) => {
      statement.run([row.id, row.kind, row.episode, row.at, row.body, crc32(row.body)]);
      return database.getRowsModified() > 0;
    });
  } finally {
    statement.free();
  }
}

/** With SQLite's usual 4 kB a page holds two episodes and a third of it stays empty. */
const pageBytes = 16_384;

/** Makes the tables of a new database. */
export function createSchema(database: Database): void {
  database.run(`PRAGMA page_size = ${pageBytes}`);
  database.run('PRAGMA secure_delete = ON');
  database.run(currentSchema);
  database.run(`PRAGMA user_version = ${schemaVersion}`);
}

export function versionOf(database: Database): number {
  return Number(database.exec('PRAGMA user_version')[0]?.values[0]?.[0] ?? 0);
}

/** Brings an older database to `schemaVersion`, all or nothing. Throws what SQLite throws. */
export function migrate(database: Database): void {
  database.run('BEGIN');
  try {
    for (let version = versionOf(database); version < schemaVersion; version++) {
      migrations[version]!(database);
      database.run(`PRAGMA user_version = ${version + 1}`);
    }
    database.run('COMMIT');
  } catch (error) {
    database.run('ROLLBACK');
    throw error;
  }
  // The old tables' pages go too: they may hold text of deleted episodes.
  database.run(`PRAGMA page_size = ${pageBytes}`);
  database.run('VACUUM');
}
