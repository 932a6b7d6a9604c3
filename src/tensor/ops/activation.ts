/** Activations of more than one op, and dropout. */
import { customGradient } from '../graph/autodiff.ts';
import { GraphError } from '../graph/errors.ts';
import type { Tensor } from '../graph/graph.ts';
import { sameShape } from '../graph/types.ts';
import { add, mul, sub } from './basic.ts';
import { cast } from './layout.ts';
import { greaterOrEqual } from './select.ts';
import { erf, sigmoid, tanh } from './unary.ts';

/** x · Φ(x), Φ the normal distribution (Hendrycks and Gimpel, arXiv:1606.08415). */
export const gelu = (x: Tensor): Tensor => mul(mul(x, 0.5), add(erf(mul(x, Math.SQRT1_2)), 1));

/** GELU with Φ approximated by a tanh (same paper, section 2). */
export const geluTanh = (x: Tensor): Tensor => {
  const inner = mul(add(x, mul(mul(mul(x, x), x), 0.044715)), Math.sqrt(2 / Math.PI));
  return mul(mul(x, 0.5), add(tanh(inner), 1));
};

/** x · σ(x), also called swish (arXiv:1702.03118). */
export const silu = (x: Tensor): Tensor => mul(x, sigmoid(x));

/**
 * silu(gate) · up (GLU variants, arXiv:2002.05202). Its own gradient keeps σ and silu, and derives
 * silu′ = σ + silu · (1 − σ) from them.
 */
export function swiglu(gate: Tensor, up: Tensor): Tensor {
  if (gate.dtype !== up.dtype || !sameShape(gate.shape, up.shape)) {
    throw new GraphError('SwiGLU', [gate, up], 'gate and up have different types.');
  }
  let sigma!: Tensor;
  let swish!: Tensor;
  const [y] = customGradient(
    'SwiGLU',
    [gate, up],
    () => {
      sigma = sigmoid(gate);
      swish = mul(gate, sigma);
      return [mul(swish, up)];
    },
    ([dy]) => [mul(mul(dy!, up), add(sigma, mul(swish, sub(1, sigma)))), mul(dy!, swish)],
  );
  return y!;
}

/**
 * Zeroes the elements whose `noise` (uniform in [0, 1), of x's shape) is below `rate`, and divides the others by 1 − rate.
 * The noise is fed and not drawn: a training step is a function of its inputs, and the runtime's own generator gives every
 * session the same numbers.
 */
export function dropout(x: Tensor, noise: Tensor, rate: number): Tensor {
  if (!sameShape(x.shape, noise.shape)) throw new GraphError('Dropout', [x, noise], 'the noise has another shape.');
  if (!(rate >= 0 && rate < 1)) throw new GraphError('Dropout', [x, noise], `the rate ${rate} is not in [0, 1).`);
  if (rate === 0) return x;
  return mul(x, mul(cast(greaterOrEqual(noise, rate), x.dtype), 1 / (1 - rate)));
}
