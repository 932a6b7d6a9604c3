/** Training through the real engine process: what a developer would lose if it were wrong. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { storedEpisodes } from '../engine/learn/training/testEpisodes.ts';
import type { StoredEpisode } from '../engine/memory/store.ts';
import type { TrainLayer } from '../protocol/training.ts';
import { type HeadlessEngine, startEngine } from './headless.ts';

const folders: string[] = [];
const engines: HeadlessEngine[] = [];
after(async () => {
  for (const engine of engines) await engine.kill();
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

const linesOf = ({ episode, events, rating }: StoredEpisode): string[] =>
  [
    { record: 'episode', value: episode },
    ...events.map((value) => ({ record: 'event', value })),
    ...(rating ? [{ record: 'rating', value: rating }] : []),
  ].map((record) => JSON.stringify(record));

async function place(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'attune-training-'));
  folders.push(folder);
  return folder;
}

async function engineIn(storagePath: string): Promise<HeadlessEngine> {
  const engine = await startEngine({ folders: [], storagePath, cachePath: storagePath });
  engines.push(engine);
  return engine;
}

async function remember(engine: HeadlessEngine, folder: string, entries: readonly StoredEpisode[]): Promise<void> {
  const path = join(folder, `import-${entries.length}.jsonl`);
  const header = JSON.stringify({ attune: 1, exportedAt: new Date(0).toISOString() });
  await writeFile(path, [header, ...entries.flatMap(linesOf), ''].join('\n'));
  const result = await engine.ask('importMemory', { path });
  assert.ok(result.ok && result.rejected === 0, JSON.stringify(result));
}

const all = { layers: ['rewardModel', 'selector'] as TrainLayer[], dryRun: false, resume: false };

/** Resolves when a training has come to this stage. */
const stageOf = (engine: HeadlessEngine, wanted: string): Promise<void> =>
  new Promise((resolve) => engine.hear('trainingProgress', ({ stage }) => stage === wanted && resolve()));

