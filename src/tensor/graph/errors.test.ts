import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dropout, swiglu } from '../ops/activation.ts';
import * as o from '../ops/basic.ts';
import { argMax, gatherElements, gatherRows, pick, scatterAdd, topK } from '../ops/gather.ts';
import { cast, concat, slice, split, squeeze, swapLast, transpose, unsqueeze } from '../ops/layout.ts';
import { loop } from '../ops/loop.ts';
import { affine, affineOnto, matmul } from '../ops/matmul.ts';
import { layerNorm, rmsNorm } from '../ops/normalise.ts';
import { cumulativeSum, logSumExp, max, mean } from '../ops/reduce.ts';
import { rotary } from '../ops/rotary.ts';
import { and, clamp, equal, less, maximum, not, where } from '../ops/select.ts';
import { softmax } from '../ops/softmax.ts';
import { erf, exp, softplus } from '../ops/unary.ts';
import { crossEntropy, tokenStatistics } from '../ops/vocabulary.ts';
import { customGradient, gradients } from './autodiff.ts';
import { GraphError } from './errors.ts';
import { Graph, type Tensor } from './graph.ts';

// Whoever builds a model and gets a shape wrong has only this message: it must say which op, of what, and where.

const g = new Graph();
const x = g.input('x', 'float32', [2, 3]);
const row = g.input('row', 'float32', [4]);
const stack = g.input('stack', 'float32', [2, 3, 4]);
const scalar = g.input('scalar', 'float32', []);
const double = g.input('double', 'float64', [2, 3]);
const index = g.input('index', 'int64', [2]);
const flags = g.input('flags', 'bool', [2]);
const words = g.input('words', 'float32', [4, 3]);
const ones = g.constant([1, 1, 1], [3]);
const state = g.state('state', 'float32', [2]);
const elsewhere = new Graph().input('x', 'float32', [2, 3]);

interface Wrong {
  readonly message: string;
  /** Of this file: where the call begins. */
  readonly line: number;
  readonly call: () => unknown;
}

const calls: Wrong[] = [];

const lineHere = (depth: number): number =>
  Number(/errors\.test\.ts:(\d+)/.exec(new Error().stack!.split('\n')[depth + 1]!)![1]);

function wrong(message: string, call: () => unknown): void {
  calls.push({ message, line: lineHere(2), call });
}

wrong('Add(float32[2, 3], float32[4]): the shapes do not broadcast.', () => o.add(x, row));
wrong('Add(float32[2, 3], float64[2, 3]): the operands have different types; cast one.', () => o.add(x, double));
wrong('Add(float32[2, 3], float32[2, 3]): the tensors belong to different graphs.', () => o.add(x, elsewhere));
wrong('Add(bool[2], bool[2]): bool is no number; cast it.', () => o.add(flags, flags));
wrong('arithmetic(int64[2]): 0.5 is not a whole number; cast the tensor.', () => o.mul(index, 0.5));
wrong('arithmetic(): one operand has to be a tensor.', () => o.sub(1, 2));
wrong('Neg(bool[2]): bool is no number; cast it.', () => o.neg(flags));
wrong('ReduceSum(float32[2, 3]): there is no axis 2.', () => o.sum(x, { axes: [2] }));
wrong('ReduceSum(float32[2, 3]): an axis is named twice: 1, -1.', () => o.sum(x, { axes: [1, -1] }));
wrong('ReduceMean(int64[2]): the operand is not a float; cast it.', () => mean(index));
wrong('ReduceMax(float32[2, 3]): there is no axis -3.', () => max(x, { axes: [-3] }));
wrong('LogSumExp(float32[2, 3]): there is no axis 5.', () => logSumExp(x, { axes: [5] }));
wrong('CumSum(float32[4]): there is no axis 1.', () => cumulativeSum(row, 1));
wrong('SumTo(float32[2, 3]): [2] does not broadcast to its shape.', () => o.sumTo(x, [2]));
wrong('SumTo(float32[2, 3]): [3, 2] does not broadcast to its shape.', () => o.sumTo(x, [3, 2]));
wrong('Expand(float32[2, 3]): does not broadcast to [4, 3].', () => o.expand(x, [4, 3]));
wrong("Reshape(float32[2, 3]): 6 elements don't fit [4, -1].", () => o.reshape(x, [4, -1]));
wrong("Reshape(float32[2, 3]): 6 elements don't fit [7].", () => o.reshape(x, [7]));

wrong('Exp(int64[2]): the operand is not a float; cast it.', () => exp(index));
wrong('Erf(int64[2]): the operand is not a float; cast it.', () => erf(index));
wrong('Softplus(bool[2]): the operand is not a float; cast it.', () => softplus(flags));
wrong('Softmax(float32[]): there is no axis -1.', () => softmax(scalar));
wrong('Softmax(int64[2]): the operand is not a float; cast it.', () => softmax(index));

