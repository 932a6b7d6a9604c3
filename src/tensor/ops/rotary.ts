import { customGradient } from '../graph/autodiff.ts';
import { GraphError } from '../graph/errors.ts';
import type { Tensor } from '../graph/graph.ts';
import { broadcastShapes, sameShape } from '../graph/types.ts';
import { add, mul, neg } from './basic.ts';
import { concat, split } from './layout.ts';

/** The two halves of the last axis exchanged. */
function swapHalves(x: Tensor): Tensor {
  const half = x.shape.at(-1)! / 2;
  const [first, second] = split(x, [half, half], -1);
  return concat([second!, first!], -1);
}

const rotate = (x: Tensor, cos: Tensor, sin: Tensor): Tensor => add(mul(x, cos), mul(swapHalves(x), sin));

/**
 * Rotary position embedding (arXiv:2104.09864) in the layout of the Llama family: element i of the first half and of the
 * second half of the last axis are a pair that is turned. `cos` and `sin` broadcast to `x`; both halves of `cos` are alike,
 * and the first half of `sin` is negated already. A rotation's gradient is the rotation back.
 */
export function rotary(x: Tensor, cos: Tensor, sin: Tensor): Tensor {
  const fits = [cos, sin].every((table) => {
    const shape = broadcastShapes(x.shape, table.shape);
    return shape && sameShape(shape, x.shape) && table.dtype === x.dtype;
  });
  if (!fits || x.shape.at(-1)! % 2 !== 0) {
    throw new GraphError('Rotary', [x, cos, sin], 'the tables do not broadcast, or the last axis is odd.');
  }
  const [y] = customGradient(
    'Rotary',
    [x],
    () => [rotate(x, cos, sin)],
    ([dy]) => [rotate(dy!, cos, neg(sin))],
  );
  return y!;
}
