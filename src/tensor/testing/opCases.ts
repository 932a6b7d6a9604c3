/** Every op with inputs at which its gradient is checked: one case for each path its code can take. */
import type { Tensor } from '../graph/graph.ts';
import type { Shape } from '../model.ts';
import * as activation from '../ops/activation.ts';
import * as basic from '../ops/basic.ts';
import * as gather from '../ops/gather.ts';
import * as layout from '../ops/layout.ts';
import { loop } from '../ops/loop.ts';
import { affine, affineOnto, matmul } from '../ops/matmul.ts';
import { layerNorm, rmsNorm } from '../ops/normalise.ts';
import * as reduce from '../ops/reduce.ts';
import { rotary } from '../ops/rotary.ts';
import * as select from '../ops/select.ts';
import { logSoftmax, softmax } from '../ops/softmax.ts';
import * as unary from '../ops/unary.ts';
import { crossEntropy, tokenStatistics } from '../ops/vocabulary.ts';
import { seeded } from '../random.ts';
import type { Build, CheckedInput } from './gradientCheck.ts';
import { spread } from './random.ts';

type Op = (...args: never[]) => unknown;

export interface OpCase {
  /** The function that ../ops exports. */
  readonly op: Op;
  /** The op's name, and what is special about the case. */
  readonly name: string;
  readonly inputs: readonly CheckedInput[];
  readonly build: Build;
}

/** What ../ops exports and needs no gradient check, with the reason. */
export const withoutGradient = new Map<Op, string>([
  [basic.apply, 'adds a node; not an op'],
  [basic.pair, 'makes operands tensors; not an op'],
  [basic.broadcast, 'a shape rule'],
  [basic.expectNumbers, 'a type rule'],
  [unary.expectFloat, 'a type rule'],
  [basic.axesOf, 'a shape rule'],
  [basic.reducedShape, 'a shape rule'],
  [layout.positiveAxis, 'a shape rule'],
  [layout.zeros, 'a constant'],
  [select.equal, 'gives bool'],
  [select.less, 'gives bool'],
  [select.lessOrEqual, 'gives bool'],
  [select.greater, 'gives bool'],
  [select.greaterOrEqual, 'gives bool'],
  [select.and, 'gives bool'],
  [select.or, 'gives bool'],
  [select.not, 'gives bool'],
  [gather.argMax, 'gives int64'],
  [loop, 'refuses a gradient'],
]);

/** An input's shape, or all there is to say about it. */
type Given = Shape | CheckedInput;

const isInput = (given: Given): given is CheckedInput => 'shape' in given;

/** A case with up to three inputs, between −1 and 1 unless they say otherwise. */
function checked(
  op: Op,
  variant: string,
  given: readonly Given[],
  build: (a: Tensor, b: Tensor, c: Tensor) => Tensor,
): OpCase {
  return {
    op,
    name: variant ? `${op.name}, ${variant}` : op.name,
    inputs: given.map((each) => (isInput(each) ? each : { shape: each })),
    build: ([a, b, c]) => build(a!, b!, c!),
  };
}

const positive = (...shape: number[]): CheckedInput => ({ shape, low: 0.5, high: 2 });
const int64 = (x: Tensor, values: readonly number[], ...shape: number[]): Tensor =>
  x.graph.constant(values, shape, 'int64');

const broadcasts: readonly (readonly [string, Shape, Shape])[] = [
  ['same shape', [2, 3], [2, 3]],
  ['a row', [2, 3], [3]],
  ['a scalar', [], [2, 3]],
  ['both repeated', [2, 1, 3], [4, 1]],
];

const binary = [basic.add, basic.sub, basic.mul, basic.div, select.maximum, select.minimum].flatMap((op): OpCase[] => [
  ...broadcasts.map(([variant, a, b]) =>
    checked(op, variant, [a, { shape: b, low: 0.5, high: 2 }], (x, y) => op(x, y)),
  ),
  checked(op, 'one tensor twice', [[2, 3]], (x) => op(x, basic.add(x, 3))),
  checked(op, 'a number first', [positive(2, 3)], (x) => op(1.3, x)),
  checked(op, 'a number second', [positive(2, 3)], (x) => op(x, 1.3)),
]);

