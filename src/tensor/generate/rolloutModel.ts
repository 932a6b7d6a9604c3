/**
 * Rollouts: a batch of prompts is read, and a loop in the graph samples a continuation of each. Keys and values of the prompts
 * stand outside the loop and are never copied; carried from turn to turn are only those of the new tokens.
 */
import type { DecoderConfig } from '../files/llamaConfig.ts';
import { Graph, type Tensor } from '../graph/graph.ts';
import { rewrite } from '../graph/rewrite.ts';
import type { Model } from '../model.ts';
import { type Attend, causalAttention, indices, unseen } from '../nn/attention.ts';
import { decode, logitsOf } from '../nn/decoder.ts';
import { add, expand, mul, reshape, sub } from '../ops/basic.ts';
import { gatherRows, scatterElements } from '../ops/gather.ts';
import { cast, concat, slice, split, transpose, unsqueeze, zeros } from '../ops/layout.ts';
import { loop } from '../ops/loop.ts';
import { matmul } from '../ops/matmul.ts';
import { max } from '../ops/reduce.ts';
import { equal, greater, less, where } from '../ops/select.ts';
import { softmax } from '../ops/softmax.ts';
import { modelFor } from '../runtime/compile.ts';
import type { Provider } from '../runtime/providers.ts';
import { fuseNorms, positionTables, rotaryAt } from './fuse.ts';
import { type GraphSampling, type SampledTokens, sampleTokens } from './sampleOps.ts';
import { type DecoderSource, finish } from './source.ts';

export interface RolloutOptions extends GraphSampling {
  /** Prompts in each run. */
  readonly batch: number;
  /** Tokens of the longest prompt; shorter ones are padded on the left. */
  readonly promptLength: number;
  /** Tokens made for each prompt, at most. */
  readonly newTokens: number;
  /** Each ends its row, as its last token. */
  readonly stopTokens?: readonly number[];
  /** What stands after the end of a row; 0 by default. */
  readonly padToken?: number;
  /** What will run it; the CPU by default. */
  readonly provider?: Provider;
}

/** What a layer has cached: of the prompts, [batch, kvHeads, promptLength, headDim], or of new tokens, with their number there. */
interface Cached {
  readonly keys: Tensor;
  readonly values: Tensor;
}

/** What does not change from turn to turn. */
interface Surroundings {
  readonly config: DecoderConfig;
  readonly options: RolloutOptions;
  /** int64 [batch] */
  readonly starts: Tensor;
  readonly prompts: readonly Cached[];
  /** [batch, promptLength]: what is added to scores. */
  readonly padding: Tensor;
  readonly tables: { readonly queries: PositionTables; readonly keys: PositionTables };
}
type PositionTables = ReturnType<typeof positionTables>;

/** Attention of one token a row, the `turn`th new one, over the prompts and the new tokens before it; `remember` gets these and its own. */
function attendNew(
  { config, options, starts, prompts, padding, tables }: Surroundings,
  made: readonly Cached[],
  turn: Tensor,
  remember: (layer: number, cached: Cached) => void,
): Attend {
  const { heads, kvHeads, headDim } = config;
  const { batch, promptLength } = options;
  const { graph } = turn;
  const room = made[0]!.keys.shape[2]!;
  const all = promptLength + room;
  const positions = unsqueeze(sub(add(turn, promptLength), starts), 1);
  const place = expand(reshape(turn, [1, 1, 1, 1]), [batch, kvHeads, 1, headDim]);
  const later = mul(cast(greater(indices(graph, [1, room], room), turn), graph.float), unseen);
  const mask = reshape(concat([padding, expand(later, [batch, room])], 1), [batch, 1, 1, all]);
  const turned = (x: Tensor, table: PositionTables): Tensor => rotaryAt(unsqueeze(x, 1), positions, table);

  return (layer, q, k, v) => {
    const before = prompts[layer]!;
    const queries = reshape(turned(q, tables.queries), [batch, kvHeads, heads / kvHeads, headDim]);
    const row = [batch, kvHeads, 1, headDim];
    const keys = scatterElements(made[layer]!.keys, place, reshape(turned(k, tables.keys), row), 2);
    const values = scatterElements(made[layer]!.values, place, reshape(v, row), 2);
    remember(layer, { keys, values });
    const scores = [before.keys, keys].map((each) => matmul(queries, each, { transposeB: true }));
    const weights = softmax(add(concat(scores, -1), mask));
    const [ofPrompt, ofMade] = split(weights, [promptLength, room], -1);
    const mixed = add(matmul(ofPrompt!, before.values), matmul(ofMade!, values));
    return reshape(mixed, [batch, heads * headDim]);
  };
}

/** 1 where a row goes on after `token` [batch], else 0. */
function goesOn(token: Tensor, stopTokens: readonly number[]): Tensor {
  const { graph } = token;
  if (stopTokens.length === 0) return graph.constant(new Array<number>(token.size).fill(1), token.shape);
  const stops = equal(unsqueeze(token, 1), graph.integers(stopTokens));
  return sub(1, max(cast(stops, graph.float), { axes: [1] }));
}

