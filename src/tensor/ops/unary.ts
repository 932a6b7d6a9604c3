/** Functions of one tensor, element by element. */
import { isFloat } from '../dtype.ts';
import { customGradient } from '../graph/autodiff.ts';
import { GraphError } from '../graph/errors.ts';
import type { Tensor } from '../graph/graph.ts';
import { add, apply, div, mul, neg, type Operand, square, sub } from './basic.ts';

/** Throws a GraphError for integers and bool. */
export function expectFloat(op: string, x: Tensor): void {
  if (!isFloat(x.dtype)) throw new GraphError(op, [x], 'the operand is not a float; cast it.');
}

function unary(op: string, x: Tensor, gradient: (dy: Tensor, y: Tensor) => Tensor): Tensor {
  expectFloat(op, x);
  return apply({ op, inputs: [x], type: x, gradient: (dy, y) => [gradient(dy, y)] });
}

/** eˣ */
export const exp = (x: Tensor): Tensor => unary('Exp', x, (dy, y) => mul(dy, y));

/** ln x */
export const log = (x: Tensor): Tensor => unary('Log', x, (dy) => div(dy, x));

/** √x */
export const sqrt = (x: Tensor): Tensor => unary('Sqrt', x, (dy, y) => div(mul(dy, 0.5), y));

/** 1 / x */
export const reciprocal = (x: Tensor): Tensor => unary('Reciprocal', x, (dy, y) => neg(mul(dy, square(y))));

/** 1 / (1 + e⁻ˣ) */
export const sigmoid = (x: Tensor): Tensor => unary('Sigmoid', x, (dy, y) => mul(dy, mul(y, sub(1, y))));

/** The hyperbolic tangent. */
export const tanh = (x: Tensor): Tensor => unary('Tanh', x, (dy, y) => mul(dy, sub(1, square(y))));

/** ln(1 + eˣ), without overflow: max(x, 0) + ln(1 + e^−|x|). The runtime's Softplus has no float64. */
export function softplus(x: Tensor): Tensor {
  expectFloat('Softplus', x);
  const [y] = customGradient(
    'Softplus',
    [x],
    () => [add(relu(x), log(add(exp(neg(abs(x))), 1)))],
    ([dy]) => [mul(dy!, sigmoid(x))],
  );
  return y!;
}

/** The error function; its derivative is 2/√π · exp(−x²). */
export function erf(x: Tensor): Tensor {
  expectFloat('Erf', x);
  const [y] = customGradient(
    'Erf',
    [x],
    () => [x.dtype === 'float64' ? erfSeries(x) : unary('Erf', x, () => x)],
    ([dy]) => [mul(mul(dy!, 2 / Math.sqrt(Math.PI)), exp(neg(square(x))))],
  );
  return y!;
}

/** The runtime's Erf has no float64, in which gradients are checked: the Maclaurin series, exact to 1e-12 for |x| ≤ 2. */
function erfSeries(x: Tensor): Tensor {
  let sum: Operand = 0;
  const squared = square(x);
  for (let n = 40; n >= 0; n--) {
    let factorial = 1;
    for (let i = 2; i <= n; i++) factorial *= i;
    const coefficient = (n % 2 === 0 ? 1 : -1) / (factorial * (2 * n + 1));
    sum = add(mul(sum, squared), coefficient);
  }
  return mul(mul(sum, x), 2 / Math.sqrt(Math.PI));
}

/** |x|; the gradient at 0 is 0. */
export const abs = (x: Tensor): Tensor => unary('Abs', x, (dy) => mul(dy, sign(x)));

/** −1, 0 or 1. No gradient flows. */
export const sign = (x: Tensor): Tensor => unary('Sign', x, (dy) => mul(dy, 0));

/** max(x, 0); the gradient at 0 is 0. */
export const relu = (x: Tensor): Tensor => unary('Relu', x, (dy, y) => mul(dy, sign(y)));

/** The sine, in radians. */
export const sin = (x: Tensor): Tensor => unary('Sin', x, (dy) => mul(dy, cos(x)));

/** The cosine, in radians. */
export const cos = (x: Tensor): Tensor => unary('Cos', x, (dy) => neg(mul(dy, sin(x))));