wrong('Transpose(float32[2, 3]): [0, 0] is not an order of its axes.', () => transpose(x, [0, 0]));
wrong('Transpose(float32[2, 3]): [0] is not an order of its axes.', () => transpose(x, [0]));
wrong('Transpose(float32[4]): [0, -1] is not an order of its axes.', () => swapLast(row));
wrong('Concat(): there is nothing to concatenate.', () => concat([], 0));
wrong('Concat(float32[2, 3], float32[2, 3, 4]): the types differ not only along axis 0.', () => concat([x, stack], 0));
wrong('Concat(float32[2, 3], float64[2, 3]): the types differ not only along axis 1.', () => concat([x, double], -1));
wrong('Concat(float32[2, 3]): there is no axis 2.', () => concat([x, x], 2));
wrong("Split(float32[2, 3]): sizes [1, 1] don't add up to axis 1.", () => split(x, [1, 1], 1));
wrong("Split(float32[2, 3]): sizes [4, -1] don't add up to axis 1.", () => split(x, [4, -1], 1));
wrong('Slice(float32[2, 3]): 2 to 4 is not a part of axis 1.', () => slice(x, 1, 2, 4));
wrong('Slice(float32[2, 3]): -1 to 1 is not a part of axis 1.', () => slice(x, 1, -1, 1));
wrong('Slice(float32[2, 3]): 0.5 to 2 is not a part of axis 1.', () => slice(x, 1, 0.5, 2));
wrong('Unsqueeze(float32[2, 3]): there is no place 4 for an axis.', () => unsqueeze(x, 4));
wrong('Squeeze(float32[2, 3]): axis 0 has more than one element.', () => squeeze(x, 0));

wrong('Where(float32[2, 3], float32[2, 3], float32[2, 3]): the condition is not a bool that broadcasts.', () =>
  where(x, x, x),
);
wrong('Where(bool[2], float32[2, 3], float32[2, 3]): the condition is not a bool that broadcasts.', () =>
  where(flags, x, x),
);
wrong('Where(float32[2, 3], float32[4]): the shapes do not broadcast.', () => where(flags, x, row));
wrong('And(float32[2, 3], bool[2]): the operands are not bool.', () => and(x, flags));
wrong('Not(float32[2, 3]): the operands are not bool.', () => not(x));
wrong('Less(float32[2, 3], int64[2]): the operands have different types; cast one.', () => less(x, index));
wrong('Less(bool[2], bool[2]): bool is no number; cast it.', () => less(flags, flags));
wrong('Equal(float32[2, 3], float32[4]): the shapes do not broadcast.', () => equal(x, row));
wrong('Max(float32[2, 3], float32[4]): the shapes do not broadcast.', () => maximum(x, row));
wrong('Clip(float32[2, 3]): 1 to 0 is no range.', () => clamp(x, 1, 0));

wrong('MatMul(float32[2, 3], float32[2, 3]): inner sizes 3 and 2 differ.', () => matmul(x, x));
wrong('MatMul(float32[2, 3], float32[4]): an operand has fewer than two axes.', () => matmul(x, row));
wrong('MatMul(float32[2, 3], float64[2, 3]): the operands have different types; cast one.', () =>
  matmul(x, double, { transposeB: true }),
);
wrong('MatMul(float32[2, 3, 4], float32[3, 4, 2]): the axes before the last two do not broadcast.', () =>
  matmul(stack, g.constant(new Float32Array(24), [3, 4, 2])),
);
wrong('Linear(float32[2, 3], float32[2, 3, 4]): expects [.., in], [out, in] and [out].', () => affine(x, stack));
wrong('Linear(float32[2, 3], float32[4, 3], float32[2]): expects [.., in], [out, in] and [out].', () =>
  affine(x, words, state),
);
wrong('LinearOnto(float32[2, 3], float32[4, 3], float32[2, 3]): expects [.., in], [out, in] and [.., out].', () =>
  affineOnto(x, words, x),
);

wrong('Gather(float32[2, 3], float32[4]): the indices are not int64.', () => gatherRows(x, row));
wrong('Gather(float32[], int64[2]): a scalar has no rows.', () => gatherRows(scalar, index));
wrong('GatherElements(float32[2, 3], int64[2]): the shapes differ not only along axis 0.', () =>
  gatherElements(x, index, 0),
);
wrong('GatherElements(float32[2, 3, 4], int64[2, 1]): the shapes differ not only along axis 2.', () =>
  pick(stack, index),
);
wrong('ScatterElements(float32[2, 3], int64[2], float32[2, 3]): updates and indices have to be of one shape.', () =>
  scatterAdd(x, index, x, 0),
);
wrong('ScatterElements(float32[2, 3], int64[1, 4], float32[1, 4]): there is more not only along axis 0.', () =>
  scatterAdd(x, g.constant([0, 0, 0, 0], [1, 4], 'int64'), g.constant([1, 2, 3, 4], [1, 4]), 0),
);
wrong('TopK(float32[2, 3]): there are no 4 elements.', () => topK(x, 4));
wrong('TopK(float32[2, 3]): there are no 1.5 elements.', () => topK(x, 1.5));
wrong('ArgMax(float32[]): there is no axis -1.', () => argMax(scalar));

