import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FolderLock, type HeldLock } from './lock.ts';
import { thisOwner } from './owner.ts';
import { ModelFiles } from './testFiles.ts';

function contender(
  files: ModelFiles,
  name: string,
  change: { run?: string; monotonicMs?: () => number } = {},
): FolderLock {
  const { run = 'alive', monotonicMs } = change;
  let count = 0;
  const token = (): string => `${name}${count++}`;
  const owner = { ...thisOwner, run };
  return new FolderLock({ files, folder: '/f', owner, token, ...(monotonicMs ? { monotonicMs } : {}) });
}

test('two windows never fold at the same time', async () => {
  const files = new ModelFiles();
  const [a, b] = [contender(files, 'a'), contender(files, 'b')];
  const held = await a.tryAcquire();
  assert.ok(held);
  assert.equal(await b.tryAcquire(), null);
  assert.ok(await held.stillHeld());
  await held.release();
  const second = await b.tryAcquire();
  assert.ok(second);
  await second.release();
  assert.deepEqual(await files.list('/f'), []);
});

test('A5-28: a lock of a process that died is taken over, by one contender only', async () => {
  for (let round = 0; round < 50; round++) {
    const files = new ModelFiles();
    await contender(files, 'dead', { run: 'dead' }).tryAcquire();
    const contenders = ['a', 'b', 'c', 'd'].map((name) => contender(files, name));
    // Each change of the folder waits its random turn, so that the steps of the contenders interleave.
    const slow = files.create.bind(files);
    files.create = async (path) => {
      for (let wait = Math.floor(Math.random() * 6); wait > 0; wait--) await Promise.resolve();
      return slow(path);
    };
    const held = (await Promise.all(contenders.map((one) => one.tryAcquire()))).filter((one) => one !== null);
    assert.ok(held.length <= 1, `${held.length} windows hold the lock`);
    await held[0]?.release();
    const next = await contenders[0]!.tryAcquire();
    assert.ok(next, 'the lock could not be had again');
    await next.release();
    assert.deepEqual(await files.list('/f'), []);
  }
});

test('a holder that froze loses the lock after a while, and notices', async () => {
  const files = new ModelFiles();
  let nowMs = 0;
  const frozen = (await contender(files, 'a').tryAcquire()) as HeldLock;
  const waiting = contender(files, 'b', { monotonicMs: () => nowMs });
  assert.equal(await waiting.tryAcquire(), null);
  nowMs = 19_000;
  assert.equal(await waiting.tryAcquire(), null);
  nowMs = 21_000;
  const taken = await waiting.tryAcquire();
  assert.ok(taken);
  assert.equal(await frozen.stillHeld(), false);
  await frozen.release();
  assert.ok(await taken.stillHeld(), 'the late holder took the lock of the new one away');
  await taken.release();
});
