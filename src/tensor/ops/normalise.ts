/** Normalisations over the last axis, with gradients that make few passes over memory. */
import { customGradient } from '../graph/autodiff.ts';
import { GraphError } from '../graph/errors.ts';
import type { Tensor } from '../graph/graph.ts';
import { add, mul, reshape, square, sub, sum } from './basic.ts';
import { matmul } from './matmul.ts';
import { mean } from './reduce.ts';
import { reciprocal, sqrt } from './unary.ts';

const last = { axes: [-1], keepDims: true } as const;

function expectScale(op: string, x: Tensor, scale: Tensor): number {
  const size = x.shape.at(-1);
  if (scale.rank !== 1 || scale.size !== size || scale.dtype !== x.dtype) {
    throw new GraphError(op, [x, scale], 'the scale is not a vector along the last axis.');
  }
  return size;
}

/** Sums over all axes but the last. */
const overRows = (x: Tensor): Tensor => sum(x, { axes: x.shape.slice(0, -1).map((_, i) => i) });

/** x · w summed along the last axis, which stays: one product of a matrix and a vector instead of two passes. */
function dotRows(x: Tensor, w: Tensor): Tensor {
  const size = w.size;
  return reshape(matmul(reshape(x, [-1, size]), reshape(w, [size, 1])), [...x.shape.slice(0, -1), 1]);
}

/**
 * x / √(mean x² + ε) · scale (arXiv:1910.07467): `x` [.., n], `scale` [n]. With x̂ the normalised x, r the factor and g = dy · scale, the gradient is
 * r · (g − x̂ · mean(g · x̂)).
 */
export function rmsNorm(x: Tensor, scale: Tensor, epsilon: number): Tensor {
  const size = expectScale('RMSNorm', x, scale);
  let factor!: Tensor;
  let normal!: Tensor;
  const [y] = customGradient(
    'RMSNorm',
    [x, scale],
    () => {
      factor = reciprocal(sqrt(add(mean(square(x), last), epsilon)));
      normal = mul(x, factor);
      return [mul(normal, scale)];
    },
    ([dy]) => {
      const product = mul(dy!, normal);
      const projection = dotRows(product, mul(scale, 1 / size));
      return [mul(factor, sub(mul(dy!, scale), mul(normal, projection))), overRows(product)];
    },
  );
  return y!;
}

/**
 * (x − mean) / √(variance + ε) · scale + bias (arXiv:1607.06450): `x` [.., n], `scale` and `bias` [n]. The gradient is
 * r · (g − mean g − x̂ · mean(g · x̂)), in the words of rmsNorm.
 */
export function layerNorm(x: Tensor, scale: Tensor, bias: Tensor, epsilon: number): Tensor {
  const size = expectScale('LayerNorm', x, scale);
  expectScale('LayerNorm', x, bias);
  let factor!: Tensor;
  let normal!: Tensor;
  const [y] = customGradient(
    'LayerNorm',
    [x, scale, bias],
    () => {
      const centred = sub(x, mean(x, last));
      factor = reciprocal(sqrt(add(mean(square(centred), last), epsilon)));
      normal = mul(centred, factor);
      return [add(mul(normal, scale), bias)];
    },
    ([dy]) => {
      const product = mul(dy!, normal);
      const share = mul(scale, 1 / size);
      const flat = sub(sub(mul(dy!, scale), dotRows(dy!, share)), mul(normal, dotRows(product, share)));
      return [mul(factor, flat), overRows(product), overRows(dy!)];
    },
  );
  return y!;
}
