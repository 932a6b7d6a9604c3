import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readFloat32 } from './safetensors.ts';
import { SafetensorsError } from './safetensorsHeader.ts';
import { writeSafetensors } from './safetensorsWrite.ts';
import { indexName, openWeights, parseIndex, weightsName } from './shards.ts';

const folder = await mkdtemp(join(tmpdir(), 'attune-shards-'));
after(() => rm(folder, { recursive: true, force: true }));

const tensor = (name: string, value: number) =>
  ({ name, dtype: 'float32', shape: [1], data: Float32Array.of(value) }) as const;
const index = (map: unknown) => writeFile(join(folder, indexName), JSON.stringify({ metadata: {}, weight_map: map }));
const [first, second] = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'] as const;

test('a folder without weights says which file is missing', async () => {
  await assert.rejects(openWeights(folder), /“model\.safetensors” is not there\. Download the model again/);
});

test('several files are read as one model', async () => {
  await writeSafetensors(join(folder, first), [tensor('a', 1), tensor('b', 2)]);
  await writeSafetensors(join(folder, second), [tensor('c', 3)]);
  await index({ a: first, b: first, c: second });
  const weights = await openWeights(folder);
  const values = await Promise.all(['a', 'b', 'c'].map((name) => readFloat32(weights.get(name)!)));
  assert.deepEqual(values, [Float32Array.of(1), Float32Array.of(2), Float32Array.of(3)]);
});

test('a tensor that no file holds, a file that is missing', async () => {
  await index({ a: first, d: second });
  await assert.rejects(openWeights(folder), /do not hold: “d” \(model-00002-of-00002\.safetensors\)\. Download/);
  await index({ a: 'model-00003-of-00002.safetensors' });
  await assert.rejects(openWeights(folder), /“model-00003-of-00002\.safetensors” is not there/);
});

test('the single file counts when both are there', async () => {
  await writeSafetensors(join(folder, weightsName), [tensor('only', 4)]);
  await index({ a: first });
  assert.deepEqual([...(await openWeights(folder)).keys()], ['only']);
});

test('an index can’t lead out of its folder', () => {
  for (const name of [
    '../secret.safetensors',
    '/etc/secret.safetensors',
    'C:\\secret.safetensors',
    'c:secret.safetensors',
    'sub/x.safetensors',
    '..\\x.safetensors',
    '.safetensors',
    'x.bin',
    'x\0.safetensors',
    '',
  ]) {
    const text = JSON.stringify({ weight_map: { a: name } });
    assert.throws(() => parseIndex('/m/model.safetensors.index.json', text), SafetensorsError, name);
  }
});

test('an index that is none', () => {
  for (const text of ['', '[]', 'null', '{}', '{"weight_map":[]}', '{"weight_map":{"a":1}}', '{"weight_map":{}}']) {
    assert.throws(() => parseIndex('/m/model.safetensors.index.json', text), SafetensorsError, text);
  }
});
