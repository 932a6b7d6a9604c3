import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { systemIds } from '../../clock.ts';
import { nodeFiles } from '../../memory/files.ts';
import { FolderLock } from '../../memory/lock.ts';
import { thisOwner } from '../../memory/owner.ts';
import type { StoredEpisode } from '../../memory/store.ts';
import type { JobProgress } from './job.ts';
import { storedEpisodes } from './testEpisodes.ts';
import { slicesOf, startTrainer, type TrainerOptions } from './trainerProcess.ts';

const folders: string[] = [];
after(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});
async function place(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'attune-trainer-'));
  folders.push(folder);
  return folder;
}

const edits = storedEpisodes({ seed: 5, count: 60 });

/** Without the native runtime, which these are not about. */
async function start(folder: string, change: Partial<TrainerOptions> = {}) {
  return startTrainer({
    folder,
    request: { layers: ['rewardModel'], dryRun: false, resume: false },
    entries: edits,
    unsupported: 'This machine has none.',
    signal: new AbortController().signal,
    onProgress: () => {},
    onProblem: assert.fail,
    ...change,
  });
}

describe('the trainer process', { timeout: 120_000 }, () => {
  it('trains, tells how far it is, and ends', async () => {
    const seen: JobProgress[] = [];
    const result = await start(await place(), { onProgress: (progress) => seen.push(progress) });
    assert.ok(result.ok, JSON.stringify(result));
    assert.equal(result.runs[0]!.verdict.kind, 'promote');
    assert.ok(seen.length > 4 && seen.at(-1)!.share === 1);
    assert.ok(seen.some(({ scalars }) => scalars.some(({ tag }) => tag === 'rewardModel/eval/spearman')));
  });

  it('does not train while another window does, whose training goes on', async () => {
    const folder = await place();
    const lockFolder = join(folder, 'lock');
    await nodeFiles.makeFolder(lockFolder);
    const lock = new FolderLock({ files: nodeFiles, folder: lockFolder, owner: thisOwner, token: systemIds });
    const held = (await lock.tryAcquire())!;
    const result = await start(folder);
    assert.ok(!result.ok && !result.killed);
    assert.match(result.failure.message, /Another window trains this workspace/);
    assert.ok(await held.stillHeld());
    assert.deepEqual(await readdir(folder), ['lock']);
    await held.release();
    assert.ok((await start(folder)).ok);
  });

  it('that dies before it says anything is a failure with a next step', async () => {
    const folder = await place();
    const entry = join(folder, 'dies.mjs');
    await writeFile(entry, 'process.exit(3);');
    const result = await start(folder, { entry });
    assert.ok(!result.ok && result.killed);
    assert.match(result.failure.message, /ended unexpectedly \(code 3\)/);
    assert.match(result.failure.nextStep, /resume/);
  });

  it('runs out of memory without taking the engine along', async () => {
    const folder = await place();
    const entry = join(folder, 'grows.mjs');
    await writeFile(
      entry,
      `process.on('message', ({ type }) => { if (type !== 'go') return; const all = []; for (;;) all.push(new Array(1e5).fill({})); });
       process.send({ type: 'ready' });`,
    );
    const result = await start(folder, { entry, heapMegabytes: 40 });
    assert.ok(!result.ok && result.killed);
    assert.match(result.failure.message, /ended unexpectedly/);
  });

  it('refuses what is no episode, and does not hang', async () => {
    const wrong = { ...edits[0]!, episode: { ...edits[0]!.episode, at: 'yesterday' } } as unknown as StoredEpisode;
    const result = await start(await place(), { entries: [wrong] });
    assert.ok(!result.ok && !result.killed);
    assert.match(result.failure.message, /could not be read/);
  });

  it('that was cancelled before it began does not begin', async () => {
    const folder = await place();
    const result = await start(folder, { signal: AbortSignal.abort() });
    assert.ok(!result.ok && result.failure.reason === 'cancelled');
    assert.deepEqual(await readdir(folder), []);
  });
});

describe('episodes on their way', () => {
  it('go in slices between which others have their turn, and none is lost', async () => {
    const entries = storedEpisodes({ seed: 2, count: 60 }).map((entry) => ({
      ...entry,
      episode: { ...entry.episode, prefix: 'x'.repeat(10_000) },
    }));
    let turns = 0;
    let waiting = true;
    const count = (): void => {
      turns += 1;
      if (waiting) setImmediate(count);
    };
    setImmediate(count);
    const ids: string[] = [];
    let slices = 0;
    for await (const slice of slicesOf(entries)) {
      slices += 1;
      assert.ok(slice.length <= 11, `${slice.length} at once`);
      ids.push(...slice.map(({ episode }) => episode.id));
    }
    waiting = false;
    assert.ok(slices >= 6 && turns >= slices - 1, `${turns} turns of others between ${slices} slices`);
    assert.deepEqual(
      ids,
      entries.map(({ episode }) => episode.id),
    );
  });
});
