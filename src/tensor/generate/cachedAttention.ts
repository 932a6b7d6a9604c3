/**
 * Attention of a few new tokens over a cache of keys and values. The cache is read where it lies, and never copied: scores on
 * what is cached and on the new tokens are computed apart, and only the new rows leave the graph.
 */
import type { DecoderConfig } from '../files/llamaConfig.ts';
import type { Graph, Tensor } from '../graph/graph.ts';
import type { StateAppend, TensorSpec } from '../model.ts';
import { type Attend, indices, unseen } from '../nn/attention.ts';
import { add, expand, mul, reshape, sub } from '../ops/basic.ts';
import { cast, concat, split, transpose } from '../ops/layout.ts';
import { matmul } from '../ops/matmul.ts';
import { and, equal, greaterOrEqual, less, where } from '../ops/select.ts';
import { softmax } from '../ops/softmax.ts';
import { positionTables, rotaryAt } from './fuse.ts';

export interface CacheSize {
  /** Tokens that the cache has room for. */
  readonly capacity: number;
}

const keysName = (layer: number): string => `cache.keys.${layer}`;
const valuesName = (layer: number): string => `cache.values.${layer}`;

/** The states of a cache of one text: for each layer keys and values, [1, kvHeads, capacity, headDim]. */
export function cacheTensors(
  { layers, kvHeads, headDim }: DecoderConfig,
  { capacity }: CacheSize,
): Readonly<Record<string, Omit<TensorSpec, 'name'>>> {
  const type = { dtype: 'float32', shape: [1, kvHeads, capacity, headDim] } as const;
  return Object.fromEntries(
    Array.from({ length: layers }, (_, layer) => [keysName(layer), valuesName(layer)]).flatMap((names) =>
      names.map((name) => [name, type] as const),
    ),
  );
}

export interface CachedAttentionOptions extends CacheSize {
  /** New tokens, one after the other. */
  readonly rows: number;
  /** int64 [1]: how many tokens are cached, and so where the new ones begin. */
  readonly position: Tensor;
  /** The runtime adds rows to the cache in place; else the graph makes a new cache (for state in a GPU's memory). */
  readonly inPlace: boolean;
}

export interface CachedAttention {
  readonly attend: Attend;
  /** What the runtime has to add after each run; complete when the decoder is built. */
  readonly appends: readonly StateAppend[];
}

/** Row by row of `columns` numbers a constant [rows, columns]. */
const table = (graph: Graph, rows: number, columns: number, entry: (row: number, column: number) => number): Tensor =>
  graph.constant(
    Array.from({ length: rows * columns }, (_, i) => entry(Math.floor(i / columns), i % columns)),
    [rows, columns],
  );

/** `position` + `rows` must not exceed the capacity: the runtime refuses such a run, a graph's own cache would lose the rest. */
export function cachedAttention(
  graph: Graph,
  config: DecoderConfig,
  { rows, capacity, position, inPlace }: CachedAttentionOptions,
): CachedAttention {
  const { heads, kvHeads, headDim } = config;
  const group = heads / kvHeads;
  const appends: StateAppend[] = [];
  const queryTables = positionTables(graph, config, capacity, 1 / Math.sqrt(headDim));
  const keyTables = positionTables(graph, config, capacity);

  const columns = indices(graph, [1, capacity], capacity);
  const old = mul(cast(greaterOrEqual(columns, position), graph.float), unseen);
  const mask = concat(
    [expand(old, [rows, capacity]), table(graph, rows, rows, (row, column) => (column > row ? unseen : 0))],
    1,
  );

  /** [rows, kvHeads · n · headDim] as [1, kvHeads, n · rows, headDim]. */
  const byHead = (x: Tensor): Tensor => {
    const each = x.size / (rows * kvHeads * headDim);
    const shape = [1, kvHeads, each * rows, headDim];
    return rows === 1
      ? reshape(x, shape)
      : reshape(transpose(reshape(x, [rows, kvHeads, each, headDim]), [1, 2, 0, 3]), shape);
  };

  // Without appends: which row of the new ones each row of the cache becomes, and whether it becomes one.
  const placement = inPlace
    ? null
    : (() => {
        const cacheRows = indices(graph, [capacity, 1], capacity);
        const end = add(position, rows);
        return {
          fresh: and(greaterOrEqual(cacheRows, position), less(cacheRows, end)),
          chosen: cast(equal(sub(cacheRows, position), indices(graph, [1, rows], rows)), graph.float),
        };
      })();

  function remember(name: string, cache: Tensor, added: Tensor): void {
    if (placement) {
      graph.update(cache, where(placement.fresh, matmul(placement.chosen, added), cache));
      return;
    }
    const output = `${name}.rows`;
    graph.output(output, added);
    appends.push({ state: name, output, axis: 2, position: position.name });
  }

  const attend: Attend = (layer, q, k, v) => {
    const shape = [1, kvHeads, capacity, headDim];
    const cachedKeys = graph.state(keysName(layer), graph.float, shape);
    const cachedValues = graph.state(valuesName(layer), graph.float, shape);
    const queries = byHead(rotaryAt(reshape(q, [1, rows, heads * headDim]), position, queryTables));
    const keys = byHead(rotaryAt(reshape(k, [1, rows, kvHeads * headDim]), position, keyTables));
    const values = byHead(v);
    remember(keysName(layer), cachedKeys, keys);
    remember(valuesName(layer), cachedValues, values);

    const all = capacity + rows;
    const scores = concat(
      [matmul(queries, cachedKeys, { transposeB: true }), matmul(queries, keys, { transposeB: true })],
      -1,
    );
    // With one row the mask broadcasts as it is.
    const masked = add(rows === 1 ? scores : reshape(scores, [1, kvHeads, group, rows, all]), mask);
    const weights = reshape(softmax(masked), [1, kvHeads, group * rows, all]);
    const [ofCached, ofNew] = split(weights, [capacity, rows], -1);
    const mixed = add(matmul(ofCached!, cachedValues), matmul(ofNew!, values));
    if (rows === 1) return reshape(mixed, [1, heads * headDim]);
    const byRow = transpose(reshape(mixed, [kvHeads, group, rows, headDim]), [2, 0, 1, 3]);
    return reshape(byRow, [rows, heads * headDim]);
  };
  return { attend, appends };
}
