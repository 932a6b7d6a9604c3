/** Small whole decoders whose gradients are checked in float64: one for each way a model of the family can be built. */
import type { DecoderConfig } from '../files/llamaConfig.ts';
import { embeddingName, linearNames } from '../files/weightNames.ts';
import { Graph, type Tensor } from '../graph/graph.ts';
import { sizeOf } from '../graph/types.ts';
import type { Shape } from '../model.ts';
import { causalAttention } from '../nn/attention.ts';
import { type Decoder, decode, languageHead, valueHead } from '../nn/decoder.ts';
import { nextTokenLoss, nextTokenStatistics } from '../nn/nextToken.ts';
import type { Random, Weights } from '../nn/weights.ts';
import { add, mul, square, sum } from '../ops/basic.ts';
import { gatherRows } from '../ops/gather.ts';
import { mean } from '../ops/reduce.ts';
import { seeded } from '../random.ts';
import type { Variable } from './gradientCheck.ts';
import { integers, uniform } from './random.ts';

export interface DecoderCase {
  readonly name: string;
  /** A graph, of float64 unless said otherwise: a scalar loss, and all that is trained with values that are neither 0 nor 1. */
  build(how?: DecoderSize): { readonly loss: Tensor; readonly variables: readonly Variable[] };
}

export interface DecoderSize {
  readonly float?: 'float32' | 'float64';
  /** 2 by default. */
  readonly batch?: number;
  /** 5 by default. */
  readonly length?: number;
  /** Sizes other than the small ones. */
  readonly config?: Partial<DecoderConfig>;
}

/** No two sizes are alike, so that none can stand for another. */
const config: DecoderConfig = {
  family: 'llama',
  vocabSize: 11,
  hiddenSize: 6,
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

/** Weights that `make` makes tensors of, each once: random ones, of a size at which every layer matters. */
function randomWeights(random: Random, make: (name: string, shape: Shape, values: Float64Array) => Tensor): Weights {
  const known = new Map<string, Tensor>();
  const tensor: Weights['tensor'] = (name, shape) => {
    const size = sizeOf(shape);
    // Embeddings are larger and adapters smaller, or the loss bends too much for finite differences.
    const scale = name === embeddingName ? 2 : (name.includes('lora') ? 1 : 2) / Math.sqrt(shape.at(-1)!);
    const values = name.includes('norm')
      ? uniform(random, size, 0.5, 1.5)
      : uniform(random, size).map((value) => scale * value);
    const made = known.get(name) ?? make(name, shape, values);
    known.set(name, made);
    return made;
  };
  return {
    tensor,
    rows: (name, shape, initial, index) => gatherRows(tensor(name, shape, initial), index),
    table: (name, shape, initial) => tensor(name, shape, initial),
  };
}

interface Options {
  readonly config?: Partial<DecoderConfig>;
  /** Of a frozen decoder, these are trained instead. */
  readonly lora?: readonly string[];
  /** Rate at which the adapters' inputs are dropped. */
  readonly dropout?: number;
  /** Tokens of padding at the start of each row. */
  readonly starts?: readonly number[];
  /** Into which the vocabulary is cut. */
  readonly parts?: number;
  /** Adds the loss of a value for each token, and the tokens' entropy. */
  readonly heads?: boolean;
}

function build(options: Options, size: DecoderSize = {}): ReturnType<DecoderCase['build']> {
  const { config: changes, lora, dropout, starts, parts = 1, heads } = options;
  const { float = 'float64', batch = 2, length = 5 } = size;
  const graph = new Graph({ float });
  const random = seeded(7);
  const full = { ...config, ...changes, ...size.config };
  const variables: Variable[] = [];
  const trained = randomWeights(random, (name, shape, values) => {
    const tensor = graph.input(name, graph.float, shape);
    variables.push({ tensor, values });
    return tensor;
  });
  const frozen = randomWeights(random, (_, shape, values) => graph.constant([...values], shape));
  const noise = (_: string, x: Tensor): Tensor => graph.constant([...uniform(random, x.size, 0, 1)], x.shape);

  const decoder: Decoder = {
    config: full,
    weights: lora ? frozen : trained,
    adapter: lora
      ? { rank: 3, alpha: 5, targets: lora, weights: trained, ...(dropout && { dropout: { rate: dropout, noise } }) }
      : null,
  };
  const ids = graph.constant(integers(random, batch * length, full.vocabSize), [batch, length], 'int64');
  const attend = causalAttention(graph, full, {
    batch,
    length,
    ...(starts && { starts: graph.constant(starts, [batch], 'int64') }),
  });
  const hidden = decode(decoder, ids, attend);
  const tokens = { hidden, ids, table: languageHead(decoder, parts), parts };
  const learnt = graph.constant(
    Array.from({ length: batch * length }, (_, i) => (i % length > (starts?.[Math.floor(i / length)] ?? 0) ? 1 : 0)),
    [batch, length],
  );
  const loss = nextTokenLoss(tokens, learnt);
  if (!heads) return { loss, variables };
  const error = mean(square(valueHead(trained, 'value', hidden)));
  const { entropy } = nextTokenStatistics(tokens);
  return { loss: add(add(loss, mul(error, 0.3)), mul(sum(entropy), -0.01)), variables };
}

const options: Readonly<Record<string, Options>> = {
  'grouped queries, a head of its own': {},
  'tied embeddings, the vocabulary in parts': { config: { tiedEmbeddings: true }, parts: 3 },
  'biases on queries, keys and values': { config: { family: 'qwen2', qkvBias: true, tiedEmbeddings: true } },
  'biases everywhere, one key-value head for each query head': {
    config: { qkvBias: true, outputBias: true, mlpBias: true, kvHeads: 4 },
  },
  'rows that begin with padding': { starts: [0, 2] },
  'a value head and an entropy bonus': { heads: true },
  'LoRA on all linear maps, with biases': { lora: linearNames, config: { qkvBias: true, outputBias: true } },
  'Llama 3’s scaled rotary embedding': {
    config: {
      ropeScaling: { type: 'llama3', factor: 8, lowFreqFactor: 1, highFreqFactor: 4, originalMaxPositions: 32 },
    },
  },
  'LoRA with dropout': { lora: linearNames, dropout: 0.3 },
  'LoRA on queries and values': { lora: ['q_proj', 'v_proj'], config: { tiedEmbeddings: true }, parts: 3 },
};

export const decoderCases: readonly DecoderCase[] = Object.entries(options).map(([name, given]) => ({
  name,
  build: (size) => build(given, size),
}));
