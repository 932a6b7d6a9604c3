/** Products of matrices. */
import { GraphError } from '../graph/errors.ts';
import type { Tensor } from '../graph/graph.ts';
import { broadcastShapes } from '../graph/types.ts';
import { apply, reshape, sumTo } from './basic.ts';
import { swapLast } from './layout.ts';

export interface MatmulOptions {
  /** The first operand's last two axes are exchanged first. */
  readonly transposeA?: boolean;
  /** The second operand's last two axes are exchanged first. */
  readonly transposeB?: boolean;
}

/** Sizes of the product of two matrices: rows, inner size of each, columns. */
function sizes(a: Tensor, b: Tensor, { transposeA, transposeB }: MatmulOptions) {
  const [aRows, aColumns] = a.shape.slice(-2) as [number, number];
  const [bRows, bColumns] = b.shape.slice(-2) as [number, number];
  return {
    rows: transposeA ? aColumns : aRows,
    innerA: transposeA ? aRows : aColumns,
    innerB: transposeB ? bColumns : bRows,
    columns: transposeB ? bRows : bColumns,
  };
}

/**
 * The product of matrices in the last two axes; axes before them broadcast. Two matrices become Gemm, which takes transposed
 * operands as they are; a stack of matrices times one matrix is one tall product.
 */
export function matmul(a: Tensor, b: Tensor, options: MatmulOptions = {}): Tensor {
  if (a.dtype !== b.dtype) throw new GraphError('MatMul', [a, b], 'the operands have different types; cast one.');
  if (a.rank < 2 || b.rank < 2) throw new GraphError('MatMul', [a, b], 'an operand has fewer than two axes.');
  const { rows, innerA, innerB, columns } = sizes(a, b, options);
  if (innerA !== innerB) throw new GraphError('MatMul', [a, b], `inner sizes ${innerA} and ${innerB} differ.`);
  if (a.rank === 2 && b.rank === 2) return gemm(a, b, null, options);
  if (b.rank === 2 && !options.transposeA) {
    return reshape(gemm(reshape(a, [-1, innerA]), b, null, options), [...a.shape.slice(0, -1), columns]);
  }
  const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2));
  if (!batch) throw new GraphError('MatMul', [a, b], 'the axes before the last two do not broadcast.');
  // The runtime fuses the transposition into the product.
  const x = options.transposeA ? swapLast(a) : a;
  const y = options.transposeB ? swapLast(b) : b;
  return apply({
    op: 'MatMul',
    inputs: [x, y],
    type: { dtype: a.dtype, shape: [...batch, rows, columns] },
    gradient: (dy) => [
      sumTo(matmul(dy, y, { transposeB: true }), x.shape),
      sumTo(matmul(x, dy, { transposeA: true }), y.shape),
    ],
  });
}

/** a · b, plus `bias`: a vector added to each row, or a matrix. */
function gemm(a: Tensor, b: Tensor, bias: Tensor | null, options: MatmulOptions): Tensor {
  const { transposeA = false, transposeB = false } = options;
  const { rows, columns } = sizes(a, b, options);
  return apply({
    op: 'Gemm',
    inputs: bias ? [a, b, bias] : [a, b],
    type: { dtype: a.dtype, shape: [rows, columns] },
    attributes: { transA: transposeA ? 1 : 0, transB: transposeB ? 1 : 0 },
    gradient: (dy) => [
      transposeA
        ? gemm(b, dy, null, { transposeA: transposeB, transposeB: true })
        : gemm(dy, b, null, { transposeB: !transposeB }),
      transposeB
        ? gemm(dy, a, null, { transposeA: true, transposeB: transposeA })
        : gemm(a, dy, null, { transposeA: !transposeA }),
      bias && sumTo(dy, bias.shape),
    ],
  });
}

/**
 * x · weightᵀ + bias, the layout in which the ecosystem keeps a linear layer: `x` [.., in], `weight` [out, in], `bias` [out];
 * the result is [.., out].
 */
export function affine(x: Tensor, weight: Tensor, bias: Tensor | null = null): Tensor {
  const [out, inner] = weight.shape as [number, number];
  const fits = weight.rank === 2 && x.shape.at(-1) === inner && (!bias || (bias.rank === 1 && bias.size === out));
  if (!fits || x.dtype !== weight.dtype || (bias && bias.dtype !== x.dtype)) {
    throw new GraphError('Linear', bias ? [x, weight, bias] : [x, weight], 'expects [.., in], [out, in] and [out].');
  }
  const flat = gemm(reshape(x, [-1, inner]), weight, bias, { transposeB: true });
  return reshape(flat, [...x.shape.slice(0, -1), out]);
}

/** base + x · weightᵀ: `x` [.., in], `weight` [out, in], `base` [.., out]. The sum costs no pass of its own. */
export function affineOnto(x: Tensor, weight: Tensor, base: Tensor): Tensor {
  const [out, inner] = weight.shape as [number, number];
  const rows = x.size / inner;
  const fits = weight.rank === 2 && x.shape.at(-1) === inner && base.shape.at(-1) === out && base.size === rows * out;
  if (!fits) throw new GraphError('LinearOnto', [x, weight, base], 'expects [.., in], [out, in] and [.., out].');
  const flat = gemm(reshape(x, [rows, inner]), weight, reshape(base, [rows, out]), { transposeB: true });
  return reshape(flat, base.shape);
}
