import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { hostname, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type MetricValues, metrics } from '../../../protocol/metrics.ts';
import { DiskError } from '../../../tensor/files/fileError.ts';
import { faultyDisk } from '../../../tensor/files/testDisk.ts';
import { eventWriter } from './tensorBoard.ts';
import { type ReadEvent, readEvents } from './testEvents.ts';

const root = await mkdtemp(join(tmpdir(), 'attune-events-'));
after(() => rm(root, { recursive: true, force: true }));
const freshFolder = (): Promise<string> => mkdtemp(join(root, 'run-'));

const startMs = 1_790_000_000_500;
async function eventsIn(folder: string): Promise<readonly ReadEvent[]> {
  const names = (await readdir(folder)).toSorted();
  const files = await Promise.all(names.map((name) => readFile(join(folder, name))));
  return files.flatMap((bytes) => readEvents(bytes).events);
}
const numbersIn = (events: readonly ReadEvent[]) =>
  events.flatMap(({ step, scalars }) => scalars.map(({ tag, value }) => [step, tag, value]));

test('what is written is read back by an independent reader: checksums, version, steps, times, numbers', async () => {
  const folder = await freshFolder();
  const writer = eventWriter(folder);
  await writer.add(0, startMs, { 'objective/kl': 0.25, 'policy/clipfrac_avg': 0 });
  await writer.add(1, startMs + 1500, { 'objective/kl': -1.5 });
  await writer.add(5_000_000_000, startMs + 3000, { 'loss/value_avg': 3e-5 });
  await writer.close();

  assert.deepEqual(await readdir(folder), ['events.out.tfevents.1790000000.attune.0']);
  const events = await eventsIn(folder);
  assert.deepEqual(
    events.map(({ wallTime, step, fileVersion }) => ({ wallTime, step, fileVersion })),
    [
      { wallTime: 1_790_000_000.5, step: 0, fileVersion: 'brain.Event:2' },
      { wallTime: 1_790_000_000.5, step: 0, fileVersion: null },
      { wallTime: 1_790_000_002, step: 1, fileVersion: null },
      { wallTime: 1_790_000_003.5, step: 5_000_000_000, fileVersion: null },
    ],
  );
  assert.deepEqual(numbersIn(events), [
    [0, 'objective/kl', 0.25],
    [0, 'policy/clipfrac_avg', 0],
    [1, 'objective/kl', -1.5],
    [5_000_000_000, 'loss/value_avg', Math.fround(3e-5)],
  ]);
  // Once is enough: TensorBoard keeps the first.
  assert.equal(events[1]!.scalars[0]!.description, metrics['objective/kl']);
  assert.equal(events[2]!.scalars[0]!.description, null);
});

test('every known name is written, and numbers that are not finite', async () => {
  const folder = await freshFolder();
  const writer = eventWriter(folder);
  const all: MetricValues = Object.fromEntries(Object.keys(metrics).map((name, index) => [name, index / 4]));
  await writer.add(0, startMs, all);
  await writer.add(1, startMs, { lr: Number.NaN, eps: Number.POSITIVE_INFINITY, episode: -1e300 });
  await writer.close();
  const [, known, odd] = await eventsIn(folder);
  assert.deepEqual(Object.fromEntries(known!.scalars.map(({ tag, value }) => [tag, value])), all);
  assert.deepEqual(
    known!.scalars.map(({ description }) => description),
    Object.values(metrics),
  );
  assert.deepEqual(
    odd!.scalars.map(({ value }) => value),
    [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
});

test('numbers that are not waited for come in order, and a second run of the same second gets its own file', async () => {
  const folder = await freshFolder();
  for (const run of [0, 1]) {
    const writer = eventWriter(folder);
    await Promise.all(Array.from({ length: 20 }, (_, step) => writer.add(run * 20 + step, startMs, { lr: step })));
    await writer.close();
  }
  assert.equal((await readdir(folder)).length, 2);
  assert.deepEqual(
    numbersIn(await eventsIn(folder)),
    Array.from({ length: 40 }, (_, step) => [step, 'lr', step % 20]),
  );
});

test('neither the machine, nor the user, nor a path is in the files', async () => {
  const folder = await freshFolder();
  const writer = eventWriter(folder);
  await writer.add(0, startMs, { lr: 1 });
  await writer.close();
  const [name] = await readdir(folder);
  const content = name! + (await readFile(join(folder, name!), 'latin1'));
  for (const secret of [hostname(), userInfo().homedir, folder, String(process.pid)]) {
    assert.ok(!content.includes(secret), `it holds ${secret}`);
  }
});

test('cut off at any byte, all whole records before are read', async () => {
  const folder = await freshFolder();
  const writer = eventWriter(folder);
  for (let step = 0; step < 5; step++) await writer.add(step, startMs, { lr: step });
  await writer.close();
  const bytes = await readFile(join(folder, (await readdir(folder))[0]!));
  let before = 0;
  for (let length = 0; length <= bytes.length; length++) {
    const { events, tornBytes } = readEvents(bytes.subarray(0, length));
    assert.ok(events.length === before || (events.length === before + 1 && tornBytes === 0));
    before = events.length;
  }
  assert.equal(before, 6);
});

test('the process is killed: what was added is there', async () => {
  const folder = await freshFolder();
  const module = JSON.stringify(new URL('./tensorBoard.ts', import.meta.url).href);
  const program = `
    const { eventWriter } = await import(${module});
    const writer = eventWriter(${JSON.stringify(folder)});
    for (let step = 0; step < 30; step++) await writer.add(step, ${startMs}, { lr: step });
    process.stdout.write('written');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--no-warnings', '--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'close');
  assert.equal(numbersIn(await eventsIn(folder)).length, 30);
});

test('a disk that fails at any operation: the error says what to do, and later numbers are not lost behind the damage', async () => {
  for (let failAt = 0; ; failAt++) {
    const folder = await freshFolder();
    const { disk, done } = faultyDisk(failAt, 'once');
    const writer = eventWriter(folder, disk);
    const lost: unknown[] = [];
    for (let step = 0; step < 4; step++) {
      await writer.add(step, startMs, { lr: step }).catch((error: unknown) => lost.push(step, error));
    }
    await writer.close().catch((error: unknown) => lost.push('close', error));
    if (done.length <= failAt) {
      assert.deepEqual(lost, []);
      assert.ok(failAt > 6, `only ${failAt} operations`);
      return;
    }
    assert.equal(lost.length, 2, `operation ${failAt}: ${done[failAt]}`);
    assert.ok(lost[1] instanceof DiskError && /disk is full/.test(lost[1].message));
    const steps = numbersIn(await eventsIn(folder)).map(([step]) => step);
    assert.deepEqual(
      steps,
      [0, 1, 2, 3].filter((step) => step !== lost[0]),
    );
  }
});
