import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { after, describe, it } from 'node:test';
import { toData } from '../dtype.ts';
import { gradients } from '../graph/autodiff.ts';
import { Graph, type Tensor } from '../graph/graph.ts';
import { sizeOf } from '../graph/types.ts';
import type { Shape, TensorValue } from '../model.ts';
import { seeded } from '../random.ts';
import { numbers, startKit } from '../testing/kit.ts';
import { integers, uniform } from '../testing/random.ts';
import { swiglu } from './activation.ts';
import { add, mul, square, sum } from './basic.ts';
import { gatherElements, gatherRows, pick, scatterAdd } from './gather.ts';
import { cast, transpose } from './layout.ts';
import { affine, matmul } from './matmul.ts';
import { layerNorm, rmsNorm } from './normalise.ts';
import { cumulativeSum, logSumExp, max, mean } from './reduce.ts';
import { equal, not, where } from './select.ts';
import { softmax } from './softmax.ts';
import { exp, log, tanh } from './unary.ts';
import { crossEntropy } from './vocabulary.ts';

// A sum that several threads add to in whatever order they come gives other bits now and then, or is plainly wrong: a
// training that can't be repeated, and in small checks never seen. So: sizes that are split among threads, many runs.
const repeats = 20;
const kit = startKit();
after(() => kit.close());

/** A graph in the making. Its inputs are states, so that they don't travel with each run. */
interface Case {
  readonly graph: Graph;
  readonly state: Readonly<Record<string, TensorValue>>;
  floats(name: string, ...shape: number[]): Tensor;
  /** Whole numbers below `below`, or all of them `all`. */
  indices(name: string, shape: Shape, below: number, all?: number): Tensor;
}

function newCase(): Case {
  const graph = new Graph();
  const state: Record<string, TensorValue> = {};
  const random = seeded(7);
  return {
    graph,
    state,
    floats(name, ...shape) {
      const data = Float32Array.from(uniform(random, sizeOf(shape)));
      state[name] = { dtype: 'float32', shape, data };
      return graph.state(name, 'float32', shape);
    },
    indices(name, shape, below, all) {
      const size = sizeOf(shape);
      const data = toData(
        all === undefined ? integers(random, size, below) : new Array<number>(size).fill(all),
        'int64',
      );
      state[name] = { dtype: 'int64', shape, data };
      return graph.state(name, 'int64', shape);
    },
  };
}

