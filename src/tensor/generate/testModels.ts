/** The tiny models of the golden files, for tests of this folder. */
import { join } from 'node:path';
import { type DecoderConfig, readDecoderConfig } from '../files/llamaConfig.ts';
import type { StoredTensor } from '../files/safetensors.ts';
import { openWeights } from '../files/shards.ts';
import { Graph } from '../graph/graph.ts';
import { rewrite } from '../graph/rewrite.ts';
import { serialise } from '../graph/serialise.ts';
import type { Model } from '../model.ts';
import { causalAttention } from '../nn/attention.ts';
import { decode, logitsOf } from '../nn/decoder.ts';
import { frozenWeights } from '../nn/frozen.ts';
import { type DecoderSource, finish } from './source.ts';

export const families = ['smollm2', 'qwen2', 'llama3', 'tinyllama'] as const;
export type Family = (typeof families)[number];

export interface GoldenModel {
  readonly config: DecoderConfig;
  readonly stored: ReadonlyMap<string, StoredTensor>;
  readonly source: DecoderSource;
}

export async function goldenModel(family: Family, precision: 'f32' | 'f16' | 'bf16' = 'f32'): Promise<GoldenModel> {
  const folder = join(import.meta.dirname, '../../../test/fixtures/tensor', family, precision);
  const [config, stored] = [await readDecoderConfig(folder), await openWeights(folder)];
  const source: DecoderSource = (graph) => ({
    decoder: { config, weights: frozenWeights(graph, stored), adapter: null },
  });
  return { config, stored, source };
}

/** Logits of all tokens of whole texts, without any cache: `tokens` int64 [batch, length] → `logits` [batch · length, vocabSize]. */
export function wholeModel(source: DecoderSource, batch: number, length: number): Model {
  const graph = new Graph();
  const sourced = source(graph);
  const { decoder, rewrites = [] } = sourced;
  const tokens = graph.input('tokens', 'int64', [batch, length]);
  const hidden = decode(decoder, tokens, causalAttention(graph, decoder.config, { batch, length }));
  graph.output('logits', logitsOf(decoder, hidden));
  finish(sourced, hidden);
  return serialise(rewrite(graph, rewrites));
}
