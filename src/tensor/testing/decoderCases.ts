/** Small decoders of two layers, each weight an input, for checking their gradients. */
import type { DecoderConfig } from '../files/llamaConfig.ts';
import { Graph, type Tensor } from '../graph/graph.ts';
import { sizeOf } from '../graph/types.ts';
import type { Shape } from '../model.ts';
import { causalAttention } from '../nn/attention.ts';
import { type Decoder, decode, languageHead } from '../nn/decoder.ts';
import type { Weights } from '../nn/weights.ts';
import { gatherRows } from '../ops/gather.ts';
import { crossEntropy } from '../ops/vocabulary.ts';
import { seeded } from '../random.ts';
import type { Variable } from './gradientCheck.ts';
import { integers, uniform } from './random.ts';

const base: DecoderConfig = {
  family: 'llama',
  vocabSize: 13,
  hiddenSize: 12,
  intermediateSize: 10,
  layers: 2,
  heads: 4,
  kvHeads: 2,
  headDim: 4,
  rmsNormEps: 1e-5,
  ropeTheta: 100,
  ropeScaling: { type: 'none' },
  qkvBias: false,
  outputBias: false,
  mlpBias: false,
  tiedEmbeddings: false,
  maxPositions: 64,
  bosId: null,
  eosIds: [],
  padId: null,
};

export interface DecoderCase {
  readonly name: string;
  readonly config: DecoderConfig;
  /** With one, the decoder's own weights are frozen. */
  readonly lora?: { readonly rank: number; readonly dropout: number };
  /** Of the vocabulary. */
  readonly parts?: number;
  /** How many tokens at the start of each row are padding. */
  readonly starts?: readonly number[];
  /** 2 rows by default. */
  readonly batch?: number;
  /** 6 tokens by default. */
  readonly length?: number;
}

export const decoderCases: readonly DecoderCase[] = [
  { name: 'grouped queries, untied', config: base },
  { name: 'tied, vocabulary in parts', config: { ...base, tiedEmbeddings: true }, parts: 3 },
  {
    name: 'attention bias, one key head, scaled rotary',
    config: {
      ...base,
      family: 'qwen2',
      qkvBias: true,
      kvHeads: 1,
      tiedEmbeddings: true,
      ropeScaling: { type: 'llama3', factor: 8, lowFreqFactor: 1, highFreqFactor: 4, originalMaxPositions: 32 },
    },
  },
  {
    name: 'biases everywhere, padding',
    config: { ...base, qkvBias: true, outputBias: true, mlpBias: true },
    starts: [0, 2],
  },
  {
    name: 'LoRA on every linear layer, tied',
    config: { ...base, tiedEmbeddings: true },
    lora: { rank: 3, dropout: 0.3 },
  },
  {
    name: 'LoRA with biases, vocabulary in parts',
    config: { ...base, qkvBias: true, outputBias: true },
    lora: { rank: 2, dropout: 0 },
    parts: 2,
  },
];

/** Values of a size at which every part of the decoder matters: scales of norms around 1, everything else around 0. */
const valuesFor = (random: () => number, name: string, shape: Shape): Float64Array =>
  /norm/.test(name) ? uniform(random, sizeOf(shape), 0.6, 1.4) : uniform(random, sizeOf(shape), -0.7, 0.7);

/** The mean −ln p of tokens under the decoder, and its trained weights. */
export function decoderLoss(each: DecoderCase, float: 'float32' | 'float64') {
  const { config, lora, parts = 1, starts, batch = 2, length = 6 } = each;
  const graph = new Graph({ float });
  const random = seeded(3);
  const variables: Variable[] = [];
  const known = new Map<string, Tensor>();

  const weightsBy = (make: (name: string, shape: Shape) => Tensor): Weights => {
    const tensor: Weights['tensor'] = (name, shape) => {
      const made = known.get(name) ?? make(name, shape);
      known.set(name, made);
      return made;
    };
    return {
      tensor,
      table: tensor,
      rows: (name, shape, initial, index) => gatherRows(tensor(name, shape, initial), index),
    };
  };
  const trained = weightsBy((name, shape) => {
    const made = graph.input(name, float, shape);
    variables.push({ tensor: made, values: valuesFor(random, name, shape) });
    return made;
  });
  const frozen = weightsBy((name, shape) => graph.constant([...valuesFor(random, name, shape)], shape));

  const targets = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'];
  const decoder: Decoder = {
    config,
    weights: lora ? frozen : trained,
    adapter: lora
      ? {
          rank: lora.rank,
          alpha: 5,
          targets,
          weights: trained,
          dropout: {
            rate: lora.dropout,
            noise: (_, shape) => graph.constant([...uniform(random, sizeOf(shape), 0)], shape),
          },
        }
      : null,
  };
  const int64 = (values: readonly number[], shape: Shape): Tensor => graph.constant(values, shape, 'int64');
  const ids = int64(integers(random, batch * length, config.vocabSize), [batch, length]);
  const attend = causalAttention(graph, config, { batch, length, ...(starts && { starts: int64(starts, [batch]) }) });
  const hidden = decode(decoder, ids, attend);
  const next = int64(integers(random, batch * length, config.vocabSize), [batch * length]);
  // Padding predicts nothing, nor does a last token.
  const counts = (row: number, column: number): boolean => column >= (starts?.[row] ?? 0) && column < length - 1;
  const mask = graph.constant(
    Array.from({ length: batch * length }, (_, i) => (counts(Math.floor(i / length), i % length) ? 1 : 0)),
    [batch * length],
  );
  return { graph, loss: crossEntropy(hidden, languageHead(decoder, parts), next, mask, { parts }), variables };
}
