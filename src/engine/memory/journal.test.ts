import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../clock.ts';
import { Journal } from './journal.ts';
import { thisOwner } from './owner.ts';
import { readSegment } from './segment.ts';
import { StoreError } from './storeError.ts';
import { ModelFiles, systemError } from './testFiles.ts';
import { episode, rating } from './testRecords.ts';

const window = '0190aaaa-bbbb-7ccc-8ddd-000000000001';

function journalOn(
  files: ModelFiles,
  change: { sameLife?: () => Promise<boolean>; segmentBytes?: number } = {},
): Journal {
  return new Journal({
    files,
    folder: '/f',
    window,
    header: () => ({ journal: 1, epoch: 'e', window, owner: thisOwner, at: 1 }),
    segmentBytes: change.segmentBytes ?? 1e9,
    bufferMs: 1e9,
    sameLife: change.sameLife ?? (async () => true),
    onTrouble: () => {},
    onWritten: () => {},
    log: silentLog,
  });
}

async function idsOnDisk(files: ModelFiles): Promise<string[]> {
  const ids: string[] = [];
  for (const name of (await files.list('/f')).filter((one) => one.startsWith('journal-')).sort()) {
    const content = await readSegment(files, `/f/${name}`);
    ids.push(...content!.records.map(({ record }) => record.value.id));
    assert.equal(content!.tailBytes + content!.damagedBytes, 0);
  }
  return ids;
}

test('ratings given at once share one fsync, and their episode is on the disk before them', async () => {
  const files = new ModelFiles();
  const journal = journalOn(files);
  await journal.commit([]);
  const one = episode();
  journal.append({ record: 'episode', value: one });
  const said = Array.from({ length: 20 }, () => rating(one.id));
  const before = files.syncs;
  await Promise.all(said.map((value) => journal.commit([{ record: 'rating', value }])));
  // One for the header of the new segment, one for all the records.
  assert.ok(files.syncs - before <= 2, `${files.syncs - before} fsyncs for 20 ratings`);
  const durable = files.afterPowerCut(
    () => false,
    () => 0,
  );
  assert.deepEqual(await idsOnDisk(durable), [one.id, ...said.map((value) => value.id)]);
});

test('A5-21: a full disk refuses the rating, keeps what was acknowledged, and takes the next one when there is space', async () => {
  const files = new ModelFiles();
  const journal = journalOn(files);
  const first = rating(episode().id);
  await journal.commit([{ record: 'rating', value: first }]);
  const waiting = episode();
  journal.append({ record: 'episode', value: waiting });
  files.beforeChange = (operation, path) => {
    if (operation === 'write' && path.includes('journal-')) throw systemError('ENOSPC');
  };
  const refused = rating(waiting.id);
  await assert.rejects(journal.commit([{ record: 'rating', value: refused }]), (error: unknown) => {
    assert.ok(error instanceof StoreError);
    assert.equal(error.reason, 'disk');
    assert.match(error.message, /disk is full.*Free some space/);
    return true;
  });
  files.beforeChange = () => {};
  const second = rating(waiting.id);
  await journal.commit([{ record: 'rating', value: second }]);
  assert.deepEqual(await idsOnDisk(files), [first.id, waiting.id, second.id]);
});

test('a disk that takes half a record leaves no half record behind', async () => {
  const files = new ModelFiles();
  const journal = journalOn(files);
  const [first, second] = [rating(episode().id), rating(episode().id)];
  await journal.commit([{ record: 'rating', value: first }]);
  const reopened = files.reopen.bind(files);
  files.reopen = reopened;
  let full = true;
  files.beforeChange = (operation) => {
    if (operation === 'sync' && full) throw systemError('EIO');
  };
  await assert.rejects(journal.commit([{ record: 'rating', value: rating(episode().id) }]));
  full = false;
  await journal.commit([{ record: 'rating', value: second }]);
  const ids = await idsOnDisk(files);
  assert.ok(ids.includes(first.id) && ids.includes(second.id));
});

test('records written while another window takes the journal away are written again', async () => {
  const files = new ModelFiles();
  const journal = journalOn(files);
  const [first, second] = [rating(episode().id), rating(episode().id)];
  await journal.commit([{ record: 'rating', value: first }]);
  const name = journal.activeName!;
  let taken = false;
  files.beforeChange = (operation) => {
    if (operation !== 'sync' || taken) return;
    taken = true;
    void files.rename(`/f/${name}.active`, `/f/${name}.taken`);
  };
  await journal.commit([{ record: 'rating', value: second }]);
  assert.ok(taken);
  assert.notEqual(journal.activeName, name);
  const again = await readSegment(files, `/f/${journal.activeName}.active`);
  assert.deepEqual(
    again?.records.map(({ record }) => record.value.id),
    [second.id],
  );
});

test('what waits when the store is reset elsewhere is not written into its new life', async () => {
  const files = new ModelFiles();
  const journal = journalOn(files, { sameLife: async () => false });
  journal.append({ record: 'episode', value: episode() });
  await assert.rejects(journal.flush(), (error: unknown) => error instanceof StoreError && error.reason === 'reset');
  assert.deepEqual(await idsOnDisk(files), []);
});
