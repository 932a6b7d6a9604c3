import assert from 'node:assert/strict';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { v7 } from 'uuid';
import type { Disk } from '../../../tensor/files/disk.ts';
import { nodeDisk } from '../../../tensor/files/disk.ts';
import { DiskError } from '../../../tensor/files/fileError.ts';
import { tensorsIn } from '../../../tensor/files/safetensors.ts';
import { faultyDisk } from '../../../tensor/files/testDisk.ts';
import { type LoadedVersion, openRegistry, type Registry } from './registry.ts';
import { commitState, readState } from './stateFile.ts';
import { noData, promoteNext, version } from './testVersions.ts';
import { RegistryError } from './versionManifest.ts';

const root = await mkdtemp(join(tmpdir(), 'attune-registry-'));
after(() => rm(root, { recursive: true, force: true }));

interface Opened {
  readonly folder: string;
  readonly registry: Registry;
  readonly problems: string[];
}
function open(folder: string, disk?: Disk, now = 1_790_000_000_000): Opened {
  const problems: string[] = [];
  const onProblem = (message: string): void => void problems.push(message);
  return {
    folder,
    problems,
    registry: openRegistry({ folder, clock: { now: () => now }, onProblem, ...(disk && { disk }) }),
  };
}
const fresh = async (): Promise<Opened> => open(join(await mkdtemp(join(root, 'r-')), 'registry'));

const weightOf = ({ manifest, files }: LoadedVersion): number =>
  Number(tensorsIn(manifest.id, files.get('model.safetensors')!).values.get('w')!.data[0]);
const servingWeight = async (registry: Registry): Promise<number | null> => {
  const version = await registry.loadServing('selector');
  return version && weightOf(version);
};
const statesOf = async (registry: Registry): Promise<Record<string, string>> =>
  Object.fromEntries((await registry.list()).map(({ entry }) => [entry.id, entry.state]));

async function damage(path: string): Promise<void> {
  const bytes = await readFile(path);
  bytes[bytes.length >>> 1]! ^= 1;
  await writeFile(path, bytes);
}

test('A5-09: the list tells of each version where it comes from, on what, how and how good, also after a restart', async () => {
  const { folder, registry } = await fresh();
  assert.deepEqual(await registry.list(), []);
  const first = await promoteNext(registry, 1);
  const trained = version(first, 2, {
    fingerprint: { ...noData, ratings: 7 },
    others: { 'report.json': [Buffer.from('{}')] },
  });
  assert.ok((await registry.register(trained, 'trained on 7 ratings')).ok);
  const [one, two] = await open(folder).registry.list();
  assert.equal(one!.entry.state, 'active');
  const { manifest, entry } = two!;
  assert.deepEqual(entry.history, [{ state: 'candidate', reason: 'trained on 7 ratings', at: 1_790_000_000_000 }]);
  const { files, ...told } = manifest!;
  assert.deepEqual(told, {
    version: 1,
    id: trained.id,
    kind: 'selector',
    parent: first,
    dependsOn: [],
    created: trained.created,
    data: { sha256: noData.sha256, episodes: 0, ratings: 7, events: 0 },
    hyperParameters: { learningRate: 0.01 },
    metrics: trained.metrics,
    seeds: [1],
    featureVersion: 2,
  });
  assert.deepEqual(
    files.map(({ name }) => name),
    ['model.safetensors', 'trained-on.txt', 'report.json'],
  );
});

test('promote, roll back: what is loaded is what serves', async () => {
  const { registry } = await fresh();
  assert.equal(await servingWeight(registry), null);
  await promoteNext(registry, 1);
  const second = await promoteNext(registry, 2);
  assert.equal(await servingWeight(registry), 2);
  assert.ok((await registry.rollBack('selector', 'Fewer were accepted.')).ok);
  assert.equal(await servingWeight(registry), 1);
  assert.equal((await statesOf(registry))[second], 'rejected');
  const again = await registry.rollBack('selector', 'again');
  assert.ok(!again.ok && /no earlier version/.test(again.message));
});

test('A5-17: a candidate stays a candidate until it has been loaded', async () => {
  const { registry } = await fresh();
  const first = await promoteNext(registry, 1);
  const next = version(first, 2);
  await registry.register(next, 'trained');
  const failed = await registry.promote(next.id, 'better', async () => {
    throw new Error('Out of memory.');
  });
  assert.ok(!failed.ok && failed.message === 'This version can’t be used: Out of memory.');
  assert.equal((await statesOf(registry))[next.id], 'candidate');
  assert.equal(await servingWeight(registry), 1);
  const seen: number[] = [];
  const load = async (loaded: LoadedVersion): Promise<void> => void seen.push(weightOf(loaded));
  assert.ok((await registry.promote(next.id, 'better', load)).ok);
  assert.deepEqual(seen, [2]);
});

