import assert from 'node:assert/strict';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { ConfigError } from '../files/llamaConfig.ts';
import { readTensor } from '../files/safetensors.ts';
import { writeSafetensors } from '../files/safetensorsWrite.ts';
import { expectedWeights, WeightsError } from '../files/weightNames.ts';
import { openDecoder } from './openDecoder.ts';
import { families, fixture, readNamed } from './testGoldens.ts';

const root = await mkdtemp(join(tmpdir(), 'attune-decoder-'));
after(() => rm(root, { recursive: true }));

/** A new folder with the config of a family. */
async function folderOf(name: string, family: string): Promise<string> {
  const folder = join(root, name);
  await mkdir(folder);
  await copyFile(fixture(family, 'f32', 'config.json'), join(folder, 'config.json'));
  return folder;
}

describe('a model’s folder', () => {
  for (const family of families) {
    it(`of ${family} opens, in the keys of transformers 4 as in those of 5`, async () => {
      const { config, weights } = await openDecoder(fixture(family, 'bf16'));
      assert.deepEqual([...weights.keys()], [...expectedWeights(config).keys()]);
      const hub = join(root, `${family}-hub`);
      await mkdir(hub);
      await copyFile(fixture(family, 'hub-config.json'), join(hub, 'config.json'));
      await copyFile(fixture(family, 'f16', 'model.safetensors'), join(hub, 'model.safetensors'));
      assert.deepEqual((await openDecoder(hub)).config, config);
    });
  }

  it('may hold the weights in several files', async () => {
    const folder = await folderOf('shards', 'qwen2');
    const tensors = await readNamed('qwen2', 'f32', 'model.safetensors');
    const map: Record<string, string> = {};
    for (const [i, file] of ['a.safetensors', 'b.safetensors'].entries()) {
      const part = tensors.filter((_, k) => k % 2 === i);
      await writeSafetensors(join(folder, file), part);
      for (const { name } of part) map[name] = file;
    }
    await writeFile(join(folder, 'model.safetensors.index.json'), JSON.stringify({ weight_map: map }));
    const { weights } = await openDecoder(folder);
    for (const { name, data } of tensors) assert.deepEqual((await readTensor(weights.get(name)!)).data, data);
  });

  it('may hold a head that the config says is the embedding, and tables of frequencies: neither is used', async () => {
    const folder = await folderOf('extras', 'smollm2');
    const tensors = await readNamed('smollm2', 'f32', 'model.safetensors');
    const embedding = tensors.find(({ name }) => name === 'model.embed_tokens.weight')!;
    await writeSafetensors(join(folder, 'model.safetensors'), [
      ...tensors,
      { ...embedding, name: 'lm_head.weight' },
      { name: 'model.layers.0.self_attn.rotary_emb.inv_freq', dtype: 'float32', shape: [1], data: new Float32Array(1) },
    ]);
    const { config, weights } = await openDecoder(folder);
    assert.deepEqual([...weights.keys()], [...expectedWeights(config).keys()]);
  });

  it('is refused where weights and config are of different models', async () => {
    const folder = await folderOf('mixed', 'smollm2');
    await copyFile(fixture('qwen2', 'f32', 'model.safetensors'), join(folder, 'model.safetensors'));
    await assert.rejects(openDecoder(folder), (error: Error) => {
      assert.ok(error instanceof WeightsError);
      assert.match(error.message, /model\.embed_tokens\.weight is \[48,24\] instead of \[56,24\]/);
      return true;
    });
  });

  it('is refused where there is no config, or there are no weights', async () => {
    await assert.rejects(openDecoder(join(root, 'nowhere')), ConfigError);
    await assert.rejects(openDecoder(await folderOf('empty', 'llama3')), /“model\.safetensors” is not there\./);
  });
});
