import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import { thisOwner } from '../../src/engine/memory/owner.ts';
import type { Store } from '../../src/engine/memory/store.ts';
import { ModelFiles } from '../../src/engine/memory/testFiles.ts';
import { byHand, episode, event, openIn, rating } from '../../src/engine/memory/testRecords.ts';

const cases = 520;

/** Reproducible: mulberry32 (public domain, T. Ettinger). */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

type Files = ReadonlyMap<string, Buffer>;

const dir = '/store';

/** What a window leaves that was killed: a snapshot, the one before, a folded journal and two that are not folded. */
async function crashedStore(): Promise<{ files: Files; ids: ReadonlySet<string> }> {
  const disk = new ModelFiles();
  const ids = new Set<string>();
  const owner = { ...thisOwner, run: 'killed' };
  const store = await openIn(dir, { files: disk, pace: { ...byHand, segmentBytes: 9000 }, owner });
  const add = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) {
      const one = episode({ instruction: `größer als ${i} – “quoted”`, prefix: `// line ${i}\n`.repeat(20) });
      const happened = event(one.id, 'accepted');
      const said = rating(one.id, { comment: `number ${i}` });
      store.addEpisode(one);
      store.addEvents([happened]);
      await store.rate(said);
      for (const id of [one.id, happened.id, said.id]) ids.add(id);
    }
  };
  await add(25);
  await store.fold();
  await add(6);
  await store.fold();
  await add(15);
  const files = new Map<string, Buffer>();
  for (const name of await disk.list(dir)) files.set(name, (await disk.read(`${dir}/${name}`))!);
  await store.close();
  return { files, ids };
}

/** Ids of the records of a journal whose frames do not touch the damage. Written without the store's own reader. */
function undamagedIds(original: Buffer, damaged: Buffer): Set<string> {
  const whole = new Set<string>();
  for (let at = 8; at + 8 <= original.length; ) {
    const end = at + 8 + original.readUInt32LE(at);
    assert.equal(
      crc32(original.subarray(at + 8, end)),
      original.readUInt32LE(at + 4),
      'the test misreads its own journal',
    );
    const record = JSON.parse(original.subarray(at + 8, end).toString()) as { record?: string; value?: { id: string } };
    if (record.value && damaged.length >= end && damaged.subarray(at, end).equals(original.subarray(at, end))) {
      whole.add(record.value.id);
    }
    at = end;
  }
  return whole;
}

function damage(original: Buffer, random: (below: number) => number): Buffer {
  const bytes = Buffer.from(original);
  switch (random(4)) {
    case 0:
      return bytes.subarray(0, random(bytes.length));
    case 1: {
      const at = random(bytes.length);
      bytes.fill(0, at, Math.min(bytes.length, at + 1 + random(600)));
      break;
    }
    case 2: {
      const at = random(bytes.length);
      for (let i = at; i < Math.min(bytes.length, at + 1 + random(300)); i++) bytes[i] = random(256);
      break;
    }
    default:
      for (let flips = 1 + random(8); flips > 0; flips--) {
        const at = random(bytes.length);
        bytes[at] = bytes[at]! ^ (1 << random(8));
      }
  }
  return bytes;
}

/** A cut exactly between two records leaves a shorter journal without a fault: nothing can tell. */
function isCutBetweenRecords(original: Buffer, damaged: Buffer): boolean {
  if (damaged.length >= original.length || damaged.length < 8) return false;
  let at = 8;
  while (at < damaged.length) at += 8 + original.readUInt32LE(at);
  return at === damaged.length && damaged.equals(original.subarray(0, at));
}

test(`a store with a damaged file opens, says so, keeps a copy and has every undamaged record (${cases} cases)`, async () => {
  const { files, ids } = await crashedStore();
  const journals = [...files.keys()].filter((name) => name.startsWith('journal-'));
  assert.ok(files.has('memory.db') && files.has('memory.db.previous'), [...files.keys()].join());
  assert.ok(journals.some((name) => name.endsWith('.active')) && journals.some((name) => isFolded(name, files)));
  const seen = { snapshot: 0, journal: 0 };

  for (let number = 0; number < cases; number++) {
    const random = randomFrom(number + 1);
    const targets = number % 5 < 2 ? ['memory.db'] : number % 5 < 4 ? journals : [...files.keys()];
    const name = targets[random(targets.length)]!;
    const original = files.get(name)!;
    const bytes = damage(original, random);
    if (bytes.equals(original)) continue;
    const disk = new ModelFiles();
    for (const [file, content] of files) disk.put(`${dir}/${file}`, file === name ? bytes : content);

    const place = `case ${number}: ${name}, ${original.length} → ${bytes.length} bytes`;
    const store = await openIn(dir, { files: disk, pace: byHand });
    const expected = new Set(ids);
    let mustTell = name === 'memory.db';
    if (name === 'memory.db') seen.snapshot++;
    if (name.startsWith('journal-') && !isFolded(name, files)) {
      seen.journal++;
      const whole = undamagedIds(original, bytes);
      for (const id of undamagedIds(original, original)) if (!whole.has(id)) expected.delete(id);
      mustTell = !isCutBetweenRecords(original, bytes);
    }
    if (mustTell) {
      assert.ok(store.report.problems.length > 0, `${place}: nothing was said`);
      assert.ok(await hasCopy(disk, bytes), `${place}: no copy was kept`);
    }
    const found = await idsOf(store, disk);
    for (const id of expected) assert.ok(found.has(id), `${place}: ${id} was not damaged and is gone`);
    for (const id of found) assert.ok(ids.has(id), `${place}: ${id} was invented`);
    await store.close();

    const again = await openIn(dir, { files: disk, pace: byHand });
    assert.deepEqual(again.report.problems, [], `${place}: still complaining the next time`);
    const second = await idsOf(again, disk);
    for (const id of found) assert.ok(second.has(id), `${place}: ${id} is gone the next time`);
    await again.close();
  }
  assert.ok(seen.snapshot > 150 && seen.journal > 100, JSON.stringify(seen));
});

/** Its records are in the snapshot, which names it in its trailer. */
function isFolded(journal: string, files: Files): boolean {
  return files.get('memory.db')!.includes(journal.replace(/\.(active|sealed)$/, ''));
}

async function hasCopy(disk: ModelFiles, bytes: Buffer): Promise<boolean> {
  for (const name of await disk.list(dir)) {
    if (/\.(damaged|corrupt)-/.test(name) && (await disk.read(`${dir}/${name}`))?.equals(bytes)) return true;
  }
  return false;
}

async function idsOf(store: Store, disk: ModelFiles): Promise<Set<string>> {
  await store.exportTo('/export.jsonl');
  const lines = (await disk.read('/export.jsonl'))!.toString().split('\n').slice(1, -1);
  return new Set(lines.map((line) => (JSON.parse(line) as { value: { id: string } }).value.id));
}
