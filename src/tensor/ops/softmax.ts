/** Softmax and its logarithm. */
import type { Tensor } from '../graph/graph.ts';
import { apply, mul, sub, sum } from './basic.ts';
import { positiveAxis } from './layout.ts';
import { exp, expectFloat } from './unary.ts';

/** eˣ / Σ eˣ along `axis`. */
export function softmax(x: Tensor, axis = -1): Tensor {
  expectFloat('Softmax', x);
  const along = positiveAxis('Softmax', x, axis);
  return apply({
    op: 'Softmax',
    inputs: [x],
    type: x,
    attributes: { axis: along },
    gradient: (dy, y) => [mul(y, sub(dy, sum(mul(dy, y), { axes: [along], keepDims: true })))],
  });
}

/** x − ln Σ eˣ along `axis`. */
export function logSoftmax(x: Tensor, axis = -1): Tensor {
  expectFloat('LogSoftmax', x);
  const along = positiveAxis('LogSoftmax', x, axis);
  return apply({
    op: 'LogSoftmax',
    inputs: [x],
    type: x,
    attributes: { axis: along },
    gradient: (dy, y) => [sub(dy, mul(exp(y), sum(dy, { axes: [along], keepDims: true })))],
  });
}
