import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeSnapshot, salvage } from './snapshot.ts';
import { ModelFiles } from './testFiles.ts';
import { byHand, episode, openIn } from './testRecords.ts';

async function someSnapshot(count: number): Promise<{ bytes: Buffer; ids: string[] }> {
  const files = new ModelFiles();
  const store = await openIn('/f', { files, pace: byHand });
  const ids: string[] = [];
  for (let i = 0; i < count; i++) {
    const one = episode({ prefix: `line ${i}\n`.repeat(100) });
    ids.push(one.id);
    store.addEpisode(one);
  }
  await store.close();
  return { bytes: (await files.read('/f/memory.db'))!, ids };
}

test('with nothing else left, the readable part of a damaged snapshot is saved', async () => {
  const { bytes, ids } = await someSnapshot(300);
  const hurt = Buffer.from(bytes);
  hurt.fill(0x55, hurt.length >> 1, (hurt.length >> 1) + 20_000);
  const files = new ModelFiles();
  files.put('/f/memory.db', hurt);
  const store = await openIn('/f', { files, pace: byHand });
  assert.ok(store.size > 200 && store.size < 300, `${store.size} of 300`);
  for (const { episode: one } of store.entries()) assert.ok(ids.includes(one.id));
  assert.match(
    store.report.problems.join(' '),
    /snapshot was damaged .*checksum.* kept as memory\.db\.corrupt-.*no previous/,
  );
  await store.close();
});

test('a flipped bit in a text is noticed, though SQLite would not', async () => {
  const { bytes } = await someSnapshot(50);
  const at = bytes.indexOf('line 20');
  const hurt = Buffer.from(bytes);
  hurt[at] = hurt[at]! ^ 1;
  assert.equal(decodeSnapshot(bytes).type, 'good');
  const decoded = decodeSnapshot(hurt);
  assert.equal(decoded.type, 'damaged');
  assert.equal((await salvage(decoded.database)).records.length, 49);
});