const plain = [
  ...[basic.neg, basic.square, unary.exp, unary.sigmoid, unary.tanh, unary.softplus, unary.erf, unary.abs, unary.sign],
  ...[unary.relu, unary.sin, unary.cos, activation.gelu, activation.geluTanh, activation.silu],
].flatMap((op) => [
  checked(op, '', [[3, 4]], (x) => op(x)),
  checked(op, 'a scalar', [{ shape: [], values: [0.7] }], (x) => op(x)),
]);

const ofPositive = [unary.log, unary.sqrt, unary.reciprocal].map((op) =>
  checked(op, '', [positive(3, 4)], (x) => op(x)),
);

const reductions = [basic.sum, reduce.mean, reduce.max, reduce.logSumExp].flatMap((op) => [
  checked(op, 'all axes', [[2, 3]], (x) => op(x)),
  checked(op, 'first and last axis', [[2, 3, 4]], (x) => op(x, { axes: [0, -1] })),
  checked(op, 'an axis kept', [[2, 3, 4]], (x) => op(x, { axes: [1], keepDims: true })),
  checked(op, 'no axis', [[2, 3]], (x) => op(x, { axes: [] })),
]);

const shapes: readonly OpCase[] = [
  checked(basic.sumTo, 'a row', [[2, 3]], (x) => basic.sumTo(x, [3])),
  checked(basic.sumTo, 'a column', [[2, 2, 3]], (x) => basic.sumTo(x, [2, 1])),
  checked(basic.sumTo, 'a scalar', [[2, 3]], (x) => basic.sumTo(x, [])),
  checked(basic.expand, '', [[3, 1]], (x) => basic.expand(x, [2, 3, 4])),
  checked(basic.expand, 'a scalar', [[]], (x) => basic.expand(x, [2, 3])),
  checked(basic.reshape, '', [[2, 6]], (x) => basic.reshape(x, [3, -1])),
  checked(basic.reshape, 'to a scalar', [[1, 1]], (x) => basic.reshape(x, [])),
  checked(layout.transpose, '', [[2, 3, 4]], (x) => layout.transpose(x, [2, 0, 1])),
  checked(layout.transpose, 'as it is', [[2, 3]], (x) => layout.transpose(x, [0, 1])),
  checked(layout.swapLast, '', [[2, 3, 4]], layout.swapLast),
  checked(
    layout.concat,
    '',
    [
      [2, 3],
      [2, 1],
      [2, 2],
    ],
    (a, b, c) => layout.concat([a, b, c], -1),
  ),
  checked(layout.concat, 'one tensor twice', [[2, 3]], (a) => layout.concat([a, a], 0)),
  checked(layout.concat, 'one part', [[2, 3]], (a) => layout.concat([a], 0)),
  {
    op: layout.split,
    name: 'split',
    inputs: [{ shape: [2, 6] }],
    build: ([x]) => layout.split(x!, [1, 2, 3], -1),
  },
  checked(layout.split, 'a part unused', [[6, 2]], (x) => layout.split(x, [1, 2, 3], 0)[1]!),
  checked(layout.split, 'one part', [[6, 2]], (x) => layout.split(x, [6], 0)[0]!),
  checked(layout.slice, 'the middle', [[5, 3]], (x) => layout.slice(x, 0, 1, -1)),
  checked(layout.slice, 'the start', [[2, 5]], (x) => layout.slice(x, 1, 0, 2)),
  checked(layout.slice, 'the end', [[2, 5]], (x) => layout.slice(x, 1, -2, 5)),
  checked(layout.slice, 'all', [[2, 5]], (x) => layout.slice(x, 1, 0, 5)),
  checked(layout.unsqueeze, '', [[2, 3]], (x) => layout.unsqueeze(x, 1)),
  checked(layout.squeeze, '', [[2, 1, 3]], (x) => layout.squeeze(x, -2)),
  checked(layout.cast, 'to its own type', [[2, 3]], (x) => layout.cast(x, x.dtype)),
  // The way through float32 rounds: only what is linear in x, and so exact in its gradient, can be checked through it.
  checked(layout.cast, 'through int64', [[2, 3]], (x) =>
    basic.mul(x, layout.cast(layout.cast(basic.add(x, 9), 'int64'), x.dtype)),
  ),
];

