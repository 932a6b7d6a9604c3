import { dtypes } from '../dtype.ts';
import type { StoredTensor } from '../files/safetensors.ts';
import { formatType } from '../graph/errors.ts';
import type { Graph, Tensor } from '../graph/graph.ts';
import { sameShape, sizeOf } from '../graph/types.ts';
import type { Shape } from '../model.ts';
import { gatherRows } from '../ops/gather.ts';
import { cast } from '../ops/layout.ts';
import type { Weights } from './weights.ts';

/**
 * Weights that stay as they are in a file (float32, float16 or bfloat16): the runtime maps them, and casts what is not
 * float32 when it loads. `stored` has been checked against the config (files/weightNames.ts). Throws an Error when one is
 * missing or has another shape.
 */
export function frozenWeights(graph: Graph, stored: ReadonlyMap<string, StoredTensor>): Weights {
  const used = new Map<string, Tensor>();

  function find(name: string, shape: Shape): StoredTensor {
    const found = stored.get(name);
    if (!found) throw new Error(`The model has no tensor “${name}”.`);
    if (!sameShape(found.shape, shape))
      throw new Error(`“${name}” is ${formatType(found)}, not [${shape.join(', ')}].`);
    return found;
  }

  /** Rows `from` up to `to` of what `name` is in the file, uncast. */
  function rowsOf(name: string, shape: Shape, from: number, to: number): Tensor {
    const { file, dtype, byteOffset } = find(name, shape);
    const [height = 1, ...row] = shape;
    const key = from === 0 && to === height ? name : `${name}[${from}:${to}]`;
    const known = used.get(key);
    if (known) return known;
    const rowBytes = sizeOf(row) * dtypes[dtype].bytes;
    const tensor = graph.weight(
      key,
      { dtype, shape: shape.length === 0 ? [] : [to - from, ...row] },
      { file, offset: byteOffset + from * rowBytes, bytes: (to - from) * rowBytes },
    );
    used.set(key, tensor);
    return tensor;
  }

  const whole = (name: string, shape: Shape): Tensor => rowsOf(name, shape, 0, shape[0] ?? 1);
  return {
    tensor: (name, shape) => cast(whole(name, shape), graph.float),
    // Cast after the choice: a table of float16 stays half as large in memory.
    rows: (name, shape, _, index) => cast(gatherRows(whole(name, shape), index), graph.float),
    table: (name, shape, _, parts) => ({
      parts: Array.from({ length: parts }, (_part, i) => {
        const [from, to] = [i, i + 1].map((k) => Math.floor((k * shape[0]!) / parts)) as [number, number];
        return cast(rowsOf(name, shape, from, to), graph.float);
      }),
      rows: (index) => cast(gatherRows(whole(name, shape), index), graph.float),
    }),
  };
}
