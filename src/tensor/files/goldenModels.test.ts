import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { bytesOf } from '../dtype.ts';
import { float32ToBfloat16, float32ToFloat16 } from './halfFloats.ts';
import { parseDecoderConfig, readDecoderConfig } from './llamaConfig.ts';
import { readFloat32, readTensor } from './safetensors.ts';
import { openWeights } from './shards.ts';
import { checkWeights } from './weightNames.ts';

const fixtures = fileURLToPath(new URL('../../../test/fixtures/tensor/', import.meta.url));
const narrow = { f16: float32ToFloat16, bf16: float32ToBfloat16 } as const;

for (const family of ['smollm2', 'qwen2', 'llama3', 'tinyllama']) {
  test(`${family} as transformers saves it: config and weights fit, half widths are PyTorch’s rounding`, async () => {
    const folder = join(fixtures, family);
    const config = await readDecoderConfig(join(folder, 'f32'));
    const hubConfig = parseDecoderConfig('config.json', readFileSync(join(folder, 'hub-config.json'), 'utf8'));
    assert.deepEqual(hubConfig, config, 'the keys of transformers 4 and 5 say the same');

    const full = await openWeights(join(folder, 'f32'));
    checkWeights(folder, config, full);
    const differing: string[] = [];
    for (const [width, round] of Object.entries(narrow)) {
      const weights = await openWeights(join(folder, width));
      checkWeights(folder, await readDecoderConfig(join(folder, width)), weights);
      for (const [name, stored] of weights) {
        const { data } = await readTensor(stored);
        const same = Buffer.compare(bytesOf(data), bytesOf(round(await readFloat32(full.get(name)!)))) === 0;
        if (!same) differing.push(`${width} ${name}`);
      }
    }
    assert.deepEqual(differing, []);
  });
}