const products: readonly OpCase[] = [false, true].flatMap((transposeA) =>
  [false, true].flatMap((transposeB): OpCase[] => {
    const options = { transposeA, transposeB };
    const left = (...batch: number[]): Shape => [...batch, ...(transposeA ? [3, 2] : [2, 3])];
    const right = (...batch: number[]): Shape => [...batch, ...(transposeB ? [4, 3] : [3, 4])];
    const how = `${transposeA ? 'Aᵀ' : 'A'}${transposeB ? 'Bᵀ' : 'B'}`;
    const product = (a: Tensor, b: Tensor): Tensor => matmul(a, b, options);
    return [
      checked(matmul, `${how}, two matrices`, [left(), right()], product),
      checked(matmul, `${how}, a stack and a matrix`, [left(2, 2), right()], product),
      checked(matmul, `${how}, a matrix and a stack`, [left(), right(2)], product),
      checked(matmul, `${how}, stacks that broadcast`, [left(2, 1), right(3)], product),
    ];
  }),
);

const linear: readonly OpCase[] = [
  checked(affine, 'with bias', [[2, 2, 3], [4, 3], [4]], (x, w, b) => affine(x, w, b)),
  checked(
    affine,
    'without bias',
    [
      [2, 3],
      [4, 3],
    ],
    (x, w) => affine(x, w),
  ),
  checked(
    affineOnto,
    '',
    [
      [2, 2, 3],
      [4, 3],
      [2, 2, 4],
    ],
    affineOnto,
  ),
  checked(affine, 'a vector', [[3], [4, 3], [4]], (x, w, b) => affine(x, w, b)),
];

const picks: readonly OpCase[] = [
  checked(gather.gatherRows, 'rows twice', [[4, 3]], (t) => gather.gatherRows(t, int64(t, [0, 2, 2, 1, 2, 0], 2, 3))),
  checked(gather.gatherRows, 'a vector', [[4]], (t) => gather.gatherRows(t, int64(t, [3, 0, 3], 3))),
  checked(gather.gatherRows, 'one row', [[4, 2, 2]], (t) => gather.gatherRows(t, int64(t, [2]))),
  checked(gather.gatherElements, 'along 0', [[4, 2]], (x) =>
    gather.gatherElements(x, int64(x, [0, 3, 0, 1, 2, 3], 3, 2), 0),
  ),
  checked(gather.gatherElements, 'along −1', [[2, 4]], (x) =>
    gather.gatherElements(x, int64(x, [0, 3, 3, 1, 1, 1], 2, 3), -1),
  ),
  checked(gather.pick, '', [[2, 3]], (x) => gather.pick(x, int64(x, [0, 2], 2))),
  checked(gather.pick, 'three axes', [[2, 2, 3]], (x) => gather.pick(x, int64(x, [0, 2, 1, 1], 2, 2))),
  checked(
    gather.scatterAdd,
    'places twice',
    [
      [4, 3],
      [2, 3],
    ],
    (x, u) => gather.scatterAdd(x, int64(x, [0, 2, 2, 0, 1, 3], 2, 3), u, 0),
  ),
  checked(
    gather.scatterAdd,
    'along −1',
    [
      [2, 3],
      [2, 4],
    ],
    (x, u) => gather.scatterAdd(x, int64(x, [0, 2, 2, 0, 1, 1, 1, 1], 2, 4), u, -1),
  ),
  checked(
    gather.scatterElements,
    '',
    [
      [4, 3],
      [2, 3],
    ],
    (x, u) => gather.scatterElements(x, int64(x, [0, 2, 2, 3, 1, 3], 2, 3), u, 0),
  ),
  checked(gather.topK, '', [[2, 5]], (x) => gather.topK(x, 3).values),
];

const choices: readonly OpCase[] = [
  checked(
    select.where,
    '',
    [
      [2, 3],
      [2, 3],
    ],
    (a, b) => select.where(select.greater(a, 0), a, basic.mul(b, b)),
  ),
  checked(select.where, 'all broadcast', [[2, 1], [3], [4, 1, 1]], (a, b, c) =>
    select.where(select.less(a, 0.1), b, c),
  ),
  checked(select.where, 'numbers', [[2, 3]], (a) =>
    basic.mul(select.where(select.less(a, 0), a, 2), select.where(select.less(a, 0), 3, a)),
  ),
  checked(select.clamp, '', [[2, 6]], (x) => select.clamp(x, -0.3, 0.4)),
];

