import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { CheckpointError, parseManifest } from './checkpointManifest.ts';
import { DiskError } from './fileError.ts';
import { openSafetensors } from './safetensors.ts';
import { notesOf, stepOf, tensorsOf } from './testCheckpoints.ts';
import { faultyDisk } from './testDisk.ts';

const root = await mkdtemp(join(tmpdir(), 'attune-checkpoint-'));
after(() => rm(root, { recursive: true, force: true }));

/** A new folder with the checkpoint `run` of step 1. */
async function place(name: string): Promise<{ readonly parent: string; readonly folder: string }> {
  const parent = join(root, name);
  await mkdir(parent);
  const folder = join(parent, 'run');
  await writeCheckpoint(folder, tensorsOf(1), notesOf(1));
  return { parent, folder };
}

test('all comes back, and the files are what other tools expect', async () => {
  const { parent, folder } = await place('whole');
  const tensors = tensorsOf(7);
  const written = await writeCheckpoint(folder, tensors, notesOf(7));
  const read = await readCheckpoint(folder);
  assert.deepEqual(read, { ...tensors, manifest: written });
  assert.deepEqual({ ...read.manifest, ...notesOf(7) }, read.manifest);
  assert.deepEqual(await readdir(parent), ['run']);
  assert.deepEqual((await readdir(folder)).sort(), ['manifest.json', 'model.safetensors', 'optimizer.safetensors']);
  const optimizer = await openSafetensors(join(folder, 'optimizer.safetensors'));
  assert.deepEqual([...optimizer.tensors.keys()].sort(), ['exp_avg.b', 'exp_avg.w', 'exp_avg_sq.b', 'exp_avg_sq.w']);
});

test('a model that is not trained any further has no optimizer’s state', async () => {
  const { folder } = await place('inference');
  const { parameters } = tensorsOf(2);
  await writeCheckpoint(folder, { parameters, optimizer: null }, notesOf(2));
  assert.equal((await readCheckpoint(folder)).optimizer, null);
  assert.deepEqual((await readdir(folder)).sort(), ['manifest.json', 'model.safetensors']);
});

test('NaN, infinities, -0 and subnormal numbers keep their bits', async () => {
  const { folder } = await place('bits');
  const bits = Uint32Array.of(0x7fc00001, 0xffc12345, 0x7f800000, 0xff800000, 0x80000000, 1, 0x007fffff);
  const odd = { name: 'odd', dtype: 'float32', shape: [7], data: new Float32Array(bits.buffer) } as const;
  await writeCheckpoint(folder, { parameters: [odd], optimizer: null }, notesOf(2));
  const { data } = (await readCheckpoint(folder)).parameters[0]!;
  assert.deepEqual(new Uint32Array(data.buffer as ArrayBuffer, data.byteOffset, 7), bits);
});

test('each file is on the disk before it gets its name, and the old checkpoint goes last', async () => {
  const { folder } = await place('order');
  const { disk, done } = faultyDisk(Number.POSITIVE_INFINITY, 'once');
  await writeCheckpoint(folder, tensorsOf(2), notesOf(2), disk);
  const first = (step: string) => {
    assert.ok(done.includes(step), `${step} is missing in\n${done.join('\n')}`);
    return done.indexOf(step);
  };
  const inPlace = first('rename run');
  for (const name of ['model.safetensors', 'optimizer.safetensors', 'manifest.json']) {
    assert.ok(
      done.lastIndexOf(`write ${name}`) < first(`sync ${name}`) && first(`sync ${name}`) < first('rename run.previous'),
    );
  }
  assert.ok(first('syncFolder run.*.draft') < first('rename run.previous'));
  assert.ok(inPlace < first('syncFolder order') && first('syncFolder order') < done.lastIndexOf('remove run.previous'));
});

test('a fault at any operation leaves the old checkpoint or the new one, and the next writer tidies up', async () => {
  const { parent, folder } = await place('faults');
  const { disk: counting, done } = faultyDisk(Number.POSITIVE_INFINITY, 'once');
  await writeCheckpoint(folder, tensorsOf(2), notesOf(2), counting);
  assert.ok(done.length > 25, done.join('\n'));
  for (const mode of ['once', 'dead'] as const) {
    for (let failAt = 0; failAt < done.length; failAt++) {
      const where = `${mode} at ${failAt}: ${done[failAt]}`;
      await rm(parent, { recursive: true });
      await mkdir(parent);
      await writeCheckpoint(folder, tensorsOf(1), notesOf(1));
      const { disk } = faultyDisk(failAt, mode);
      const result = await writeCheckpoint(folder, tensorsOf(2), notesOf(2), disk).catch((error: unknown) => error);
      if (mode === 'dead') await orphan(parent);
      const step = stepOf(await readCheckpoint(folder));
      if (result instanceof Error) {
        assert.ok(result instanceof DiskError, where);
        assert.match(
          result.message,
          /^“run” could not be written\. The disk is full: free some space and try again\.$/,
        );
        assert.equal(step, failAt > done.indexOf('rename run') ? 2 : 1, where);
      } else {
        // Only what is left over could not be removed.
        assert.ok(done[failAt] === 'remove run.previous' && step === 2, where);
      }
      // Reading has put all in order already, except where the failed writer lives: we do.
      await writeCheckpoint(folder, tensorsOf(3), notesOf(3));
      assert.equal(stepOf(await readCheckpoint(folder)), 3, where);
      assert.deepEqual(await readdir(parent), ['run'], where);
    }
  }
});

