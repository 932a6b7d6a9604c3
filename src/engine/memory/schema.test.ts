import assert from 'node:assert/strict';
import { test } from 'node:test';
import { migrate, schemaVersion, schemaVersion1, versionOf } from './schema.ts';
import { withDatabase } from './sqlite.ts';
import { ModelFiles } from './testFiles.ts';
import { byHand, episode, openIn, rating } from './testRecords.ts';

/** A database as version 1 wrote it. */
function version1(
  rows: readonly { id: string; kind: string; episode: string; json: string; deleted?: number }[],
): Promise<Uint8Array> {
  return withDatabase(null, (db) => {
    db.run(schemaVersion1);
    for (const row of rows) {
      db.run('INSERT INTO record(id, kind, episode, at, json, deleted) VALUES (?, ?, ?, 5, ?, ?)', [
        row.id,
        row.kind,
        row.episode,
        row.json,
        row.deleted ?? 0,
      ]);
    }
    return db.export();
  });
}

test('a memory written by the first version opens with everything in it, and what was deleted stays away', async () => {
  const [kept, gone] = [episode({ instruction: 'schön' }), episode({ instruction: 'gone for good' })];
  const said = rating(kept.id, { comment: 'naïve' });
  const bytes = await version1([
    { id: kept.id, kind: 'episode', episode: kept.id, json: JSON.stringify({ record: 'episode', value: kept }) },
    { id: said.id, kind: 'rating', episode: kept.id, json: JSON.stringify({ record: 'rating', value: said }) },
    {
      id: gone.id,
      kind: 'episode',
      episode: gone.id,
      json: JSON.stringify({ record: 'episode', value: gone }),
      deleted: 1,
    },
  ]);
  const files = new ModelFiles();
  files.put('/f/memory.db', Buffer.from(bytes));
  const store = await openIn('/f', { files, pace: byHand });
  assert.deepEqual(store.report.problems, []);
  assert.deepEqual(store.get(kept.id)?.episode, kept);
  assert.deepEqual(store.get(kept.id)?.rating, said);
  assert.equal(store.get(gone.id), null);
  store.addEpisode(gone);
  assert.equal(store.get(gone.id), null);
  await store.close();
  const again = await openIn('/f', { files, pace: byHand });
  assert.equal(again.size, 1);
  await again.close();
});

test('a migration that fails leaves the database as it was', async () => {
  await withDatabase(null, (db) => {
    db.run(schemaVersion1);
    db.run("INSERT INTO record(id, kind, episode, at, json) VALUES ('a', 'no such kind', 'a', 1, '{}')");
    db.run('CREATE TABLE tombstone(other)');
    assert.throws(() => migrate(db));
    assert.equal(versionOf(db), 1);
    assert.equal(db.exec('SELECT count(*) FROM record')[0]?.values[0]?.[0], 1);
  });
});

test('migrating from nothing gives the present version', async () => {
  await withDatabase(null, (db) => {
    migrate(db);
    assert.equal(versionOf(db), schemaVersion);
    db.run("INSERT INTO record(id, kind, episode, at, body, crc) VALUES ('a', 'event', 'e', 1, '{}', 0)");
  });
});
