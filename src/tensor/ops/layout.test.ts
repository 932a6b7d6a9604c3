import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import * as fc from 'fast-check';
import { gradients } from '../graph/autodiff.ts';
import { arrays, shapes } from '../testing/arbitrary.ts';
import { assertClose, compute, computeOne } from '../testing/compute.ts';
import { startKit } from '../testing/kit.ts';
import { at, type Plain, permuted, plain } from '../testing/reference.ts';
import { mul, sum } from './basic.ts';
import { cast, concat, slice, split, squeeze, swapLast, transpose, unsqueeze, zeros } from './layout.ts';
import { greater } from './select.ts';

const kit = startKit();
after(() => kit.close());

const filled = shapes(1).chain((shape) => arrays(shape));
const withAxis = filled.chain((x) =>
  fc.tuple(fc.constant(x), fc.integer({ min: -x.shape.length, max: x.shape.length - 1 })),
);

describe('ops that move elements', () => {
  it('transpose orders axes', async () => {
    const cases = filled.chain((x) => {
      const axes = x.shape.map((_, i) => i);
      return fc.tuple(fc.constant(x), fc.shuffledSubarray(axes, { minLength: axes.length, maxLength: axes.length }));
    });
    await fc.assert(
      fc.asyncProperty(cases, async ([x, order]) => {
        assertClose(await computeOne(kit, [x], (x) => transpose(x, order)), permuted(x, order));
      }),
      { numRuns: 30 },
    );
    const x = plain([2, 3, 4], ([a, b, c]) => a! * 100 + b! * 10 + c!);
    assertClose(await computeOne(kit, [x], swapLast), permuted(x, [0, 2, 1]));
  });

  it('split cuts along an axis, and concat puts together again', async () => {
    const cases = withAxis.chain(([x, axis]) => {
      const size = x.shape.at(axis)!;
      const cuts = fc.array(fc.integer({ min: 0, max: size }), { maxLength: 3 });
      return cuts.map((inner) => ({ x, axis, cuts: [0, ...inner.toSorted((a, b) => a - b), size] }));
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ x, axis, cuts }) => {
        const along = axis < 0 ? axis + x.shape.length : axis;
        const sizes = cuts.slice(1).map((to, i) => to - cuts[i]!);
        const results = await compute(kit, [x], ([x]) => {
          const parts = split(x!, sizes, axis);
          return { whole: concat(parts, axis), ...Object.fromEntries(parts.map((part, i) => [`part${i}`, part])) };
        });
        assertClose(results.whole, x);
        sizes.forEach((size, i) => {
          const shape = x.shape.with(along, size);
          const expected = plain(shape, (position) => at(x, position.with(along, position[along]! + cuts[i]!)));
          assertClose((results as Record<string, Plain>)[`part${i}`]!, expected);
        });
      }),
      { numRuns: 40 },
    );
  });

  it('slice counts negative positions from the end', async () => {
    const x: Plain = { shape: [2, 5], values: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] };
    const results = await compute(kit, [x], ([x]) => ({
      middle: slice(x!, 1, 1, -1),
      end: slice(x!, -1, -2, 5),
      row: slice(x!, 0, 1, 2),
      none: slice(x!, 1, 3, 3),
    }));
    assertClose(results.middle, { shape: [2, 3], values: [1, 2, 3, 6, 7, 8] });
    assertClose(results.end, { shape: [2, 2], values: [3, 4, 8, 9] });
    assertClose(results.row, { shape: [1, 5], values: [5, 6, 7, 8, 9] });
    assertClose(results.none, { shape: [2, 0], values: [] });
  });

  it('axes of size 1 come and go', async () => {
    const x: Plain = { shape: [2, 3], values: [1, 2, 3, 4, 5, 6] };
    for (const [axis, shape] of [
      [0, [1, 2, 3]],
      [1, [2, 1, 3]],
      [-1, [2, 3, 1]],
      [-3, [1, 2, 3]],
    ] as const) {
      const { more, back } = await compute(kit, [x], ([x]) => {
        const more = unsqueeze(x!, axis);
        return { more, back: squeeze(more, axis) };
      });
      assertClose(more, { shape, values: x.values });
      assertClose(back, x);
    }
  });

  it('zeros are zeros of any type', async () => {
    const { float, int64, bool } = await compute(kit, [], (_, graph) => ({
      float: zeros(graph, [2]),
      int64: zeros(graph, [1, 2], 'int64'),
      bool: zeros(graph, [], 'bool'),
    }));
    assertClose(float, { shape: [2], values: [0, 0] });
    assertClose(int64, { shape: [1, 2], values: [0, 0] });
    assertClose(bool, { shape: [], values: [0] });
  });
});

describe('cast', () => {
  it('cuts fractions off, rounds to what fits, and takes true for 1', async () => {
    const x: Plain = { shape: [4], values: [-1.75, 0.1, 2.5, 0] };
    const results = await compute(kit, [x], ([x]) => ({
      int64: cast(x!, 'int64'),
      single: cast(cast(x!, 'float32'), 'float64'),
      flags: cast(cast(x!, 'bool'), 'float64'),
      positive: cast(greater(x!, 0), 'int64'),
    }));
    assertClose(results.int64, { shape: [4], values: [-1, 0, 2, 0] });
    assertClose(results.single, { shape: [4], values: [-1.75, Math.fround(0.1), 2.5, 0] });
    assertClose(results.flags, { shape: [4], values: [1, 1, 1, 0] });
    assertClose(results.positive, { shape: [4], values: [0, 1, 1, 0] });
  });

  it('passes a gradient between floats, in the type of each', async () => {
    const x: Plain = { shape: [2], values: [0.1, 3] };
    const { dx } = await compute(kit, [x], ([x]) => {
      const y = mul(cast(mul(x!, 2), 'float32'), 3);
      return { dx: gradients(sum(y), [x!])[0]! };
    });
    assertClose(dx, { shape: [2], values: [6, 6] });
  });

  it('passes none through integers', async () => {
    const x: Plain = { shape: [2], values: [0.1, 3] };
    const { dx } = await compute(kit, [x], ([x]) => {
      const y = cast(cast(x!, 'int64'), 'float64');
      assert.throws(() => gradients(sum(y), [x!]), /the loss does not depend on “given.0”/);
      return { dx: gradients(sum(y), [x!], { unused: 'zero' })[0]! };
    });
    assertClose(dx, { shape: [2], values: [0, 0] });
  });
});