/** Gives drafts to a process that does not exist: the one that wrote them, we, still lives. */
async function orphan(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (name.endsWith('.draft')) {
      await rename(join(parent, name), join(parent, name.replace(`.${process.pid}-`, '.4194304001-')));
    }
  }
}

test('the older checkpoint is found while a writer is between its two renames', async () => {
  const { parent, folder } = await place('between');
  await mkdir(join(parent, `run.${process.pid}-0123abcd.draft`));
  await rename(folder, `${folder}.previous`);
  assert.equal(stepOf(await readCheckpoint(folder)), 1);
  assert.ok((await readdir(parent)).includes('run.previous'), 'what belongs to a living writer was moved');
});

test('a checkpoint that someone keeps other files in is not replaced, what a file manager leaves does no harm', async () => {
  const { folder } = await place('kept');
  await writeFile(join(folder, '.DS_Store'), 'x');
  await writeCheckpoint(folder, tensorsOf(2), notesOf(2));
  await writeFile(join(folder, 'notes.txt'), 'x');
  await assert.rejects(
    writeCheckpoint(folder, tensorsOf(3), notesOf(3)),
    /“run” holds more than a checkpoint: “notes\.txt”/,
  );
  assert.equal(stepOf(await readCheckpoint(folder)), 2);
});

test('a folder that holds something else is not replaced', async () => {
  const folder = join(root, 'photos');
  await mkdir(folder);
  await writeFile(join(folder, 'holiday.jpg'), 'x');
  await assert.rejects(
    writeCheckpoint(folder, tensorsOf(1), notesOf(1)),
    /“photos” is there already and is no checkpoint/,
  );
  assert.deepEqual(await readdir(folder), ['holiday.jpg']);
  await assert.rejects(readCheckpoint(folder), /“photos” is no checkpoint: it has no manifest\.json\./);
});

test('a parent that is missing, a checkpoint that is missing', async () => {
  await assert.rejects(
    writeCheckpoint(join(root, 'no', 'run'), tensorsOf(1), notesOf(1)),
    /“run” could not be written\. Its folder is not there/,
  );
  await assert.rejects(readCheckpoint(join(root, 'nothing')), /“nothing” is not there\. Choose another checkpoint\./);
});

const name = { model: 'model.safetensors', optimizer: 'optimizer.safetensors', manifest: 'manifest.json' } as const;
const damages: readonly [what: string, damage: (folder: string) => Promise<unknown>, message: RegExp][] = [
  ['a file is missing', (folder) => rm(join(folder, name.model)), /its model\.safetensors is missing/],
  [
    'a file is cut off',
    (folder) => truncate(join(folder, name.optimizer), 900),
    /optimizer\.safetensors has 900 bytes instead/,
  ],
  ['a bit is flipped', (folder) => flip(join(folder, name.model), 2000), /model\.safetensors was changed after/],
  ['a header is overwritten', (folder) => flip(join(folder, name.model), 3), /model\.safetensors was changed after/],
  [
    'the manifest is cut off',
    (folder) => truncate(join(folder, name.manifest), 50),
    /manifest\.json is not valid JSON/,
  ],
  ['the manifest is empty', (folder) => truncate(join(folder, name.manifest), 0), /manifest\.json is not valid JSON/],
  [
    'a number in the manifest is changed',
    (folder) => edit(folder, '"seed": 1', '"seed": 2'),
    /manifest\.json was changed/,
  ],
  ['a folder stands for a file', (folder) => asFolder(join(folder, name.model)), /model\.safetensors/],
];

async function flip(file: string, at: number): Promise<void> {
  const bytes = await readFile(file);
  bytes[at]! ^= 1;
  await writeFile(file, bytes);
}

async function edit(folder: string, from: string, to: string): Promise<void> {
  const text = await readFile(join(folder, name.manifest), 'utf8');
  assert.ok(text.includes(from));
  await writeFile(join(folder, name.manifest), text.replace(from, to));
}

async function asFolder(file: string): Promise<void> {
  await rm(file);
  await mkdir(file);
}

for (const [what, damage, message] of damages) {
  test(`refused, with the file’s name and what to do: ${what}`, async () => {
    const { folder } = await place(what);
    await damage(folder);
    await assert.rejects(readCheckpoint(folder), (error: unknown) => {
      assert.ok(error instanceof CheckpointError, String(error));
      assert.match(error.message, message);
      assert.match(error.message, /^“run” .*Restore it from a copy, or use an earlier checkpoint\.$/);
      return true;
    });
  });
}

test('an optimizer of another checkpoint is seen, even with a manifest made for it', async () => {
  const { parent, folder } = await place('mixed');
  const other = join(parent, 'other');
  await writeCheckpoint(other, tensorsOf(5), { ...notesOf(5), step: 5 });
  await cp(join(other, name.optimizer), join(folder, name.optimizer));
  await assert.rejects(readCheckpoint(folder), /optimizer\.safetensors was changed after it was written/);
  assert.equal(stepOf(await readCheckpoint(other)), 5);
});

test('a manifest of a later version asks for an update, and one of nothing is no crash', () => {
  const parse = (text: string) => () => parseManifest('/runs/run', text);
  assert.throws(parse('{"version":2,"sha256":""}'), /“run” was written by a newer version of Attune\. Update Attune/);
  for (const text of ['null', '[]', '1', '{}', '{"version":1}', '{"sha256":1}'])
    assert.throws(parse(text), CheckpointError);
});
