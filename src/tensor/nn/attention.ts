/** Grouped-query attention (arXiv:2305.13245) over whole sequences, causal. */
import type { DecoderConfig } from '../files/llamaConfig.ts';
import type { Graph, Tensor } from '../graph/graph.ts';
import type { Shape } from '../model.ts';
import { add, mul, reshape, sub } from '../ops/basic.ts';
import { gatherRows } from '../ops/gather.ts';
import { cast, transpose, unsqueeze } from '../ops/layout.ts';
import { matmul } from '../ops/matmul.ts';
import { rotary } from '../ops/rotary.ts';
import { less, maximum } from '../ops/select.ts';
import { softmax } from '../ops/softmax.ts';
import { type RopeConfig, ropeTables } from './rope.ts';

/** What a block's attention makes of queries [n, heads · headDim] and of keys and values [n, kvHeads · headDim]. */
export type Attend = (layer: number, q: Tensor, k: Tensor, v: Tensor) => Tensor;

/** Added to scores of what may not be seen. Finite, so that a row without anything to see (padding) is no NaN. */
export const unseen = -1e9;

export type AttentionConfig = Pick<DecoderConfig, 'heads' | 'kvHeads' | 'headDim' | 'ropeTheta' | 'ropeScaling'>;

export interface Sequences {
  readonly batch: number;
  readonly length: number;
  /** [batch], int64: how many tokens at the start of each row are padding, and never seen. Missing: none. */
  readonly starts?: Tensor;
}

interface Tables {
  readonly cos: Tensor;
  readonly sin: Tensor;
}

/** Rotary tables for rows of `positions` [..] (int64), or for 0 to length − 1; queries' are scaled by 1/√headDim as well. */
export function rotaryTables(graph: Graph, config: RopeConfig, length: number, positions?: Tensor) {
  const { cos, sin } = ropeTables(config, length);
  const table = (values: number[], factor: number): Tensor => {
    const shape = [length, config.headDim];
    const all = graph.constant(factor === 1 ? values : values.map((value) => value * factor), shape);
    return positions ? gatherRows(all, positions) : all;
  };
  const scale = 1 / Math.sqrt(config.headDim);
  return {
    queries: { cos: table(cos, scale), sin: table(sin, scale) } satisfies Tables,
    keys: { cos: table(cos, 1), sin: table(sin, 1) } satisfies Tables,
  };
}

/** 0 to `length` − 1 as int64, in a shape of so many elements. */
export const indices = (graph: Graph, shape: Shape, length: number): Tensor =>
  graph.constant(
    Array.from({ length }, (_, i) => i),
    shape,
    'int64',
  );

/** What is added to scores [batch, kvHeads, group, length, length], broadcast to it: 0 for what may be seen. */
function causalMask(graph: Graph, { batch, length, starts }: Sequences): Tensor {
  const later = Array.from({ length: length * length }, (_, i) => (i % length > Math.floor(i / length) ? unseen : 0));
  const mask = graph.constant(later, [length, length]);
  if (!starts) return mask;
  const columns = indices(graph, [1, length], length);
  const padding = mul(cast(less(columns, unsqueeze(starts, 1)), graph.float), unseen);
  return add(mask, reshape(padding, [batch, 1, 1, 1, length]));
}

/** [n, kvHeads · headDim] as [batch, kvHeads, length, headDim]. */
export const splitHeads = (x: Tensor, { batch, length }: Sequences, headDim: number): Tensor =>
  transpose(reshape(x, [batch, length, x.shape.at(-1)! / headDim, headDim]), [0, 2, 1, 3]);

/**
 * Attention for training and for prefill: every token sees itself and those before it. `onKeys` gets each layer's turned keys
 * and values, [batch, kvHeads, length, headDim], for a cache.
 */
export function causalAttention(
  graph: Graph,
  config: AttentionConfig,
  sequences: Sequences,
  onKeys?: (layer: number, keys: Tensor, values: Tensor) => void,
): Attend {
  const { heads, kvHeads, headDim } = config;
  const { batch, length, starts } = sequences;
  const group = heads / kvHeads;
  // Attention sees only differences of positions; those of keys in a cache have to agree with what is read after them.
  const positions = starts && maximum(sub(indices(graph, [1, length], length), unsqueeze(starts, 1)), 0);
  const tables = rotaryTables(graph, config, length, positions);
  const mask = causalMask(graph, sequences);
  // Tables are [length, headDim], or [batch, length, headDim] with padding; heads come after the length.
  const turn = (x: Tensor, count: number, { cos, sin }: Tables): Tensor =>
    rotary(reshape(x, [batch, length, count, headDim]), unsqueeze(cos, -2), unsqueeze(sin, -2));

  return (layer, q, k, v) => {
    const queries = reshape(turn(q, heads, tables.queries), [batch, length, kvHeads, group, headDim]);
    const stacked = reshape(transpose(queries, [0, 2, 3, 1, 4]), [batch, kvHeads, group * length, headDim]);
    const keys = transpose(turn(k, kvHeads, tables.keys), [0, 2, 1, 3]);
    const values = splitHeads(v, sequences, headDim);
    onKeys?.(layer, keys, values);
    const scores = reshape(matmul(stacked, keys, { transposeB: true }), [batch, kvHeads, group, length, length]);
    const weights = reshape(softmax(add(scores, mask)), [batch, kvHeads, group * length, length]);
    const mixed = reshape(matmul(weights, values), [batch, kvHeads, group, length, headDim]);
    return reshape(transpose(mixed, [0, 3, 1, 2, 4]), [batch * length, heads * headDim]);
  };
}
