/**
 * The ops that every gradient is made of: arithmetic with NumPy's broadcasting, and the sums and shapes that undo it. They
 * stand in one file because their gradients need each other.
 */
import { isFloat } from '../dtype.ts';
import { GraphError } from '../graph/errors.ts';
import { type Gradient, Graph, type OpSpec, Tensor } from '../graph/graph.ts';
import { axisOf, broadcastAxes, broadcastShapes, sameShape, sizeOf, type TensorType } from '../graph/types.ts';
import type { Shape } from '../model.ts';

/** A tensor, or a number, which stands for a scalar of the other operand's type. */
export type Operand = Tensor | number;

/** The one output of an op. `gradient` gets the output's gradient, and the output. */
export function apply(
  spec: Omit<OpSpec, 'types' | 'gradient'> & {
    readonly type: TensorType;
    readonly gradient?: (dy: Tensor, y: Tensor) => ReturnType<Gradient>;
  },
): Tensor {
  const { type, gradient, ...rest } = spec;
  const full: OpSpec = {
    ...rest,
    types: [type],
    ...(gradient && { gradient: ([dy], [y]) => gradient(dy!, y!) }),
  };
  return Graph.of(spec.inputs, spec.op).apply(full)[0]!;
}

/** Numbers become scalars of the tensor's type. One of the two has to be a tensor. */
export function pair(a: Operand, b: Operand): readonly [Tensor, Tensor] {
  if (a instanceof Tensor) return [a, b instanceof Tensor ? b : scalarLike(a, b)];
  if (b instanceof Tensor) return [scalarLike(b, a), b];
  throw new GraphError('arithmetic', [], 'one operand has to be a tensor.');
}

function scalarLike(x: Tensor, value: number): Tensor {
  if (!isFloat(x.dtype) && !Number.isInteger(value)) {
    throw new GraphError('arithmetic', [x], `${value} is not a whole number; cast the tensor.`);
  }
  return x.graph.scalar(value, x.dtype);
}

/** Throws a GraphError for bool, which ONNX doesn't calculate with. */
export function expectNumbers(op: string, ...operands: readonly Tensor[]): void {
  if (operands.some(({ dtype }) => dtype === 'bool')) throw new GraphError(op, operands, 'bool is no number; cast it.');
}

/** The shape rule of elementwise ops over two tensors. */
export function broadcast(op: string, a: Tensor, b: Tensor): Shape {
  if (a.dtype !== b.dtype) throw new GraphError(op, [a, b], 'the operands have different types; cast one.');
  const shape = broadcastShapes(a.shape, b.shape);
  if (!shape) throw new GraphError(op, [a, b], 'the shapes do not broadcast.');
  return shape;
}

function elementwise(
  op: string,
  a: Operand,
  b: Operand,
  gradient: (dy: Tensor, a: Tensor, b: Tensor, y: Tensor) => readonly [Tensor, Tensor],
): Tensor {
  const inputs = pair(a, b);
  expectNumbers(op, ...inputs);
  return apply({
    op,
    inputs,
    type: { dtype: inputs[0].dtype, shape: broadcast(op, ...inputs) },
    gradient: (dy, y) => gradient(dy, ...inputs, y).map((dx, i) => sumTo(dx, inputs[i]!.shape)),
  });
}

/** a + b */
export const add = (a: Operand, b: Operand): Tensor => elementwise('Add', a, b, (dy) => [dy, dy]);

/** a − b */
export const sub = (a: Operand, b: Operand): Tensor => elementwise('Sub', a, b, (dy) => [dy, neg(dy)]);

/** a · b */
export const mul = (a: Operand, b: Operand): Tensor => elementwise('Mul', a, b, (dy, x, z) => [mul(dy, z), mul(dy, x)]);

/** a / b */
export const div = (a: Operand, b: Operand): Tensor =>
  elementwise('Div', a, b, (dy, _, z, y) => {
    const scaled = div(dy, z);
    return [scaled, neg(mul(scaled, y))];
  });