wrong('SwiGLU(float32[2, 3], float32[4]): gate and up have different types.', () => swiglu(x, row));
wrong('Dropout(float32[2, 3], float32[4]): the noise has another shape.', () => dropout(x, row, 0.1));
wrong('Dropout(float32[2, 3], float32[2, 3]): the rate 1 is not in [0, 1).', () => dropout(x, x, 1));
wrong('RMSNorm(float32[2, 3], float32[4]): the scale is not a vector along the last axis.', () => rmsNorm(x, row, 1));
wrong('LayerNorm(float32[2, 3], float32[4]): the scale is not a vector along the last axis.', () =>
  layerNorm(x, ones, row, 1),
);
wrong(
  'Rotary(float32[2, 3], float32[2, 3], float32[2, 3]): the tables do not broadcast, or the last axis is odd.',
  () => rotary(x, x, x),
);
wrong('TokenStatistics(float32[2, 3], float32[4], int64[2]): expects [n, d], [v, d] and [n].', () =>
  tokenStatistics(x, row, index),
);
wrong("TokenStatistics(float32[4, 3]): the vocabulary can't be cut into 5 parts.", () =>
  tokenStatistics(x, words, index, { parts: 5 }),
);
wrong('Mul(float32[2], float32[4]): the shapes do not broadcast.', () => crossEntropy(x, words, index, row));
wrong('MatMul(float32[2, 3], float64[2, 3]): the operands have different types; cast one.', () =>
  crossEntropy(x, double, index, index),
);
wrong('Loop(float32[2, 3], float32[]): the body changes the type of “a”.', () =>
  loop(g, 3, { a: x }, ({ a }) => ({ carried: { a: o.sum(a) } })),
);
wrong('Loop(bool[]): a loop that may end early has no fixed number of turns to collect.', () =>
  loop(g, 3, { a: x }, ({ a }) => ({ carried: { a }, collected: { b: a }, goOn: g.scalar(1, 'bool') })),
);

wrong('gradients(float32[2, 3]): the loss is not one float.', () => gradients(x, [x]));
wrong('gradients(int64[]): the loss is not one float.', () => gradients(o.sum(index), [x]));
wrong('gradients(float32[], float32[4]): the loss does not depend on “row”.', () => gradients(o.sum(x), [row]));
wrong('Loop(int64[], bool[], float32[2, 3]): the op has no gradient; use stopGradient.', () =>
  gradients(o.sum(loop(g, 3, { a: x }, ({ a }) => ({ carried: { a: o.neg(a) } })).a), [x]),
);
wrong('Wrong(float32[2, 3], float32[]): the gradient has another type than what it belongs to.', () =>
  gradients(
    o.sum(
      customGradient(
        'Wrong',
        [x],
        () => [o.neg(x)],
        () => [scalar],
      )[0]!,
    ),
    [x],
  ),
);
wrong('Concat(float32[2, 3], float64[2, 3]): the types differ not only along axis 0.', () =>
  deep(() => concat([x, cast(x, 'float64')], 0)),
);

wrong('name(): “x” is taken.', () => g.input('x', 'float32', []));
wrong("constant(float32[3]): 2 elements don't fill the shape.", () => g.constant([1, 2], [3]));
wrong('update(float32[2, 3], float32[2, 3]): “x” is not a state of this graph.', () => g.update(x, x));
wrong('update(float32[2], float32[2, 3]): the next “state” has another type.', () => g.update(state, x));

/** Runs `build` below more frames of the builder than a stack shows by default. */
function deep(build: () => Tensor): Tensor {
  let nested: () => Tensor = build;
  for (let i = 0; i < 20; i++) {
    const inner = nested;
    nested = () => g.withoutTape(inner);
  }
  return nested();
}

describe('what the builder says about a wrong call', () => {
  for (const [i, { message, line, call }] of calls.entries()) {
    it(message, () => {
      const after = calls[i + 1]?.line ?? Number.POSITIVE_INFINITY;
      assert.throws(call, (error) => {
        assert.ok(error instanceof GraphError);
        const place = / Built at errors\.test\.ts:(\d+):\d+\.$/.exec(error.message);
        assert.ok(place, error.message);
        assert.equal(error.message.slice(0, place.index), message);
        assert.ok(line <= Number(place[1]) && Number(place[1]) < after, `line ${place[1]}, not ${line}`);
        assert.equal(error.op, message.slice(0, message.indexOf('(')));
        return true;
      });
    });
  }

  it('the stack that a crash prints says the same', () => {
    assert.throws(
      () => o.add(x, row),
      (error: Error) => error.stack!.includes('the shapes do not broadcast. Built at errors.test.ts:'),
    );
  });

  it('an op deep inside a fused one is still the caller’s', () => {
    const own = lineHere(1);
    const limit = Error.stackTraceLimit;
    try {
      Error.stackTraceLimit = 1;
      assert.throws(() => crossEntropy(x, words, flags, ones), {
        message: `Gather(float32[4, 3], bool[2]): the indices are not int64. Built at errors.test.ts:${own + 4}:27.`,
      });
      assert.equal(Error.stackTraceLimit, 1);
    } finally {
      Error.stackTraceLimit = limit;
    }
  });
});
