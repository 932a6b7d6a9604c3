/** Reductions besides the sum (basic.ts), and cumulative sums. */
import { stopGradient } from '../graph/autodiff.ts';
import type { Tensor } from '../graph/graph.ts';
import {
  add,
  apply,
  axesOf,
  div,
  expand,
  expectNumbers,
  mul,
  type ReduceOptions,
  reducedShape,
  reshape,
  sub,
  sum,
} from './basic.ts';
import { cast, positiveAxis } from './layout.ts';
import { equal } from './select.ts';
import { exp, expectFloat, log } from './unary.ts';

/** The mean over `axes`. */
export function mean(x: Tensor, { axes, keepDims = false }: ReduceOptions = {}): Tensor {
  expectFloat('ReduceMean', x);
  const over = axesOf('ReduceMean', x, axes);
  const count = over.reduce((product, axis) => product * x.shape[axis]!, 1);
  if (over.length === 0) return x;
  return apply({
    op: 'ReduceMean',
    inputs: [x, x.graph.integers(over)],
    type: { dtype: x.dtype, shape: reducedShape(x, over, keepDims) },
    attributes: { keepdims: keepDims ? 1 : 0 },
    gradient: (dy) => [expand(mul(reshape(dy, reducedShape(x, over, true)), 1 / count), x.shape)],
  });
}

/** The largest element over `axes`. Several that are largest share the gradient equally, as `amax` does in PyTorch. */
export function max(x: Tensor, { axes, keepDims = false }: ReduceOptions = {}): Tensor {
  expectNumbers('ReduceMax', x);
  const over = axesOf('ReduceMax', x, axes);
  if (over.length === 0) return x;
  const kept = reducedShape(x, over, true);
  return apply({
    op: 'ReduceMax',
    inputs: [x, x.graph.integers(over)],
    type: { dtype: x.dtype, shape: reducedShape(x, over, keepDims) },
    attributes: { keepdims: keepDims ? 1 : 0 },
    gradient: (dy, y) => {
      const largest = cast(equal(x, reshape(y, kept)), x.dtype);
      return [mul(div(largest, sum(largest, { axes: over, keepDims: true })), reshape(dy, kept))];
    },
  });
}

/** ln Σ eˣ over `axes`, without overflow: the largest element is taken out first. */
export function logSumExp(x: Tensor, { axes, keepDims = false }: ReduceOptions = {}): Tensor {
  const over = axesOf('LogSumExp', x, axes);
  const top = stopGradient(max(x, { axes: over, keepDims: true }));
  const result = add(log(sum(exp(sub(x, top)), { axes: over, keepDims: true })), top);
  return reshape(result, reducedShape(x, over, keepDims));
}

/** Sums up to and including each element along `axis`; from the end when `reverse`. */
export function cumulativeSum(x: Tensor, axis: number, { reverse = false } = {}): Tensor {
  expectNumbers('CumSum', x);
  const along = positiveAxis('CumSum', x, axis);
  return apply({
    op: 'CumSum',
    inputs: [x, x.graph.scalar(along, 'int64')],
    type: x,
    attributes: { reverse: reverse ? 1 : 0 },
    gradient: (dy) => [cumulativeSum(dy, along, { reverse: !reverse })],
  });
}
