/** What goes into a rolloutModel.ts, and what comes out, row by row. */
import type { TensorValue } from '../model.ts';
import type { Random } from '../nn/weights.ts';
import type { RolloutOptions } from './rolloutModel.ts';

type Tensors = { readonly [name: string]: TensorValue };

export interface RolloutRequest {
  /** As many as the batch, of 1 to promptLength tokens. */
  readonly prompts: readonly (readonly number[])[];
  /** Above 0; 1 by default. */
  readonly temperature?: number;
  readonly random: Random;
}

/** Throws a RangeError when a prompt doesn't fit. */
export function rolloutFeeds(
  { batch, promptLength, newTokens }: RolloutOptions,
  { prompts, temperature = 1, random }: RolloutRequest,
): Tensors {
  if (prompts.length !== batch) throw new RangeError(`${prompts.length} prompts were given; the batch has ${batch}.`);
  if (!(temperature > 0)) throw new RangeError(`The temperature is ${temperature}; it has to be above 0.`);
  const tokens = new BigInt64Array(batch * promptLength);
  const starts = new BigInt64Array(batch);
  prompts.forEach((prompt, row) => {
    if (prompt.length < 1 || prompt.length > promptLength) {
      throw new RangeError(`Prompt ${row} has ${prompt.length} tokens; 1 to ${promptLength} fit.`);
    }
    starts[row] = BigInt(promptLength - prompt.length);
    tokens.set(BigInt64Array.from(prompt, BigInt), (row + 1) * promptLength - prompt.length);
  });
  return {
    prompts: { dtype: 'int64', shape: [batch, promptLength], data: tokens },
    starts: { dtype: 'int64', shape: [batch], data: starts },
    noise: {
      dtype: 'float32',
      shape: [newTokens, batch],
      data: Float32Array.from({ length: newTokens * batch }, random),
    },
    temperature: { dtype: 'float32', shape: [], data: Float32Array.of(temperature) },
  };
}

/** One continuation: its tokens, up to and with the stop token if one came, and of each the two log-probabilities. */
export interface Rollout {
  readonly tokens: readonly number[];
  readonly logProbabilities: readonly number[];
  readonly samplingLogProbabilities: readonly number[];
}

/** The rows of a run's outputs. For training the outputs themselves are better: they are shaped as a batch. */
export function rolloutsOf({ tokens, mask, logProbability, samplingLogProbability }: Tensors): readonly Rollout[] {
  const [batch, length] = tokens!.shape as [number, number];
  return Array.from({ length: batch }, (_, row) => {
    const from = row * length;
    const sampled = mask!.data.subarray(from, from + length) as Float32Array;
    const end = sampled.indexOf(0) < 0 ? length : sampled.indexOf(0);
    const part = (value: TensorValue): number[] => Array.from(value.data.subarray(from, from + end), Number);
    return {
      tokens: part(tokens!),
      logProbabilities: part(logProbability!),
      samplingLogProbabilities: part(samplingLogProbability!),
    };
  });
}