test('a crash or a full disk at any operation of register and promote leaves the former active, or the new one whole', async () => {
  const base = await fresh();
  await promoteNext(base.registry, 1);
  const outcomes = new Map<string, number>();
  for (const mode of ['dead', 'once'] as const) {
    for (let failAt = 0; ; failAt++) {
      const folder = await mkdtemp(join(root, 'crash-'));
      await cp(base.folder, folder, { recursive: true });
      const { disk, done } = faultyDisk(failAt, mode);
      const error = await promoteNext(open(folder, disk).registry, 2).then(
        () => null,
        (reason: unknown) => reason,
      );
      const now = open(folder);
      const weight = await servingWeight(now.registry);
      assert.ok(weight === 1 || weight === 2, `${weight} after operation ${failAt}: ${done[failAt]}`);
      if (error === null) assert.equal(weight, 2);
      else assert.ok(error instanceof DiskError, String(error));
      assert.deepEqual(now.problems, []);
      for (const { manifest } of await now.registry.list()) assert.ok(manifest);
      // Life goes on.
      await promoteNext(now.registry, 3);
      assert.equal(await servingWeight(now.registry), 3);
      const key = `${mode} ${error === null ? 'done' : weight}`;
      outcomes.set(key, (outcomes.get(key) ?? 0) + 1);
      await rm(folder, { recursive: true });
      if (done.length <= failAt) break;
    }
  }
  assert.ok(outcomes.get('dead 1')! > 30, JSON.stringify([...outcomes]));
  assert.ok(outcomes.get('dead 2')! >= 1);
});

test('two windows: nothing is lost, and of two successors of one version one is promoted', async () => {
  const { folder, registry } = await fresh();
  const first = await promoteNext(registry, 0);
  const windows = [registry, open(folder).registry, open(folder).registry];
  const trained = windows.map((window, index) =>
    Array.from({ length: 6 }, (_, number) => ({ window, version: version(first, 10 * index + number) })),
  );
  const registered = await Promise.all(
    trained.flat().map(({ window, version: one }) => window.register(one, 'trained')),
  );
  assert.ok(registered.every(({ ok }) => ok));
  assert.equal((await registry.list()).length, 19);
  const results = await Promise.all(trained.map(([one]) => one!.window.promote(one!.version.id, 'better')));
  assert.equal(results.filter(({ ok }) => ok).length, 1);
  for (const result of results) assert.ok(result.ok || result.refusal.type === 'notSuccessor');
  const states = Object.values(await statesOf(registry));
  assert.equal(states.filter((state) => state === 'active').length, 1);
  assert.equal(states.filter((state) => state === 'candidate').length, 17);
});

test('a window that slept while others went on far does not put an old state in place', async () => {
  const { folder, registry } = await fresh();
  await promoteNext(registry, 1);
  const states = join(folder, 'state');
  const { generation, lifecycle } = await readState(nodeDisk, states);
  const slow: Disk = {
    ...nodeDisk,
    async rename(from, to) {
      for (let weight = 2; weight < 8; weight++) await promoteNext(registry, weight);
      await nodeDisk.rename(from, to);
    },
  };
  assert.equal(await commitState(slow, states, generation, lifecycle), false);
  assert.equal(await servingWeight(registry), 7);
  assert.equal((await readdir(states)).length, 8);
});

test('a damaged tensor file: it is set aside with a message, and the version before it serves', async () => {
  const { folder, registry, problems } = await fresh();
  await promoteNext(registry, 1);
  const second = await promoteNext(registry, 2);
  await damage(join(folder, 'versions', second, 'model.safetensors'));
  assert.equal(await servingWeight(registry), 1);
  assert.match(
    problems.join(),
    /its model\.safetensors was changed after it was written\. Train again, or use another version\./,
  );
  assert.deepEqual(await readdir(join(folder, 'quarantine')), [second]);
  assert.equal((await statesOf(registry))[second], 'rejected');
});

test('A5-24: damaged manifests are set aside with a message, the rest stays usable', async () => {
  const { folder, registry, problems } = await fresh();
  const ids = [await promoteNext(registry, 1), await promoteNext(registry, 2), await promoteNext(registry, 3)];
  await damage(join(folder, 'versions', ids[0]!, 'manifest.json'));
  await writeFile(join(folder, 'versions', ids[1]!, 'manifest.json'), '{');
  assert.deepEqual(await statesOf(registry), { [ids[0]!]: 'rejected', [ids[1]!]: 'rejected', [ids[2]!]: 'active' });
  assert.equal(problems.length, 2);
  assert.equal(await servingWeight(registry), 3);
  await promoteNext(registry, 4);
});

test('A5-24: a damaged state: the one before it is used, and it is set aside with the next change', async () => {
  const { folder, registry } = await fresh();
  await promoteNext(registry, 1);
  await promoteNext(registry, 2);
  const newest = (await readdir(join(folder, 'state'))).toSorted().at(-1)!;
  await damage(join(folder, 'state', newest, 'registry.json'));
  const now = open(folder);
  assert.equal(await servingWeight(now.registry), 1);
  assert.equal(await servingWeight(now.registry), 1);
  assert.equal(now.problems.length, 1);
  assert.match(now.problems[0]!, /registry\.json.*What was known before its last change is used/);
  await promoteNext(now.registry, 3);
  assert.deepEqual(await readdir(join(folder, 'quarantine')), [newest]);
  assert.equal(await servingWeight(open(folder).registry), 3);
});

