import { after, describe, it } from 'node:test';
import * as fc from 'fast-check';
import { gradients } from '../graph/autodiff.ts';
import { arrays, axesOf, shapes } from '../testing/arbitrary.ts';
import { assertClose, compute, computeOne } from '../testing/compute.ts';
import { startKit } from '../testing/kit.ts';
import { at, fold, type Plain, plain } from '../testing/reference.ts';
import { sum } from './basic.ts';
import { cumulativeSum, logSumExp, max, mean } from './reduce.ts';

const kit = startKit();
after(() => kit.close());

const total = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

describe('reductions', () => {
  it('are over the axes they name', async () => {
    const cases = shapes().chain((shape) => fc.tuple(arrays(shape), axesOf(shape)));
    await fc.assert(
      fc.asyncProperty(cases, async ([x, axes]) => {
        const positive = axes.map((axis) => (axis < 0 ? axis + x.shape.length : axis));
        const options = { axes, keepDims: true };
        const results = await compute(kit, [x], ([x]) => ({
          mean: mean(x!, options),
          max: max(x!, options),
          logSumExp: logSumExp(x!, options),
          dropped: max(x!, { axes }),
          all: mean(x!),
        }));
        const largest = fold(x, positive, (values) => Math.max(...values));
        assertClose(
          results.mean,
          fold(x, positive, (values) => total(values) / values.length),
        );
        assertClose(results.max, largest);
        assertClose(
          results.logSumExp,
          fold(x, positive, (values) => Math.log(total(values.map(Math.exp)))),
        );
        assertClose(results.dropped, {
          shape: x.shape.filter((_, axis) => !positive.includes(axis)),
          values: largest.values,
        });
        assertClose(results.all, { shape: [], values: [total(x.values) / x.values.length] });
      }),
      { numRuns: 40 },
    );
  });

  it('ln Σ eˣ neither overflows nor vanishes', async () => {
    const x: Plain = { shape: [2, 2], values: [1000, 1000, -1000, -1000] };
    for (const float of ['float32', 'float64'] as const) {
      const y = await computeOne(kit, [x], (x) => logSumExp(x, { axes: [1] }), { float });
      assertClose(y, { shape: [2], values: [1000 + Math.LN2, -1000 + Math.LN2] }, 1e-7);
    }
  });

  it('cumulative sums go from either end', async () => {
    const cases = shapes(1).chain((shape) =>
      fc.tuple(arrays(shape), fc.integer({ min: 0, max: shape.length - 1 }), fc.boolean()),
    );
    await fc.assert(
      fc.asyncProperty(cases, async ([x, axis, reverse]) => {
        const y = await computeOne(kit, [x], (x) => cumulativeSum(x, axis, { reverse }));
        const expected = plain(x.shape, (position) => {
          const [from, to] = reverse ? [position[axis]!, x.shape[axis]! - 1] : [0, position[axis]!];
          let sum = 0;
          for (let i = from; i <= to; i++) sum += at(x, position.with(axis, i));
          return sum;
        });
        assertClose(y, expected);
      }),
      { numRuns: 30 },
    );
  });

  it('several that are largest share the gradient', async () => {
    const x: Plain = { shape: [2, 3], values: [5, 5, 1, 0, 2, 1] };
    const { dx } = await compute(kit, [x], ([x]) => ({ dx: gradients(sum(max(x!, { axes: [1] })), [x!])[0]! }));
    assertClose(dx, { shape: [2, 3], values: [0.5, 0.5, 0, 0, 1, 0] });
  });
});
