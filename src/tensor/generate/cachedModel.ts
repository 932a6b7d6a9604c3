/** The graph that reads some tokens after those in a cache: with one row the decode step, with many the prefill. */
import { Graph } from '../graph/graph.ts';
import { rewrite } from '../graph/rewrite.ts';
import type { Model } from '../model.ts';
import { decode, logitsOf } from '../nn/decoder.ts';
import { gatherRows } from '../ops/gather.ts';
import { logSumExp } from '../ops/reduce.ts';
import { modelFor } from '../runtime/compile.ts';
import { type Provider, providers } from '../runtime/providers.ts';
import { type CacheSize, cachedAttention } from './cachedAttention.ts';
import { fuseNorms } from './fuse.ts';
import { type DecoderSource, finish } from './source.ts';

export interface CachedModelOptions extends CacheSize {
  /** Tokens that each run reads. */
  readonly rows: number;
  /** What will run it; the CPU by default. */
  readonly provider?: Provider;
}

/**
 * Inputs: `tokens` int64 [rows]; `position` int64 [1], how many are cached; with more than one row `last` int64 [1], which row the
 * logits are wanted of, so that a text may be shorter than the rows. Outputs: `logits` [1, vocabSize] of the token after it, and
 * `total` [1], their logSumExp. States: cacheTensors, and the packs of the source's parameters. Tokens after `last` leave rows in the cache that nothing
 * reads before they are written again.
 */
export function cachedModel(source: DecoderSource, { rows, capacity, provider = 'cpu' }: CachedModelOptions): Model {
  const inPlace = !providers[provider].keepsState;
  const graph = new Graph();
  const sourced = source(graph);
  const { decoder, rewrites = [] } = sourced;
  const tokens = graph.input('tokens', 'int64', [rows]);
  const position = graph.input('position', 'int64', [1]);
  const attention = cachedAttention(graph, decoder.config, { rows, capacity, position, inPlace });
  const hidden = decode(decoder, tokens, attention.attend);
  const wanted = rows === 1 ? hidden : gatherRows(hidden, graph.input('last', 'int64', [1]));
  const logits = logitsOf(decoder, wanted);
  graph.output('logits', logits);
  graph.output('total', logSumExp(logits, { axes: [1] }));
  finish(sourced, hidden);
  const model = modelFor(rewrite(graph, [...rewrites, fuseNorms]))(provider);
  const added = new Set(attention.appends.map(({ output }) => output));
  return { ...model, outputs: model.outputs.filter(({ name }) => !added.has(name)), appends: attention.appends };
}