const sums: readonly OpCase[] = [
  checked(reduce.cumulativeSum, '', [[2, 3]], (x) => reduce.cumulativeSum(x, -1)),
  checked(reduce.cumulativeSum, 'from the end', [[3, 2]], (x) => reduce.cumulativeSum(x, 0, { reverse: true })),
];

const fused: readonly OpCase[] = [
  ...[softmax, logSoftmax].flatMap((op) => [
    checked(op, '', [[2, 3]], (x) => op(x)),
    checked(op, 'along 0', [[3, 2, 2]], (x) => op(x, 0)),
  ]),
  checked(
    activation.swiglu,
    '',
    [
      [2, 3],
      [2, 3],
    ],
    activation.swiglu,
  ),
  checked(activation.swiglu, 'one tensor twice', [[2, 3]], (x) => activation.swiglu(x, x)),
  checked(activation.dropout, '', [[2, 3]], (x) =>
    activation.dropout(x, x.graph.constant([0.1, 0.5, 0.9, 0.2, 0.8, 0.3], [2, 3]), 0.4),
  ),
  checked(activation.dropout, 'rate 0', [[2, 3]], (x) => activation.dropout(x, x, 0)),
  checked(rmsNorm, '', [[2, 2, 5], [5]], (x, scale) => rmsNorm(x, scale, 1e-5)),
  checked(rmsNorm, 'a vector', [[5], [5]], (x, scale) => rmsNorm(x, scale, 0.1)),
  checked(layerNorm, '', [[2, 2, 5], [5], [5]], (x, scale, bias) => layerNorm(x, scale, bias, 1e-5)),
  checked(layerNorm, 'a vector', [[5], [5], [5]], (x, scale, bias) => layerNorm(x, scale, bias, 0.1)),
  checked(rotary, '', [[2, 3, 4]], (x) => {
    const angles = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6];
    const table = (value: (angle: number, half: number) => number): Tensor =>
      x.graph.constant(
        [0, 2, 4].flatMap((row) =>
          [0, 1].flatMap((half) => angles.slice(row, row + 2).map((angle) => value(angle, half))),
        ),
        [3, 4],
      );
    return rotary(
      x,
      table((angle) => Math.cos(angle)),
      table((angle, half) => (half === 0 ? -1 : 1) * Math.sin(angle)),
    );
  }),
];

const hidden: CheckedInput = { shape: [3, 4] };
const table: CheckedInput = { shape: [7, 4] };
const targets = (x: Tensor): Tensor => int64(x, [0, 6, 6], 3);

const vocabulary: readonly OpCase[] = [1, 3].flatMap((parts): OpCase[] => [
  checked(
    tokenStatistics,
    `log-probability, ${parts} parts`,
    [hidden, table],
    (h, w) => tokenStatistics(h, w, targets(h), { parts }).logProbability,
  ),
  checked(
    tokenStatistics,
    `entropy, ${parts} parts`,
    [hidden, table],
    (h, w) => tokenStatistics(h, w, targets(h), { parts }).entropy,
  ),
  {
    op: tokenStatistics,
    name: `tokenStatistics, both, ${parts} parts`,
    inputs: [hidden, table],
    build: ([h, w]) => {
      const { logProbability, entropy } = tokenStatistics(h!, w!, targets(h!), { parts });
      return [logProbability, entropy];
    },
  },
  checked(crossEntropy, `${parts} parts`, [hidden, table], (h, w) =>
    crossEntropy(h, w, targets(h), h.graph.constant([1, 0, 0.5], [3]), { parts }),
  ),
]);

const frozenTable: OpCase = checked(tokenStatistics, 'a frozen table', [hidden], (h) => {
  const rows = h.graph.constant([...spread(seeded(5), 28)], [7, 4]);
  const frozen = { parts: layout.split(rows, [2, 5], 0), rows: (index: Tensor) => gather.gatherRows(rows, index) };
  const { logProbability, entropy } = tokenStatistics(h, frozen, targets(h));
  return basic.add(logProbability, basic.mul(entropy, 0.7));
});

export const opCases: readonly OpCase[] = [
  ...binary,
  ...plain,
  ...ofPositive,
  ...reductions,
  ...shapes,
  ...products,
  ...linear,
  ...picks,
  ...choices,
  ...sums,
  ...fused,
  ...vocabulary,
  frozenTable,
];