/** A row [batch] for each new token, kept from turn to turn: [newTokens, batch]. */
const written = (rows: Tensor, turn: Tensor, row: Tensor): Tensor =>
  scatterElements(rows, expand(reshape(turn, [1, 1]), [1, row.size]), unsqueeze(row, 0), 0);

/**
 * Inputs: `prompts` int64 [batch, promptLength]; `starts` int64 [batch], where each begins; `noise` float32 [newTokens, batch],
 * uniform in [0, 1); `temperature` float32 [], above 0. rollout.ts makes them. Outputs, [batch, newTokens] each: `tokens`
 * int64; `mask`, 1 for what was sampled and 0 after the end; `logProbability` of the model itself and `samplingLogProbability`
 * under what was sampled from, 0 after the end. States: the packs of the source's parameters.
 */
export function rolloutModel(source: DecoderSource, options: RolloutOptions): Model {
  const { batch, promptLength, newTokens, stopTokens = [], padToken = 0, provider = 'cpu' } = options;
  const graph = new Graph();
  const sourced = source(graph);
  const { decoder, rewrites = [] } = sourced;
  const { config } = decoder;
  const prompts = graph.input('prompts', 'int64', [batch, promptLength]);
  const starts = graph.input('starts', 'int64', [batch]);
  const noise = graph.input('noise', 'float32', [newTokens, batch]);
  const temperature = graph.input('temperature', 'float32', []);
  const sample = (hidden: Tensor, uniform: Tensor): SampledTokens =>
    sampleTokens(logitsOf(decoder, hidden), uniform, temperature, options);

  const ofPrompts: Cached[] = [];
  const sequences = { batch, length: promptLength, starts };
  const attention = causalAttention(graph, config, sequences, (layer, keys, values) => {
    ofPrompts[layer] = { keys, values };
  });
  const read = decode(decoder, prompts, attention);
  const ends = slice(reshape(read, [batch, promptLength, config.hiddenSize]), 1, promptLength - 1, promptLength);
  const first = sample(reshape(ends, [batch, config.hiddenSize]), gatherRows(noise, graph.scalar(0, 'int64')));

  const room = newTokens - 1;
  const rest = (row: Tensor, fill: number): Tensor => {
    const empty = expand(graph.scalar(fill, row.dtype), [room, batch]);
    return room === 0 ? unsqueeze(row, 0) : concat([unsqueeze(row, 0), empty], 0);
  };
  const ones = graph.constant(new Array<number>(batch).fill(1), [batch]);
  let rows: Readonly<Record<'tokens' | 'mask' | 'logProbability' | 'samplingLogProbability', Tensor>> = {
    tokens: rest(first.token, padToken),
    mask: rest(ones, 0),
    logProbability: rest(first.logProbability, 0),
    samplingLogProbability: rest(first.samplingLogProbability, 0),
  };
  if (room > 0) {
    const padded = less(indices(graph, [1, promptLength], promptLength), unsqueeze(starts, 1));
    const length = promptLength + newTokens;
    const surroundings: Surroundings = {
      config,
      options,
      starts,
      prompts: ofPrompts,
      padding: mul(cast(padded, graph.float), unseen),
      tables: {
        queries: positionTables(graph, config, length, 1 / Math.sqrt(config.headDim)),
        keys: positionTables(graph, config, length),
      },
    };
    const nothing = zeros(graph, [batch, config.kvHeads, room, config.headDim]);
    const caches: Record<string, Tensor> = {};
    for (let layer = 0; layer < config.layers; layer++) {
      caches[`keys.${layer}`] = nothing;
      caches[`values.${layer}`] = nothing;
    }
    const start: Record<string, Tensor> = {
      ...rows,
      token: first.token,
      live: goesOn(first.token, stopTokens),
      ...caches,
    };
    rows = loop(graph, room, start, (carried, turn) => {
      const next: Record<string, Tensor> = {};
      const made = ofPrompts.map((_, layer) => ({
        keys: carried[`keys.${layer}`]!,
        values: carried[`values.${layer}`]!,
      }));
      const attend = attendNew(surroundings, made, turn, (layer, { keys, values }) => {
        next[`keys.${layer}`] = keys;
        next[`values.${layer}`] = values;
      });
      const at = add(turn, 1);
      const sampled = sample(decode(decoder, carried.token!, attend), gatherRows(noise, at));
      const live = carried.live!;
      const token = where(greater(live, 0), sampled.token, padToken);
      next.token = token;
      next.live = mul(live, goesOn(token, stopTokens));
      next.tokens = written(carried.tokens!, at, token);
      next.mask = written(carried.mask!, at, live);
      for (const name of ['logProbability', 'samplingLogProbability'] as const) {
        next[name] = written(carried[name]!, at, mul(sampled[name], live));
      }
      return { carried: next, goOn: greater(max(next.live), 0) };
    }) as typeof rows;
  }
  for (const name of ['tokens', 'mask', 'logProbability', 'samplingLogProbability'] as const) {
    graph.output(name, transpose(rows[name], [1, 0]));
  }
  finish(sourced, read);
  return modelFor(rewrite(graph, [...rewrites, fuseNorms]))(provider);
}
