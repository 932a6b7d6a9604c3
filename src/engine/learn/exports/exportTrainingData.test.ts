import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import type { Event, Rating } from '../../../protocol/episode.ts';
import { seeded } from '../../../tensor/random.ts';
import { systemClock, systemIds } from '../../clock.ts';
import { nodeFiles, type StoreFiles } from '../../memory/files.ts';
import type { StoredEpisode } from '../../memory/store.ts';
import { systemError } from '../../memory/testFiles.ts';
import { episode, event, rating } from '../../memory/testRecords.ts';
import { judgementsOf } from '../reward/judgements.ts';
import { exportTrainingData } from './exportTrainingData.ts';
import type { PromptOf } from './rows.ts';
import { Dpo, Kto, linesIn, PromptOnly } from './testTrl.ts';

let root: string;
let number = 0;
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'attune-export-'));
});
after(() => rm(root, { recursive: true, force: true, maxRetries: 5 }));

const newFolder = async (): Promise<string> => {
  const folder = join(root, `${++number}`);
  await mkdir(folder);
  return folder;
};
const promptOf: PromptOf = (one) =>
  one.kind === 'nextEdit'
    ? null
    : {
        messages: [{ role: 'user', content: `${one.instruction}${one.prefix}▮${one.suffix}` }],
        answer: (text) => `<fill>${text}</fill>`,
      };
/** Newest first, as the store gives them. */
const exportInto = (folder: string, entries: readonly StoredEpisode[], files: StoreFiles = nodeFiles) => {
  const store = { entries: () => entries, get: (id: string) => entries.find((one) => one.episode.id === id) ?? null };
  return exportTrainingData(folder, { store, promptOf, files, ids: systemIds, clock: systemClock });
};
const read = async (folder: string) => {
  const [kto, dpo, prompts, card] = await Promise.all(
    ['kto.jsonl', 'dpo.jsonl', 'prompts.jsonl', 'README.md'].map((name) => readFile(join(folder, name), 'utf8')),
  );
  return { kto: linesIn(kto!, Kto), dpo: linesIn(dpo!, Dpo), prompts: linesIn(prompts!, PromptOnly), card: card! };
};
const stored = (change: Partial<StoredEpisode> = {}): StoredEpisode => ({
  episode: episode(),
  events: [],
  rating: null,
  otherRatings: [],
  forbidden: false,
  ...change,
});
const rated = (prefix: string, change: Partial<Rating>, at = 1): StoredEpisode => {
  const one = episode({ prefix, at, kind: 'edit', instruction: 'x' });
  return stored({ episode: one, rating: rating(one.id, change) });
};

test('three files in TRL’s formats, oldest first, and a card that says how to load them', async () => {
  const folder = await newFolder();
  const entries = [
    rated('c', { thumb: 'down', correction: 'better()' }, 3),
    stored({ episode: episode({ offered: null, at: 2 }) }),
    rated('b', { thumb: 'up' }, 1),
    rated('b', { thumb: 'up' }, 0),
  ];
  const exported = await exportInto(folder, entries);
  const { kto, dpo, prompts, card } = await read(folder);
  assert.deepEqual([exported.kto, exported.dpo, exported.prompts], [3, 1, 2]);
  assert.deepEqual(
    kto.map(({ label }) => label),
    [true, true, false],
  );
  assert.deepEqual(
    kto.map(({ episode_id }) => episode_id),
    [3, 2, 0].map((i) => entries[i]!.episode.id),
  );
  assert.equal(dpo[0]!.chosen[0]!.content, '<fill>better()</fill>');
  assert.deepEqual(
    prompts.map(({ prompt }) => prompt[0]!.content),
    ['xb▮;\n', 'xc▮;\n'],
  );
  // 2 against 1: 1 · 2 : λ · 1 = 7 : 6.
  assert.match(card, /desirable_weight=1, undesirable_weight=1\.714\)/);
  assert.match(card, /^---\nconfigs:\n- config_name: kto\n {2}data_files: kto\.jsonl\n- config_name: dpo\n/);
  assert.match(card, /\| silent \| 1 \|/);
  assert.match(card, /4 episodes, with labels of version 3/);
  const sizes = await Promise.all(
    (await readdir(folder)).map(async (name) => (await readFile(join(folder, name))).length),
  );
  assert.equal(
    sizes.reduce((sum, size) => sum + size, 0),
    exported.bytes,
  );
});

