import { readFile } from 'node:fs/promises';
import initSqlJs, { type Database, type SqlJsStatic } from 'sql.js';
import { assetPath } from '../assets.ts';

let loading: Promise<SqlJsStatic> | null = null;

/** SQLite compiled to WebAssembly, loaded once per process. Rejects when the wasm file is missing or broken. */
export function loadSqlite(): Promise<SqlJsStatic> {
  loading ??= readFile(assetPath('sql-wasm.wasm'))
    .then((bytes) => initSqlJs({ wasmBinary: Uint8Array.from(bytes).buffer }))
    .catch((error: unknown) => {
      loading = null;
      throw error;
    });
  return loading;
}

/** After WebAssembly trapped, its memory is not to be trusted: the next `loadSqlite` makes a new instance. */
export function discardSqlite(): void {
  loading = null;
}

/** Did WebAssembly itself fail (out of bounds, unreachable), not SQLite? */
export function isTrap(error: unknown): boolean {
  return error instanceof Error && error.constructor.name === 'RuntimeError';
}

/** Runs `use` on a database made from `bytes` (an empty one without) and frees it. */
export async function withDatabase<T>(bytes: Uint8Array | null, use: (database: Database) => T): Promise<T> {
  const sqlite = await loadSqlite();
  const database = new sqlite.Database(bytes);
  try {
    return use(database);
  } catch (error) {
    if (isTrap(error)) discardSqlite();
    throw error;
  } finally {
    closeQuietly(database);
  }
}

function closeQuietly(database: Database): void {
  try {
    database.close();
  } catch {
    // Closing a corrupt database may fail; its memory goes with the instance.
  }
}