/** Pids of all that is below a process. */
function descendants(pid: number): readonly number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc').filter((one) => /^\d+$/.test(one))) {
    try {
      const parent = Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${name}/stat`, 'utf8'))?.[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
    } catch {
      // It has ended.
    }
  }
  const below = (one: number): number[] => (children.get(one) ?? []).flatMap((child) => [child, ...below(child)]);
  return below(pid);
}

const lives = (pid: number): boolean => {
  try {
    // A zombie waits for its parent, and does nothing.
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};

async function eventually(what: string, is: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 20_000;
  while (!(await is())) {
    assert.ok(Date.now() < end, what);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

const linux = process.platform === 'linux';
const edits = storedEpisodes({ seed: 3, count: 90, kind: 'edit' });
const inline = storedEpisodes({ seed: 4, count: 120, kind: 'inline' });

describe('a training through the engine', { timeout: 240_000 }, () => {
  it('makes versions that can be activated, looked at, and rolled back', async () => {
    const folder = await place();
    const engine = await engineIn(folder);
    await remember(engine, folder, [...edits, ...inline]);
    const before = await engine.ask('trainingState', {});
    assert.equal(before.data.labels.rating, 90);
    assert.equal(before.versions.length, 0);
    const stages: string[] = [];
    const shares: number[] = [];
    const tags = new Set<string>();
    engine.hear('trainingProgress', ({ requestId, stage, share, scalars }) => {
      assert.equal(requestId, 'one');
      if (stages.at(-1) !== stage) stages.push(stage);
      shares.push(share);
      for (const { tag } of scalars) tags.add(tag);
    });
    const result = await engine.ask('train', { requestId: 'one', ...all });
    assert.ok(result.ok, JSON.stringify(result));
    assert.deepEqual(stages, ['reading', 'rewardModel', 'selector', 'registering']);
    assert.deepEqual(
      shares,
      shares.toSorted((a, b) => a - b),
    );
    assert.equal(shares.at(-1), 1);
    assert.ok(tags.has('neuralHead/train/loss'), [...tags].join());
    assert.deepEqual(
      result.runs.map(({ verdict }) => verdict.kind),
      ['promote', 'promote'],
      result.report,
    );
    assert.match(result.report, /prefers early returns/);
    assert.match(result.report, /prefers fewer comments/);

    const [rewardModel, selector] = result.runs.map(({ id }) => id) as [string, string];
    const trained = await engine.ask('trainingState', {});
    assert.equal(trained.running, null);
    assert.equal(trained.unfinished, null);
    assert.deepEqual(
      trained.versions.map(({ id, state, serving }) => [id, state, serving]),
      [
        [selector, 'candidate', false],
        [rewardModel, 'candidate', false],
      ],
    );
    assert.equal(trained.data.newRatings, 0);
    assert.ok((await readdir(join(folder, 'learning', 'logs', rewardModel))).length > 0);
    for (const id of [rewardModel, selector]) {
      assert.ok((await engine.ask('decideVersion', { id, decision: 'activate' })).ok);
    }
    const told = await engine.ask('trainingRun', { id: rewardModel });
    assert.ok(told.ok && told.run.words.length > 0 && /Reward model/.test(told.report));

    // The next window serves it too.
    await engine.stop();
    const again = await engineIn(folder);
    const serving = (await again.ask('trainingState', {})).versions.filter((one) => one.serving);
    assert.deepEqual(new Set(serving.map(({ id }) => id)), new Set([rewardModel, selector]));
    for (const layer of ['rewardModel', 'selector'] as const) {
      assert.deepEqual(await again.ask('rollBack', { layer }), { ok: true, serving: null });
    }
    assert.ok((await again.ask('trainingState', {})).versions.every((one) => !one.serving));
    await again.stop();
  });

  it('cancelled in the middle leaves no trace but a note, and its processes end; it can be resumed', {
    skip: !linux,
  }, async () => {
    const folder = await place();
    const engine = await engineIn(folder);
    await remember(engine, folder, [...edits, ...inline]);
    const source = new (await import('vscode-jsonrpc')).CancellationTokenSource();
    const reached = stageOf(engine, 'selector');
    const training = engine.ask('train', { requestId: 'one', ...all }, source.token);
    await reached;
    const pids = descendants(engine.process.pid!);
    assert.ok(pids.length > 0);
    source.cancel();
    const result = await training;
    assert.ok(!result.ok && result.failure.reason === 'cancelled', JSON.stringify(result));
    await eventually('its processes end', () => !pids.some(lives));
    const state = await engine.ask('trainingState', {});
    assert.equal(state.versions.length, 0);
    assert.equal(state.unfinished?.why, 'cancelled');
    assert.deepEqual(state.unfinished?.finished, ['reading', 'rewardModel']);

    const stages = new Set<string>();
    engine.hear('trainingProgress', ({ stage }) => stages.add(stage));
    const resumed = await engine.ask('train', { requestId: 'two', ...all, resume: true });
    assert.ok(resumed.ok, JSON.stringify(resumed));
    assert.ok(!stages.has('rewardModel'), 'what was finished is not done again');
    assert.equal(resumed.runs.length, 2);
    assert.match(resumed.report, /prefers early returns/);
    const then = await engine.ask('trainingState', {});
    assert.equal(then.unfinished, null);
    assert.equal(then.versions.length, 2);
    await engine.stop();
  });
});

describe('a training that is killed', { timeout: 240_000, skip: !linux }, () => {
  it('leaves what served and a note; with other data a resumed one begins anew and says so', async () => {
    const folder = await place();
    const engine = await engineIn(folder);
    await remember(engine, folder, edits);
    const first = await engine.ask('train', { requestId: 'first', ...all, layers: ['rewardModel'] });
    assert.ok(first.ok);
    const { id } = first.runs[0]!;
    assert.ok((await engine.ask('decideVersion', { id, decision: 'activate' })).ok);
    await remember(engine, folder, inline);

    const reached = stageOf(engine, 'rewardModel');
    const training = engine.ask('train', { requestId: 'two', ...all });
    await reached;
    const pids = descendants(engine.process.pid!);
    const trainer = pids.find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('trainer'))!;
    const priority = Number(execFileSync('ps', ['-o', 'ni=', '-p', `${trainer}`], { encoding: 'utf8' }));
    assert.ok(priority > 0, `${priority}`);
    process.kill(trainer, 'SIGKILL');
    const result = await training;
    assert.ok(!result.ok && result.failure.reason === 'unavailable', JSON.stringify(result));
    await eventually('its processes end', () => !pids.some(lives));
    const state = await engine.ask('trainingState', {});
    assert.equal(state.unfinished?.why, 'interrupted');
    assert.deepEqual(
      state.versions.map((one) => [one.id, one.serving]),
      [[id, true]],
    );

    await remember(engine, folder, storedEpisodes({ seed: 9, count: 5 }));
    const resumed = await engine.ask('train', { requestId: 'three', ...all, layers: ['rewardModel'], resume: true });
    assert.ok(resumed.ok, JSON.stringify(resumed));
    assert.match(resumed.report, /has changed since the training broke off/);
    await engine.stop();
  });

  it('ends with the engine, and the next engine finds the note', async () => {
    const folder = await place();
    const engine = await engineIn(folder);
    await remember(engine, folder, edits);
    const reached = stageOf(engine, 'rewardModel');
    engine.ask('train', { requestId: 'one', ...all }).catch(() => {});
    await reached;
    const pids = descendants(engine.process.pid!);
    assert.ok(pids.length > 0);
    await engine.kill();
    await eventually('its processes end', () => !pids.some(lives));
    const again = await engineIn(folder);
    const state = await again.ask('trainingState', {});
    assert.equal(state.unfinished?.why, 'interrupted');
    assert.equal(state.versions.length, 0);
    assert.deepEqual(await again.ask('discardTraining', {}), { ok: true });
    assert.equal((await again.ask('trainingState', {})).unfinished, null);
    await again.stop();
  });
});

describe('ratings in which there is nothing to learn', { timeout: 180_000 }, () => {
  it('promote nothing, and the report says so', async () => {
    const folder = await place();
    const engine = await engineIn(folder);
    await remember(engine, folder, storedEpisodes({ seed: 31, count: 100, shuffledLabels: true }));
    const result = await engine.ask('train', { requestId: 'one', ...all, layers: ['rewardModel'] });
    assert.ok(result.ok, JSON.stringify(result));
    assert.equal(result.runs[0]!.verdict.kind, 'noSignal', result.report);
    assert.match(result.report, /No learnable signal/);
    const [version] = (await engine.ask('trainingState', {})).versions;
    assert.equal(version?.state, 'rejected');
    assert.match(version?.history.at(-1)?.reason ?? '', /No learnable signal/);
    const refused = await engine.ask('decideVersion', { id: version!.id, decision: 'activate' });
    assert.ok(!refused.ok);
    await engine.stop();
  });
});

describe('what was learnt', { timeout: 120_000 }, () => {
  it('is deleted with the memory, and a training under way ends for whoever asks', async () => {
    const folder = await place();
    const engine = await engineIn(folder);
    await remember(engine, folder, edits);
    const layers: TrainLayer[] = ['rewardModel'];
    const first = await engine.ask('train', { requestId: 'first', ...all, layers });
    assert.ok(first.ok);
    assert.ok((await engine.ask('decideVersion', { id: first.runs[0]!.id, decision: 'activate' })).ok);
    const reached = stageOf(engine, 'rewardModel');
    const second = engine.ask('train', { requestId: 'second', ...all, layers });
    await reached;
    assert.deepEqual(await engine.ask('cancelTraining', {}), { ok: true });
    const result = await second;
    assert.ok(!result.ok && result.failure.reason === 'cancelled', JSON.stringify(result));
    assert.equal((await engine.ask('trainingState', {})).unfinished?.why, 'cancelled');

    assert.ok((await engine.ask('resetMemory', {})).ok);
    const state = await engine.ask('trainingState', {});
    assert.deepEqual([state.versions, state.unfinished, state.data.labels.rating], [[], null, 0]);
    const left = await readdir(join(folder, 'learning'), { recursive: true, withFileTypes: true }).catch(() => []);
    assert.deepEqual(
      left.filter((entry) => entry.isFile()).map(({ name }) => name),
      [],
    );
    await engine.stop();
  });
});

describe('a dry run', { timeout: 120_000 }, () => {
  it('says what would be learnt, and writes nothing', async () => {
    const folder = await place();
    const engine = await engineIn(folder);
    await remember(engine, folder, edits);
    const result = await engine.ask('train', {
      requestId: 'dry',
      layers: ['rewardModel'],
      dryRun: true,
      resume: false,
    });
    assert.ok(result.ok, JSON.stringify(result));
    assert.match(result.report, /nothing was written/);
    assert.match(result.report, /prefers early returns/);
    const left = await readdir(join(folder, 'learning'), { recursive: true });
    assert.deepEqual(
      left.filter((name) => name !== 'lock'),
      [],
    );
    await engine.stop();
  });
});