test('what a newer version of Attune wrote is left as it is', async () => {
  const { folder, registry } = await fresh();
  await promoteNext(registry, 1);
  const newest = (await readdir(join(folder, 'state'))).toSorted().at(-1)!;
  await writeFile(join(folder, 'state', newest, 'registry.json'), '{"version": 99}');
  const next = version(null, 2);
  const isNewer = (error: unknown): boolean =>
    error instanceof RegistryError && /newer version.*Update Attune/.test(error.message);
  await assert.rejects(registry.list(), isNewer);
  await assert.rejects(registry.register(next, 'trained'), isNewer);
  assert.ok((await readdir(join(folder, 'state'))).includes(newest));
});

test('changing or deleting a rating makes what was trained on it stale, and what depends on that', async () => {
  const { registry } = await fresh();
  const [episodeId, ratingId] = [v7(), v7()];
  const fingerprint = { ...noData, trainedOn: [{ episodeId, ratingIds: [ratingId] }] };
  const model = version(null, 1, { kind: 'rewardModel', fingerprint });
  await registry.register(model, 'trained');
  await registry.promote(model.id, 'better');
  const selector = version(null, 2, { dependsOn: [model.id] });
  await registry.register(selector, 'trained');
  const other = await promoteNext(registry, 3);

  assert.deepEqual(await registry.markStale(new Set([v7()]), 'Another rating was changed.'), []);
  assert.deepEqual(await registry.trainedOn(model.id), fingerprint.trainedOn);
  assert.deepEqual(await registry.markStale(new Set([ratingId]), 'A rating was changed.'), [model.id, selector.id]);
  assert.deepEqual(await statesOf(registry), { [model.id]: 'stale', [selector.id]: 'stale', [other]: 'active' });
  // Still better than nothing, until the next training.
  assert.equal(weightOf((await registry.loadServing('rewardModel'))!), 1);
  const late = await registry.promote(selector.id, 'better');
  assert.ok(!late.ok && /has changed since/.test(late.message));
});

test('collecting keeps what may be needed, lineage, and whole lists; removed versions say so', async () => {
  const { folder, registry } = await fresh();
  const ids: string[] = [];
  for (let weight = 0; weight < 6; weight++) ids.push(await promoteNext(registry, weight));
  await registry.logFolder(ids[0]!);
  assert.deepEqual(await registry.collect(2), ids.slice(0, 2));
  assert.deepEqual(await registry.collect(2), []);
  assert.deepEqual(await readdir(join(folder, 'versions', ids[0]!)), ['manifest.json']);
  assert.deepEqual(await readdir(join(folder, 'logs')), []);
  const list = await registry.list();
  assert.deepEqual(
    list.map(({ manifest }) => manifest?.parent),
    [null, ...ids.slice(0, 5)],
  );
  const gone = await registry.load(ids[0]!);
  assert.ok(!gone.ok && gone.refusal.type === 'filesRemoved');
  for (const weight of [4, 3, 2]) {
    assert.ok((await registry.rollBack('selector', 'back')).ok);
    assert.equal(await servingWeight(registry), weight);
  }
  assert.ok(!(await registry.rollBack('selector', 'back')).ok);
});

test('what a crash left unregistered is removed a day later, not while another window may be registering it', async () => {
  const { folder, registry } = await fresh();
  await promoteNext(registry, 1);
  const { id } = version(null, 0);
  await cp(join(folder, 'versions', (await readdir(join(folder, 'versions')))[0]!), join(folder, 'versions', id), {
    recursive: true,
  });
  await open(folder, nodeDisk, Date.now()).registry.collect(2);
  assert.equal((await readdir(join(folder, 'versions'))).length, 2);
  await open(folder, nodeDisk, Date.now() + 25 * 3600 * 1000).registry.collect(2);
  assert.equal((await readdir(join(folder, 'versions'))).length, 1);
  assert.equal(await servingWeight(registry), 1);
});

test('every change of the state, by whatever window, has a new generation; cleared, there is nothing, also for the other window', async () => {
  const { folder, registry } = await fresh();
  const other = open(folder).registry;
  assert.equal(await registry.generation(), 0);
  const seen = new Set([0]);
  for (let weight = 1; weight <= 2; weight += 1) {
    await promoteNext(registry, weight);
    seen.add(await other.generation());
  }
  assert.equal(seen.size, 3);
  await registry.list();
  assert.equal(await registry.generation(), await other.generation());
  await registry.clear();
  assert.deepEqual([await other.generation(), await other.list(), await servingWeight(other)], [0, [], null]);
  await promoteNext(other, 7);
  assert.equal(await servingWeight(registry), 7);
});