/** −x */
export function neg(x: Tensor): Tensor {
  expectNumbers('Neg', x);
  return apply({ op: 'Neg', inputs: [x], type: x, gradient: (dy) => [neg(dy)] });
}

/** x² */
export function square(x: Tensor): Tensor {
  expectNumbers('Mul', x, x);
  return apply({ op: 'Mul', inputs: [x, x], type: x, gradient: (dy) => [mul(mul(dy, x), 2)] });
}

/** Axes in increasing order, counted from the front; all of them when none are given. */
export function axesOf(op: string, x: Tensor, axes: readonly number[] | undefined): number[] {
  if (!axes) return x.shape.map((_, i) => i);
  const known = axes.map((axis) => {
    const positive = axisOf(axis, x.rank);
    if (positive === null) throw new GraphError(op, [x], `there is no axis ${axis}.`);
    return positive;
  });
  if (new Set(known).size !== known.length)
    throw new GraphError(op, [x], `an axis is named twice: ${axes.join(', ')}.`);
  return known.sort((a, b) => a - b);
}

export interface ReduceOptions {
  /** All when missing. Negative ones count from the end. */
  readonly axes?: readonly number[];
  /** Reduced axes stay, with size 1. */
  readonly keepDims?: boolean;
}

/** `x`'s shape after a reduction, with and without the axes reduced. */
export function reducedShape(x: Tensor, axes: readonly number[], keepDims: boolean): Shape {
  const kept = x.shape.map((size, i) => (axes.includes(i) ? 1 : size));
  return keepDims ? kept : kept.filter((_, i) => !axes.includes(i));
}

/** The sum over `axes`. */
export function sum(x: Tensor, { axes, keepDims = false }: ReduceOptions = {}): Tensor {
  const over = axesOf('ReduceSum', x, axes);
  expectNumbers('ReduceSum', x);
  if (over.length === 0) return x;
  return apply({
    op: 'ReduceSum',
    inputs: [x, x.graph.integers(over)],
    type: { dtype: x.dtype, shape: reducedShape(x, over, keepDims) },
    attributes: { keepdims: keepDims ? 1 : 0 },
    gradient: (dy) => [expand(reshape(dy, reducedShape(x, over, true)), x.shape)],
  });
}

/** Sums over what broadcasting repeated, so that the result has `shape`: the gradient of broadcasting. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const repeated = broadcastShapes(shape, x.shape);
  if (!repeated || !sameShape(repeated, x.shape)) {
    throw new GraphError('SumTo', [x], `[${shape.join(', ')}] does not broadcast to its shape.`);
  }
  return reshape(sum(x, { axes: broadcastAxes(shape, x.shape), keepDims: true }), shape);
}

/** `x` repeated by broadcasting until it has `shape`. */
export function expand(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const result = broadcastShapes(x.shape, shape);
  if (!result || !sameShape(result, shape))
    throw new GraphError('Expand', [x], `does not broadcast to [${shape.join(', ')}].`);
  return apply({
    op: 'Expand',
    inputs: [x, x.graph.integers(shape)],
    type: { dtype: x.dtype, shape },
    gradient: (dy) => [sumTo(dy, x.shape)],
  });
}

/** The same elements in another shape; one size may be −1, and follows from the others. Nothing is copied. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const known = sizeOf(shape.filter((size) => size !== -1));
  const full = shape.map((size) => (size === -1 ? x.size / known : size));
  if (sizeOf(full) !== x.size || full.some((size) => !Number.isInteger(size) || size < 0)) {
    throw new GraphError('Reshape', [x], `${x.size} elements don't fit [${shape.join(', ')}].`);
  }
  if (sameShape(full, x.shape)) return x;
  return apply({
    op: 'Reshape',
    inputs: [x, x.graph.integers(full)],
    type: { dtype: x.dtype, shape: full },
    // Otherwise 0 means “as it was”.
    ...(full.includes(0) && { attributes: { allowzero: 1 } }),
    gradient: (dy) => [reshape(dy, x.shape)],
  });
}
