/** Frozen weights of 4 or 8 bits: products by MatMulNBits, which computes in whole numbers; rows of the embedding by arithmetic. */
import type { StoredTensor } from '../files/safetensors.ts';
import { formatType } from '../graph/errors.ts';
import { type Graph, type Node, Tensor } from '../graph/graph.ts';
import { eachNode, type Rewrite } from '../graph/rewrite.ts';
import { sameShape } from '../graph/types.ts';
import type { Shape } from '../model.ts';
import { frozenWeights } from '../nn/frozen.ts';
import type { Weights } from '../nn/weights.ts';
import { apply, mul, reshape, sub } from '../ops/basic.ts';
import { gatherRows } from '../ops/gather.ts';
import { cast, concat, slice, unsqueeze } from '../ops/layout.ts';
import { type Bits, blockSize, blocksOf, bytesPerBlock } from './quantise.ts';

/** What a quantised matrix `name` [rows, columns] is called in a file: uint8 [rows, blocks, bytes] and float32 [rows, blocks]. */
export const codesName = (name: string): string => `${name}.codes`;
export const scalesName = (name: string): string => `${name}.scales`;

export interface QuantisedWeights {
  readonly weights: Weights;
  /** Without it the graph computes the same from matrices turned back into float32. */
  readonly rewrite: Rewrite;
}

interface Quantised {
  readonly codes: Tensor;
  readonly scales: Tensor;
  readonly bits: Bits;
  readonly rows: number;
  readonly columns: number;
}

/** `count` codes [n, blocks, bytes] with their scales [n, blocks] as float32 [n, columns]. */
function turnedBack(codes: Tensor, scales: Tensor, { bits, columns }: Quantised): Tensor {
  const { graph } = codes;
  const [count, blocks] = codes.shape as [number, number];
  const byByte = (op: string, other: number, attributes = {}): Tensor =>
    apply({ op, inputs: [codes, graph.scalar(other, 'uint8')], type: codes, attributes });
  const single =
    bits === 8
      ? codes
      : concat(
          [byByte('BitwiseAnd', 15), byByte('BitShift', 4, { direction: 'RIGHT' })].map((half) => unsqueeze(half, -1)),
          -1,
        );
  const units = sub(cast(reshape(single, [count, blocks, blockSize]), 'float32'), 2 ** (bits - 1));
  const values = reshape(mul(units, unsqueeze(scales, -1)), [count, blocks * blockSize]);
  return slice(values, 1, 0, columns);
}

/**
 * Weights that quantisedFile.ts has written. Matrices may be used whole or, as tables, in one part. Adapters (nn/lora.ts) go on
 * top, in float32.
 */
export function quantisedWeights(graph: Graph, stored: ReadonlyMap<string, StoredTensor>): QuantisedWeights {
  const plain = frozenWeights(graph, stored);
  const matrices = new Map<string, Quantised>();
  /** By the name of the float32 tensor that stands for it. */
  const standIns = new Map<string, Quantised>();

  function quantised(name: string, shape: Shape): Quantised | null {
    const known = matrices.get(name);
    if (known) return known;
    const [codes, scales] = [stored.get(codesName(name)), stored.get(scalesName(name))];
    if (!codes || !scales) return null;
    const [rows, columns] = shape as [number, number];
    const bits: Bits = codes.shape[2] === bytesPerBlock(4) ? 4 : 8;
    const blocks = blocksOf(columns);
    const fits =
      sameShape(codes.shape, [rows, blocks, bytesPerBlock(bits)]) &&
      sameShape(scales.shape, [rows, blocks]) &&
      codes.dtype === 'uint8' &&
      scales.dtype === 'float32';
    if (!fits) throw new Error(`“${name}” is ${formatType(codes)}, which is not [${shape.join(', ')}] quantised.`);
    const load = ({ name, dtype, shape, file, byteOffset, byteLength }: StoredTensor): Tensor =>
      graph.weight(name, { dtype, shape }, { file, offset: byteOffset, bytes: byteLength });
    const made = { codes: load(codes), scales: load(scales), bits, rows, columns };
    matrices.set(name, made);
    return made;
  }

  const whole = (matrix: Quantised): Tensor => {
    const tensor = turnedBack(matrix.codes, matrix.scales, matrix);
    standIns.set(tensor.name, matrix);
    return tensor;
  };
  const rowsOf = (matrix: Quantised, index: Tensor): Tensor => {
    const flat = reshape(index, [-1]);
    const rows = turnedBack(gatherRows(matrix.codes, flat), gatherRows(matrix.scales, flat), matrix);
    return reshape(rows, [...index.shape, matrix.columns]);
  };

  const weights: Weights = {
    tensor(name, shape, initial) {
      const matrix = shape.length === 2 ? quantised(name, shape) : null;
      return matrix ? whole(matrix) : plain.tensor(name, shape, initial);
    },
    rows(name, shape, initial, index) {
      const matrix = quantised(name, shape);
      return matrix ? rowsOf(matrix, index) : plain.rows(name, shape, initial, index);
    },
    table(name, shape, initial, parts) {
      const matrix = quantised(name, shape);
      if (!matrix) return plain.table(name, shape, initial, parts);
      return { parts: [whole(matrix)], rows: (index) => rowsOf(matrix, index) };
    },
  };

  /** x · weightᵀ, plus a vector or a matrix: MatMulNBits takes the vector, a matrix is added after it. */
  const rewrite = eachNode((node, inside) => {
    const [x, weight, added] = node.inputs;
    const matrix = node.op === 'Gemm' && weight ? standIns.get(weight.name) : undefined;
    if (!matrix || node.attributes.transB !== 1 || node.attributes.transA === 1) return null;
    const [y] = node.outputs;
    const bias = added?.rank === 1 ? added : null;
    const residual = added && !bias ? added : null;
    const product = residual ? new Tensor(inside, inside.fresh('product'), y!) : y!;
    const main: Node = {
      op: 'MatMulNBits',
      domain: 'com.microsoft',
      name: node.name,
      inputs: [x!, matrix.codes, matrix.scales, ...(bias ? [null, null, bias] : [])],
      outputs: [product],
      // Level 4: activations become 8 bits, too.
      attributes: { K: matrix.columns, N: matrix.rows, bits: matrix.bits, block_size: blockSize, accuracy_level: 4 },
    };
    if (!residual) return [main];
    const sum = { op: 'Add', domain: '', name: `${node.name}.sum`, inputs: [product, residual], outputs: [y!] };
    return [main, { ...sum, attributes: {} }];
  });
  return { weights, rewrite };
}
