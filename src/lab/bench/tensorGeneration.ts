/** How fast src/tensor generates, with models of random weights: the speed doesn't depend on what they say. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { float32ToBfloat16 } from '../../tensor/files/halfFloats.ts';
import type { DecoderConfig } from '../../tensor/files/llamaConfig.ts';
import { writeSafetensors } from '../../tensor/files/safetensorsWrite.ts';
import { weightsName } from '../../tensor/files/shards.ts';
import { expectedWeights } from '../../tensor/files/weightNames.ts';
import { normal } from '../../tensor/nn/weights.ts';
import { seeded } from '../../tensor/random.ts';

/** As its config.json says. */
export const smollm2Shape: DecoderConfig = {
  family: 'llama',
  vocabSize: 49_152,
  hiddenSize: 576,
  intermediateSize: 1536,
  layers: 30,
  heads: 9,
  kvHeads: 3,
  headDim: 64,
  rmsNormEps: 1e-5,
  ropeTheta: 100_000,
  ropeScaling: { type: 'none' },
  qkvBias: false,
  outputBias: false,
  mlpBias: false,
  tiedEmbeddings: true,
  maxPositions: 8192,
  bosId: 0,
  eosIds: [0],
  padId: null,
};

/** 1.3 million parameters. */
export const tinyShape: DecoderConfig = {
  ...smollm2Shape,
  vocabSize: 256,
  hiddenSize: 128,
  intermediateSize: 384,
  layers: 6,
  heads: 4,
  kvHeads: 2,
  headDim: 32,
  maxPositions: 1024,
};

/** Writes `model.safetensors` of random numbers into `folder`; norms are 1. The same seed writes the same file. */
export async function writeRandomModel(
  folder: string,
  config: DecoderConfig,
  dtype: 'float32' | 'bfloat16',
  seed = 1,
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const random = seeded(seed);
  // Large tensors repeat one block, each from another place on: 135 million normal numbers would take seconds.
  const block = Float32Array.from(normal(0.02)([1 << 20], random));
  const file = join(folder, weightsName);
  await writeSafetensors(
    file,
    [...expectedWeights(config)].map(([name, shape]) => {
      const size = shape.reduce((product, extent) => product * extent, 1);
      let from = Math.floor(random() * block.length);
      return {
        name,
        dtype,
        shape,
        data: () => {
          const values = new Float32Array(size);
          if (shape.length === 1) values.fill(1);
          else {
            for (let done = 0; done < size; from = 0) {
              const part = block.subarray(from, from + size - done);
              values.set(part, done);
              done += part.length;
            }
          }
          return dtype === 'float32' ? values : float32ToBfloat16(values);
        },
      };
    }),
  );
  return file;
}
