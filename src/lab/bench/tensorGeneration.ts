/** How fast src/tensor generates, with models of random weights: the speed doesn't depend on what they say. */
import { mkdir, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { float32ToBfloat16 } from '../../tensor/files/halfFloats.ts';
import type { DecoderConfig } from '../../tensor/files/llamaConfig.ts';
import { openSafetensors, type StoredTensor } from '../../tensor/files/safetensors.ts';
import { writeSafetensors } from '../../tensor/files/safetensorsWrite.ts';
import { weightsName } from '../../tensor/files/shards.ts';
import { expectedWeights } from '../../tensor/files/weightNames.ts';
import { quantisedFile } from '../../tensor/generate/quantisedFile.ts';
import { quantisedWeights } from '../../tensor/generate/quantisedWeights.ts';
import { rolloutFeeds } from '../../tensor/generate/rollout.ts';
import { rolloutModel } from '../../tensor/generate/rolloutModel.ts';
import type { DecoderSource } from '../../tensor/generate/source.ts';
import { stream } from '../../tensor/generate/stream.ts';
import { openTextCache } from '../../tensor/generate/textCache.ts';
import { sizeOf } from '../../tensor/graph/types.ts';
import { frozenWeights } from '../../tensor/nn/frozen.ts';
import { normal } from '../../tensor/nn/weights.ts';
import { seeded } from '../../tensor/random.ts';
import { startRuntime } from '../../tensor/runtime/runtime.ts';

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
      const size = sizeOf(shape);
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

const frozen =
  (config: DecoderConfig, stored: ReadonlyMap<string, StoredTensor>): DecoderSource =>
  (graph) => ({ decoder: { config, weights: frozenWeights(graph, stored), adapter: null } });

const quantised =
  (config: DecoderConfig, stored: ReadonlyMap<string, StoredTensor>): DecoderSource =>
  (graph) => {
    const { weights, rewrite } = quantisedWeights(graph, stored);
    return { decoder: { config, weights, adapter: null }, rewrites: [rewrite] };
  };

export interface BenchOptions {
  /** Short windows, of which the best counts: other work on the machine takes memory's bandwidth away for seconds at a time. */
  readonly windows?: number;
  /** Tokens in a window. */
  readonly tokens?: number;
  /** Of the decode step; 1 by default. */
  readonly threads?: number;
}

/** Tokens a second of one stream after a prompt of 64 tokens, with room for 256, the likeliest token each time. */
export async function decodeSpeed(
  config: DecoderConfig,
  source: DecoderSource,
  { windows = 12, tokens = 24, threads = 1 }: BenchOptions = {},
): Promise<number> {
  const runtime = startRuntime({ log: { debug: () => undefined } });
  try {
    const cache = await openTextCache(runtime, { config, source, capacity: 256, threads });
    const prompt = Array.from({ length: 64 }, (_, i) => (i * 37 + 11) % config.vocabSize);
    let best = 0;
    await cache.predict(prompt);
    for (let window = 0; window < windows; window++) {
      const iterator = stream(cache, prompt, { maxTokens: tokens + 1, temperature: 0, random: () => 0 });
      // The first token is the prompt's.
      await iterator.next();
      const startedAt = performance.now();
      let made = 0;
      for await (const _ of iterator) made++;
      best = Math.max(best, made / ((performance.now() - startedAt) / 1000));
    }
    return best;
  } finally {
    await runtime.close();
  }
}

/** Tokens a second of 16 rollouts at once: 32 tokens of prompt each, 64 new ones, sampled from all tokens. */
export async function rolloutSpeed(
  config: DecoderConfig,
  source: DecoderSource,
  { windows = 10, threads }: BenchOptions = {},
): Promise<number> {
  const runtime = startRuntime({ log: { debug: () => undefined } });
  try {
    const options = { batch: 16, promptLength: 32, newTokens: 64 };
    const program = await runtime.load(rolloutModel(source, options), {
      purpose: 'decode',
      threads: threads ?? availableParallelism(),
    });
    const random = seeded(3);
    const prompts = Array.from({ length: options.batch }, () =>
      Array.from({ length: options.promptLength }, () => Math.floor(random() * config.vocabSize)),
    );
    let best = 0;
    for (let window = 0; window < windows; window++) {
      const feeds = rolloutFeeds(options, { prompts, random });
      const startedAt = performance.now();
      await program.run({ feeds });
      best = Math.max(best, (options.batch * options.newTokens) / ((performance.now() - startedAt) / 1000));
    }
    return best;
  } finally {
    await runtime.close();
  }
}

export interface GenerationBench {
  /** A decoder of 1.3 million parameters, in float32; like the others on one thread or on all, whichever was faster. */
  readonly decodeTokensPerSecond: number;
  readonly rolloutTokensPerSecond: number;
  /** SmolLM2-135M's shape, in float32. */
  readonly decode135mTokensPerSecond: number;
  readonly decode135m8bitTokensPerSecond: number;
  readonly decode135m4bitTokensPerSecond: number;
}

/** `large` is a file of `writeRandomModel` in SmolLM2's shape; `folder` takes 0.3 GB of quantised weights for a while. */
export async function benchGeneration(folder: string, large: string): Promise<GenerationBench> {
  const small = frozen(
    tinyShape,
    (await openSafetensors(await writeRandomModel(join(folder, 'tiny'), tinyShape, 'float32'))).tensors,
  );
  const { tensors } = await openSafetensors(large);
  // Which is faster depends on the memory's bandwidth, and on what else runs.
  const fastest = async (each: DecoderSource, options: BenchOptions): Promise<number> => {
    const speeds: number[] = [];
    for (const threads of new Set([1, availableParallelism()])) {
      speeds.push(await decodeSpeed(each === small ? tinyShape : smollm2Shape, each, { ...options, threads }));
    }
    return Math.max(...speeds);
  };
  const ofBits = async (bits: 4 | 8): Promise<number> => {
    const cache = join(folder, 'quantised');
    const stored = await quantisedFile(cache, smollm2Shape, tensors, { bits });
    const speed = await fastest(quantised(smollm2Shape, stored), { tokens: 48 });
    await rm(cache, { recursive: true });
    return speed;
  };
  return {
    decodeTokensPerSecond: await fastest(small, { tokens: 150 }),
    rolloutTokensPerSecond: await rolloutSpeed(tinyShape, small),
    decode135mTokensPerSecond: await fastest(frozen(smollm2Shape, tensors), {}),
    decode135m8bitTokensPerSecond: await ofBits(8),
    decode135m4bitTokensPerSecond: await ofBits(4),
  };
}
