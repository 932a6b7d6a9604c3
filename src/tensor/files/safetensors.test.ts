import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { type DType, dtypes } from '../dtype.ts';
import { DiskError } from './fileError.ts';
import { openSafetensors, readFloat32, readTensor, tensorsIn } from './safetensors.ts';
import { SafetensorsError } from './safetensorsHeader.ts';
import { safetensorsPieces, type TensorToWrite, writeSafetensors } from './safetensorsWrite.ts';
import { faultyDisk } from './testDisk.ts';

const folder = await mkdtemp(join(tmpdir(), 'attune-safetensors-'));
after(() => rm(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);

/** What `safetensors.torch.save` of safetensors 0.8.0 makes of `tensors` below, with metadata {format: pt}. */
const reference = Buffer.from(
  `WAIAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJmb3JtYXQiOiJwdCJ9LCJzdGVwIjp7ImR0eXBlIjoiSTY0Iiwic2hhcGUiOltdLCJkYXRhX29mZnNldHMiOlswLDhdfSwiZCI6eyJkdHlwZSI6IkY2NCIsInNoYXBlIjpbMV0sImRhdGFfb2Zmc2V0cyI6WzgsMTZdfSwiMTAiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzAsNF0sImRhdGFfb2Zmc2V0cyI6WzE2LDE2XX0sImIiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzIsM10sImRhdGFfb2Zmc2V0cyI6WzE2LDQwXX0sIm4iOnsiZHR5cGUiOiJJMzIiLCJzaGFwZSI6WzFdLCJkYXRhX29mZnNldHMiOls0MCw0NF19LCLDqVwieiI6eyJkdHlwZSI6IkJGMTYiLCJzaGFwZSI6WzJdLCJkYXRhX29mZnNldHMiOls0NCw0OF19LCJhIjp7ImR0eXBlIjoiRjE2Iiwic2hhcGUiOlszXSwiZGF0YV9vZmZzZXRzIjpbNDgsNTRdfSwiaSI6eyJkdHlwZSI6Ikk4Iiwic2hhcGUiOlsyXSwiZGF0YV9vZmZzZXRzIjpbNTQsNTZdfSwidSI6eyJkdHlwZSI6IlU4Iiwic2hhcGUiOlsxXSwiZGF0YV9vZmZzZXRzIjpbNTYsNTddfSwiZmxhZyI6eyJkdHlwZSI6IkJPT0wiLCJzaGFwZSI6WzNdLCJkYXRhX29mZnNldHMiOls1Nyw2MF19fSAgICAgICAHAAAAAAAAAJqZmZmZmbk/AAAAAAAAgD8AAABAAABAQAAAgEAAAKBA/f///4A/SUAAPgDA/3v/Bf8BAAE=`,
  'base64',
);

const tensors: readonly TensorToWrite[] = [
  { name: 'b', dtype: 'float32', shape: [2, 3], data: Float32Array.of(0, 1, 2, 3, 4, 5) },
  { name: 'a', dtype: 'float16', shape: [3], data: Uint16Array.of(0x3e00, 0xc000, 0x7bff) },
  { name: 'é"z', dtype: 'bfloat16', shape: [2], data: Uint16Array.of(0x3f80, 0x4049) },
  { name: 'step', dtype: 'int64', shape: [], data: BigInt64Array.of(7n) },
  { name: 'flag', dtype: 'bool', shape: [3], data: Uint8Array.of(1, 0, 1) },
  { name: 'i', dtype: 'int8', shape: [2], data: Int8Array.of(-1, 5) },
  { name: 'u', dtype: 'uint8', shape: [1], data: Uint8Array.of(255) },
  { name: 'n', dtype: 'int32', shape: [1], data: () => Int32Array.of(-3) },
  { name: 'd', dtype: 'float64', shape: [1], data: async () => Float64Array.of(0.1) },
  { name: '10', dtype: 'float32', shape: [0, 4], data: new Float32Array(0) },
];

test('writes the very bytes that the reference writes, whatever the order of the tensors', async () => {
  for (const some of [tensors, tensors.toReversed()]) {
    const { sizeBytes } = await writeSafetensors(at('same.safetensors'), some, { format: 'pt' });
    assert.deepEqual(await readFile(at('same.safetensors')), reference);
    assert.equal(sizeBytes, reference.length);
  }
});

test('reads what the reference wrote, tensor by tensor or as a whole', async () => {
  await writeFile(at('reference.safetensors'), reference);
  const file = await openSafetensors(at('reference.safetensors'));
  const whole = tensorsIn('reference', new Uint8Array(reference));
  assert.equal(file.metadata.get('format'), 'pt');
  assert.equal(file.tensors.size, tensors.length);
  for (const { name, dtype, shape, data } of tensors) {
    const expected = { dtype, shape, data: typeof data === 'function' ? await data() : data };
    assert.deepEqual(await readTensor(file.tensors.get(name)!), expected);
    assert.deepEqual(whole.values.get(name), expected);
  }
  assert.deepEqual(await readFloat32(file.tensors.get('a')!), Float32Array.of(1.5, -2, 65_504));
  assert.deepEqual(await readFloat32(file.tensors.get('é"z')!), Float32Array.of(1, 3.140625));
  await assert.rejects(readFloat32(file.tensors.get('n')!), /“n” of type int32, where one of F32, F16 or BF16/);
});

test('what is written comes back, bit for bit', async () => {
  const one = fc
    .tuple(
      fc.constantFrom(...(Object.keys(dtypes) as DType[])),
      fc.array(fc.nat(3), { maxLength: 3 }),
      fc.integer({ min: 1, max: 2 ** 31 - 1 }),
    )
    .map(([dtype, shape, seed]) => {
      const bytes = new Uint8Array(shape.reduce((a, b) => a * b, 1) * dtypes[dtype].bytes);
      let state = seed;
      for (let i = 0; i < bytes.length; i++) {
        state = (state * 48_271) % 2_147_483_647;
        bytes[i] = state;
      }
      return { dtype, shape, data: new dtypes[dtype].array(bytes.buffer) };
    });
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(fc.string(), one),
      fc.dictionary(fc.string(), fc.string()),
      async (values, metadata) => {
        delete values.__metadata__;
        const written = Object.entries(values).map(([name, value]) => ({ name, ...value }));
        const pieces: Uint8Array[] = [];
        for await (const piece of safetensorsPieces(written, metadata)) pieces.push(piece);
        const read = tensorsIn('any', new Uint8Array(Buffer.concat(pieces)));
        assert.deepEqual(new Map(read.metadata), new Map(Object.entries(metadata)));
        assert.equal(read.values.size, written.length);
        for (const { name, dtype, shape, data } of written) {
          const value = read.values.get(name)!;
          assert.deepEqual([value.dtype, value.shape], [dtype, shape]);
          assert.deepEqual(
            Buffer.from(value.data.buffer, value.data.byteOffset, value.data.byteLength),
            Buffer.from(data.buffer),
          );
        }
      },
    ),
    { numRuns: 200 },
  );
});