test('shares have a point on every line: readers guess types by the first', async () => {
  const folder = await newFolder();
  const change = { thumb: null, correction: 'b' };
  await exportInto(folder, [
    rated('a', { ...change, score: 10 }),
    rated('b', { ...change, score: 1 }),
    rated('c', { ...change, score: 7 }),
  ]);
  const ends = async (name: string) =>
    (await readFile(join(folder, name), 'utf8')).match(/"(?:score|margin)":[^,]*(?=\}\n)/g);
  assert.deepEqual(await ends('kto.jsonl'), ['"score":0.6666666666666666', '"score":0.0', '"score":1.0']);
  assert.deepEqual(await ends('dpo.jsonl'), Array(3).fill('"margin":0.35'));
});

test('an empty memory gives empty files, no configuration that load_dataset would fail on, and no weights', async () => {
  const folder = await newFolder();
  assert.deepEqual({ ...(await exportInto(folder, [])), bytes: 0 }, { kto: 0, dpo: 0, prompts: 0, bytes: 0 });
  const { card } = await read(folder);
  assert.ok(!card.includes('configs:') && card.includes('One side is empty'));
});

test('a new export takes the place of the old one; files of somebody else are left alone', async () => {
  const folder = await newFolder();
  await exportInto(folder, [rated('a', { thumb: 'up' })]);
  await exportInto(folder, []);
  assert.deepEqual((await read(folder)).kto, []);
  for (const name of ['README.md', 'dpo.jsonl']) {
    const other = await newFolder();
    await writeFile(join(other, name), 'mine');
    await assert.rejects(exportInto(other, []), new RegExp(`holds a ${name} that Attune did not write`));
    assert.deepEqual(await readdir(other), [name]);
  }
});

test('a folder that is missing, a file, or may not be written: said before anything is', async () => {
  await assert.rejects(exportInto(join(root, 'nowhere'), []), /does not exist\. Make it, or choose another/);
  const file = join(await newFolder(), 'file');
  await writeFile(file, '');
  await assert.rejects(exportInto(file, []), /is a file\. Choose a folder/);
  const locked = await newFolder();
  const refusing: StoreFiles = {
    ...nodeFiles,
    create: async () => {
      throw systemError('EACCES');
    },
  };
  await assert.rejects(exportInto(locked, [], refusing), /\(EACCES\)\. The folder may not be written/);
  // The root user may write everywhere.
  if (process.getuid?.() !== 0 && process.platform !== 'win32') {
    await chmod(locked, 0o500);
    await assert.rejects(exportInto(locked, []), /may not be written/);
    await chmod(locked, 0o700);
  }
  assert.deepEqual(await readdir(locked), []);
});

test('wherever the disk fails, no half of a file and no draft is left, and each file is whole', async () => {
  const old = [rated('old', { thumb: 'up' })];
  const entries = Array.from({ length: 20 }, (_, i) => rated(`new ${i}`, { thumb: 'down', correction: 'b' }));
  for (let failAt = 1; ; failAt += 1) {
    const folder = await newFolder();
    await exportInto(folder, old);
    let operations = 0;
    const failing =
      <A extends unknown[], R>(work: (...args: A) => Promise<R>) =>
      (...args: A): Promise<R> =>
        ++operations === failAt ? Promise.reject(systemError('ENOSPC')) : work(...args);
    const files: StoreFiles = {
      ...nodeFiles,
      rename: failing(nodeFiles.rename),
      create: failing(async (path) => {
        const file = await nodeFiles.create(path);
        return { ...file, write: failing(file.write), sync: failing(file.sync) };
      }),
    };
    const failed = await exportInto(folder, entries, files).then(
      () => false,
      (error: Error) => /\(ENOSPC\)\. The disk is full/.test(error.message),
    );
    assert.deepEqual((await readdir(folder)).sort(), ['README.md', 'dpo.jsonl', 'kto.jsonl', 'prompts.jsonl']);
    const { kto, dpo, prompts } = await read(folder);
    assert.ok([1, 20].includes(kto.length) && [0, 20].includes(dpo.length) && [1, 20].includes(prompts.length));
    if (!failed) {
      // 4 files created, written, synced, renamed.
      assert.equal(failAt, 17);
      break;
    }
  }
});

