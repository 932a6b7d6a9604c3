/** Comparisons, and the ops that choose by them. */
import { GraphError } from '../graph/errors.ts';
import type { Tensor } from '../graph/graph.ts';
import { broadcastShapes } from '../graph/types.ts';
import { add, apply, broadcast, expectNumbers, mul, type Operand, pair, sumTo } from './basic.ts';
import { cast } from './layout.ts';

function compare(op: string, a: Operand, b: Operand): Tensor {
  const inputs = pair(a, b);
  if (op !== 'Equal') expectNumbers(op, ...inputs);
  return apply({ op, inputs, type: { dtype: 'bool', shape: broadcast(op, ...inputs) } });
}

/** a = b, as bool */
export const equal = (a: Operand, b: Operand): Tensor => compare('Equal', a, b);

/** a < b, as bool */
export const less = (a: Operand, b: Operand): Tensor => compare('Less', a, b);

/** a ≤ b, as bool */
export const lessOrEqual = (a: Operand, b: Operand): Tensor => compare('LessOrEqual', a, b);

/** a > b, as bool */
export const greater = (a: Operand, b: Operand): Tensor => compare('Greater', a, b);

/** a ≥ b, as bool */
export const greaterOrEqual = (a: Operand, b: Operand): Tensor => compare('GreaterOrEqual', a, b);

function logical(op: string, inputs: readonly Tensor[]): Tensor {
  if (inputs.some(({ dtype }) => dtype !== 'bool')) throw new GraphError(op, inputs, 'the operands are not bool.');
  const shape = inputs.length === 1 ? inputs[0]!.shape : broadcast(op, inputs[0]!, inputs[1]!);
  return apply({ op, inputs, type: { dtype: 'bool', shape } });
}

/** Both of two bool tensors. */
export const and = (a: Tensor, b: Tensor): Tensor => logical('And', [a, b]);

/** One or both of two bool tensors. */
export const or = (a: Tensor, b: Tensor): Tensor => logical('Or', [a, b]);

/** The opposite of a bool tensor. */
export const not = (x: Tensor): Tensor => logical('Not', [x]);

/** `a` where `condition` holds, else `b`; all three broadcast. What was not chosen gets 0, even of a gradient that is NaN. */
export function where(condition: Tensor, a: Operand, b: Operand): Tensor {
  const [x, z] = pair(a, b);
  const shape = broadcastShapes(condition.shape, broadcast('Where', x, z));
  if (condition.dtype !== 'bool' || !shape) {
    throw new GraphError('Where', [condition, x, z], 'the condition is not a bool that broadcasts.');
  }
  return apply({
    op: 'Where',
    inputs: [condition, x, z],
    type: { dtype: x.dtype, shape },
    gradient: (dy) => [null, sumTo(where(condition, dy, 0), x.shape), sumTo(where(condition, 0, dy), z.shape)],
  });
}

/** Of two that are equal each gets half of the gradient, as in PyTorch. */
function extremum(op: 'Min' | 'Max', a: Operand, b: Operand): Tensor {
  const [x, z] = pair(a, b);
  expectNumbers(op, x, z);
  const wins = op === 'Max' ? greater : less;
  const share = (one: Tensor, other: Tensor): Tensor =>
    add(cast(wins(one, other), one.dtype), mul(cast(equal(one, other), one.dtype), 0.5));
  return apply({
    op,
    inputs: [x, z],
    type: { dtype: x.dtype, shape: broadcast(op, x, z) },
    gradient: (dy) => [sumTo(mul(dy, share(x, z)), x.shape), sumTo(mul(dy, share(z, x)), z.shape)],
  });
}

/** The larger of two, element by element. */
export const maximum = (a: Operand, b: Operand): Tensor => extremum('Max', a, b);

/** The smaller of two, element by element. */
export const minimum = (a: Operand, b: Operand): Tensor => extremum('Min', a, b);

/** `x` no smaller than `low` and no larger than `high`. The gradient is 0 outside, and that of `x` at the limits. */
export function clamp(x: Tensor, low: number, high: number): Tensor {
  expectNumbers('Clip', x);
  if (!(low <= high)) throw new GraphError('Clip', [x], `${low} to ${high} is no range.`);
  const [, least] = pair(x, low);
  const [, most] = pair(x, high);
  return apply({
    op: 'Clip',
    inputs: [x, least, most],
    type: x,
    gradient: (dy) => [where(and(greaterOrEqual(x, low), lessOrEqual(x, high)), dy, 0)],
  });
}
