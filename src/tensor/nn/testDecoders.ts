/** Decoders of test/fixtures/tensor as graphs. */
import { Graph, type Tensor } from '../graph/graph.ts';
import { causalAttention } from './attention.ts';
import { type Decoder, decode, languageHead } from './decoder.ts';
import { frozenWeights } from './frozen.ts';
import type { Adapter } from './lora.ts';
import type { NextTokens } from './nextToken.ts';
import { openDecoder } from './openDecoder.ts';
import { Parameters } from './parameters.ts';
import { fixture } from './testGoldens.ts';

/** Of the goldens' batches. */
export const batch = 2;
export const length = 24;

export interface DecoderGraph {
  readonly graph: Graph;
  readonly decoder: Decoder;
  /** All weights, or those of the adapter. */
  readonly parameters: Parameters;
  /** The input `ids`, [batch, length]. */
  readonly ids: Tensor;
  readonly tokens: NextTokens;
}

export interface DecoderOptions {
  /** `f32` by default. */
  readonly stored?: string;
  readonly adapter?: Omit<Adapter, 'weights'>;
  /** Of the vocabulary; 1 by default. */
  readonly parts?: number;
}

/** A family's decoder over `ids`, all of it trained, or frozen beside an adapter. */
export async function decoderGraph(
  family: string,
  kind: 'trained' | 'frozen',
  { stored = 'f32', adapter, parts = 1 }: DecoderOptions = {},
): Promise<DecoderGraph> {
  const { config, weights } = await openDecoder(fixture(family, stored));
  const graph = new Graph();
  const parameters = new Parameters(graph);
  const decoder: Decoder = {
    config,
    weights: kind === 'trained' ? parameters.weights() : frozenWeights(graph, weights),
    adapter: adapter ? { ...adapter, weights: parameters.weights() } : null,
  };
  const ids = graph.input('ids', 'int64', [batch, length]);
  const hidden = decode(decoder, ids, causalAttention(graph, config, { batch, length }));
  return { graph, decoder, parameters, ids, tokens: { hidden, ids, table: languageHead(decoder, parts), parts } };
}