test('thousands of episodes are written in slices: the engine goes on answering', async () => {
  const folder = await newFolder();
  const long = 'const value = compute(a, b);\n'.repeat(50);
  const entries = Array.from({ length: 4000 }, (_, i) => rated(`${i}\n${long}`, { thumb: i % 2 ? 'up' : 'down' }, -i));
  const byId = new Map(entries.map((entry) => [entry.episode.id, entry]));
  const store = { entries: () => entries, get: (id: string) => byId.get(id) ?? null };
  let turns = 0;
  let longest = 0;
  let done = false;
  const answering = (async () => {
    for (let since = performance.now(); !done; since = performance.now()) {
      await nextTurn();
      turns += 1;
      longest = Math.max(longest, performance.now() - since);
    }
  })();
  const started = performance.now();
  await exportTrainingData(folder, { store, promptOf, files: nodeFiles, ids: systemIds, clock: systemClock });
  const took = performance.now() - started;
  done = true;
  await answering;
  assert.ok(turns >= took / 100, `${turns} turns in ${took} ms`);
  assert.ok(longest < took / 2, `nothing else happened for ${longest} of ${took} ms`);
});

const entry: fc.Arbitrary<StoredEpisode> = fc
  .record({
    seed: fc.nat(),
    file: fc.constantFrom('a.ts', 'b/c.ts', ''),
    kind: fc.constantFrom('inline', 'edit', 'nextEdit'),
    offered: fc.constantFrom(0, 1, null),
    text: fc.string({ unit: 'binary', maxLength: 20 }),
    correction: fc.option(fc.string({ maxLength: 10 })),
    types: fc.array(
      fc.constantFrom<Event['type'][]>('shown', 'read', 'accepted', 'rejected', 'ignored', 'reverted', 'retained'),
      { maxLength: 4 },
    ),
    scores: fc.array(fc.option(fc.integer({ min: 1, max: 10 })), { maxLength: 3 }),
  })
  .map(({ seed, types, scores, correction, text, ...rest }) => {
    const random = seeded(seed);
    const candidates = ['x', text].map((one) => ({ ...episode().candidates[0]!, id: systemIds(), text: one }));
    const one = episode({ ...rest, candidates, at: seed % 1000 });
    const ratings = scores.map((score, i) => rating(one.id, { score, thumb: null, rater: `${i}`, correction }));
    return stored({
      episode: one,
      events: types.map((type, i) =>
        event(one.id, type, {
          at: one.at + i,
          candidateId: candidates[random() < 0.5 ? 0 : 1]!.id,
          ...(type === 'retained' ? { text: 'left', share: random() } : {}),
        }),
      ),
      rating: ratings[0] ?? null,
      otherRatings: ratings.slice(1),
    });
  });

test('property: every line is of its format, ids are unique, a label has a line or a reason, and files can be kept apart', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { maxLength: 12 }), async (entries) => {
      const folder = await newFolder();
      await exportInto(folder, entries);
      const { kto, dpo, prompts, card } = await read(folder);
      for (const rows of [kto, dpo, prompts]) assert.equal(new Set(rows.map(({ id }) => id)).size, rows.length);
      const asked = entries.filter(({ episode: { kind } }) => kind !== 'nextEdit');
      const judged = asked.flatMap((one) => judgementsOf(one, new Map()).judgements);
      const left =
        /neither good nor bad \| (\d+)|too weak for a yes or no \| (\d+)|both answers are the same \| (\d+)/g;
      const without = [...card.matchAll(left)].reduce((sum, [, a, b, c]) => sum + Number(a ?? b ?? c), 0);
      assert.equal(kto.length + dpo.length + without, judged.length);
      const fileOf = new Map(entries.map(({ episode: { id, file } }) => [id, file === '' ? `untitled ${id}` : file]));
      for (const { episode_id, metadata } of [...kto, ...dpo, ...prompts]) {
        assert.equal(metadata.group, fileOf.get(episode_id));
      }
    }),
    { numRuns: 60 },
  );
});