/** What is compared: the result, and the gradients of the sum of its squares. */
const cases: Readonly<Record<string, (c: Case) => Tensor>> = {
  'rows gathered, all the same': (c) => gatherRows(c.floats('table', 2048, 256), c.indices('index', [2048], 2048, 3)),
  'rows gathered at random': (c) => gatherRows(c.floats('table', 2048, 256), c.indices('index', [16, 128], 2048)),
  'rows gathered from a small table': (c) => gatherRows(c.floats('table', 7, 256), c.indices('index', [4096], 7)),
  'elements gathered': (c) => gatherElements(c.floats('x', 256, 512), c.indices('index', [512, 512], 256), 0),
  'elements picked': (c) => pick(c.floats('x', 2048, 512), c.indices('index', [2048], 512)),
  'scattered sums, one place': (c) =>
    scatterAdd(c.floats('x', 256, 256), c.indices('index', [1024, 256], 256, 5), c.floats('updates', 1024, 256), 0),
  'scattered sums, last axis': (c) =>
    scatterAdd(c.floats('x', 512, 64), c.indices('index', [512, 512], 64), c.floats('updates', 512, 512), 1),
  'sum of all': (c) => sum(c.floats('x', 1024, 1024)),
  'sum over rows': (c) => sum(c.floats('x', 2048, 256), { axes: [0] }),
  'sum over columns': (c) => sum(c.floats('x', 256, 4096), { axes: [1] }),
  'sum over the middle': (c) => sum(c.floats('x', 32, 128, 128), { axes: [1] }),
  'sum over both ends': (c) => sum(c.floats('x', 64, 64, 128), { axes: [0, 2] }),
  'sum of few columns': (c) => sum(c.floats('x', 65536, 3), { axes: [0] }),
  'mean and largest': (c) => {
    const x = c.floats('x', 1024, 1024);
    return add(mean(x, { axes: [0] }), max(x, { axes: [0] }));
  },
  'broadcast bias': (c) => add(c.floats('x', 2048, 256), c.floats('bias', 256)),
  'log of sums of exponentials': (c) => logSumExp(c.floats('x', 512, 2048), { axes: [1] }),
  'cumulative sum': (c) => cumulativeSum(c.floats('x', 512, 1024), 1),
  softmax: (c) => softmax(c.floats('x', 512, 1024)),
  'two matrices': (c) => matmul(c.floats('a', 512, 768), c.floats('b', 768, 384)),
  'tall and thin matrices': (c) => matmul(c.floats('a', 4096, 16), c.floats('b', 4096, 24), { transposeA: true }),
  'a matrix and a vector': (c) => matmul(c.floats('a', 2048, 512), c.floats('b', 512, 1)),
  'stacks of matrices': (c) => matmul(c.floats('a', 8, 4, 128, 64), c.floats('b', 8, 4, 128, 64), { transposeB: true }),
  'stacks that broadcast': (c) => matmul(c.floats('a', 8, 1, 128, 64), c.floats('b', 4, 64, 96)),
  linear: (c) => affine(c.floats('x', 2048, 256), c.floats('w', 512, 256), c.floats('b', 512)),
  elementwise: (c) => {
    const x = c.floats('x', 1024, 512);
    return where(c.graph.constant([1], [], 'bool'), tanh(mul(exp(x), log(add(square(x), 1)))), x);
  },
  transposed: (c) => transpose(c.floats('x', 64, 128, 64), [2, 0, 1]),
  SwiGLU: (c) => swiglu(c.floats('gate', 1024, 512), c.floats('up', 1024, 512)),
  RMSNorm: (c) => rmsNorm(c.floats('x', 2048, 256), c.floats('scale', 256), 1e-5),
  LayerNorm: (c) => layerNorm(c.floats('x', 2048, 256), c.floats('scale', 256), c.floats('bias', 256), 1e-5),
  'cross-entropy': (c) => cross(c, 1),
  'cross-entropy in parts': (c) => cross(c, 4),
};

function cross(c: Case, parts: number): Tensor {
  const mask = c.graph.constant(new Float32Array(1024).fill(1), [1024]);
  const targets = c.indices('targets', [1024], 40);
  return crossEntropy(c.floats('hidden', 1024, 256), c.floats('weight', 2048, 256), targets, mask, { parts });
}

/** The case's results by name, in its graph. */
function results(made: Case, build: (c: Case) => Tensor): ReadonlyMap<string, Tensor> {
  const y = build(made);
  const inputs = made.graph.states.map(({ input }) => input).filter(({ dtype }) => dtype === 'float32');
  const found = gradients(sum(square(y)), inputs);
  return new Map([['y', y], ...inputs.map(({ name }, i) => [`gradient of ${name}`, found[i]!] as const)]);
}

describe(`all ${availableParallelism()} threads and one give the same, ${repeats} times over`, {
  timeout: 240_000,
}, () => {
  for (const [name, build] of Object.entries(cases)) {
    it(name, async () => {
      const single = newCase();
      for (const [name, tensor] of results(single, build)) single.graph.output(name, tensor);
      const expected = await kit.evaluate(single.graph, {}, { threads: 1, state: single.state });

      const many = newCase();
      for (const [name, tensor] of results(many, build)) {
        const same = equal(tensor, many.graph.state(`expected ${name}`, 'float32', tensor.shape));
        many.graph.output(`different in ${name}`, sum(cast(not(same), 'float32')));
      }
      const state = { ...many.state, ...mapKeys(expected, (name) => `expected ${name}`) };
      const compiled = await kit.compile(many.graph, { state });
      for (let run = 0; run < repeats; run++) {
        for (const [output, value] of Object.entries(await compiled.run()))
          assert.deepEqual(numbers(value), [0], output);
      }
      await compiled.dispose();
    });
  }
});

const mapKeys = <T>(record: Readonly<Record<string, T>>, rename: (key: string) => string): Record<string, T> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [rename(key), value]));