test('a file that is missing, a folder, cut anywhere or cut while in use: the typed error', async () => {
  await assert.rejects(openSafetensors(at('absent.safetensors')), /“absent\.safetensors” is not there\. Download/);
  await mkdir(at('folder.safetensors'));
  await assert.rejects(openSafetensors(at('folder.safetensors')), /is not a file/);
  await writeFile(at('cut.safetensors'), reference);
  const open = await openSafetensors(at('cut.safetensors'));
  for (let size = reference.length - 1; size >= 0; size -= 13) {
    await truncate(at('cut.safetensors'), size);
    await assert.rejects(openSafetensors(at('cut.safetensors')), SafetensorsError);
  }
  await assert.rejects(readTensor(open.tensors.get('b')!), /became shorter while it was in use/);
});

test('a link, as Hugging Face’s cache has them, leads to the file itself', async () => {
  await writeFile(at('blob'), reference);
  try {
    await symlink(at('blob'), at('linked.safetensors'));
  } catch {
    return; // Windows asks for a privilege.
  }
  const { tensors: found } = await openSafetensors(at('linked.safetensors'));
  assert.match(found.get('a')!.file, /blob$/);
});

test('a disk that fails at any operation: the old file stays, nothing else does, and the message says what to do', async () => {
  const place = at('faults');
  await mkdir(place);
  const path = join(place, 'model.safetensors');
  await writeSafetensors(path, tensors.slice(0, 2));
  const old = await readFile(path);
  const { disk: counting, done } = faultyDisk(Number.POSITIVE_INFINITY, 'once');
  await writeSafetensors(join(place, 'other.safetensors'), tensors, {}, counting);
  await rm(join(place, 'other.safetensors'));
  assert.ok(done.length > 10, done.join('\n'));
  // A crash may leave a draft, so those come last.
  for (const mode of ['once', 'dead'] as const) {
    for (let failAt = 0; failAt < done.length; failAt++) {
      const { disk } = faultyDisk(failAt, mode);
      const failed = await writeSafetensors(path, tensors, {}, disk).catch((error: unknown) => error);
      assert.ok(failed instanceof DiskError, `no error at ${failAt}: ${done[failAt]}`);
      assert.match(failed.message, /^“model\.safetensors” could not be written\. The disk is full: free some space/);
      const renamed = failAt > done.indexOf('rename other.safetensors');
      if (!renamed) assert.deepEqual(await readFile(path), old, `at ${failAt}: ${done[failAt]}`);
      else await writeSafetensors(path, tensors.slice(0, 2));
      if (mode === 'once')
        assert.deepEqual(await readdir(place), ['model.safetensors'], `at ${failAt}: ${done[failAt]}`);
    }
  }
});

test('the draft of a process that was killed is removed, that of a living one is not', async () => {
  const place = at('drafts');
  await mkdir(place);
  const living = `model.safetensors.${process.pid}-0123abcd.draft`;
  // No process has this number: Linux and macOS end far below, Windows counts in fours.
  await writeFile(join(place, 'model.safetensors.4194304001-0123abcd.draft'), '');
  await writeFile(join(place, living), '');
  await writeSafetensors(join(place, 'model.safetensors'), tensors);
  assert.deepEqual((await readdir(place)).sort(), ['model.safetensors', living].sort());
});

test('a tensor that does not fit its description is the caller’s mistake', async () => {
  const data = new Float32Array(3);
  const write = (...some: TensorToWrite[]) => writeSafetensors(at('never'), some);
  await assert.rejects(write({ name: 'a', dtype: 'float32', shape: [2], data }), /shape \[2\] has 3 elements/);
  await assert.rejects(write({ name: 'a', dtype: 'float64', shape: [3], data }), /is no float64/);
  const fine: TensorToWrite = { name: 'a', dtype: 'float32', shape: [3], data };
  await assert.rejects(write(fine, fine), /same name/);
  assert.ok(!(await readdir(folder)).some((name) => name.startsWith('never')));
});
