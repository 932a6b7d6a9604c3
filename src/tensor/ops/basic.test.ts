import { after, describe, it } from 'node:test';
import * as fc from 'fast-check';
import { arrays, axesOf, broadcastable, shapes } from '../testing/arbitrary.ts';
import { assertClose, compute, computeOne } from '../testing/compute.ts';
import { startKit } from '../testing/kit.ts';
import { fold, type Plain, zip } from '../testing/reference.ts';
import { add, div, expand, mul, neg, reshape, square, sub, sum, sumTo } from './basic.ts';

const kit = startKit();
after(() => kit.close());

/** Without size-1 axes that a reduction left. */
const dropped = (x: Plain, axes: readonly number[]): Plain => ({
  shape: x.shape.filter((_, axis) => !axes.includes(axis)),
  values: x.values,
});
const total = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

describe('arithmetic', () => {
  it('is that of numbers, with NumPy’s broadcasting', async () => {
    const pairs = broadcastable(2).chain(([a, b]) => fc.tuple(arrays(a!), arrays(b!)));
    await fc.assert(
      fc.asyncProperty(pairs, async ([a, b]) => {
        const results = await compute(kit, [a, b], ([x, y]) => ({
          sum: add(x!, y!),
          difference: sub(x!, y!),
          product: mul(x!, y!),
          quotient: div(x!, add(square(y!), 1)),
          negative: neg(x!),
        }));
        assertClose(
          results.sum,
          zip([a, b], (x, y) => x! + y!),
        );
        assertClose(
          results.difference,
          zip([a, b], (x, y) => x! - y!),
        );
        assertClose(
          results.product,
          zip([a, b], (x, y) => x! * y!),
        );
        assertClose(
          results.quotient,
          zip([a, b], (x, y) => x! / (y! * y! + 1)),
        );
        assertClose(
          results.negative,
          zip([a], (x) => -x!),
        );
      }),
      { numRuns: 40 },
    );
  });

  it('takes numbers in either place, and whole ones for integers', async () => {
    const x: Plain = { shape: [3], values: [1, 2, -4] };
    const { left, right } = await compute(kit, [x], ([x]) => ({ left: sub(1, x!), right: div(x!, 4) }));
    assertClose(left, { shape: [3], values: [0, -1, 5] });
    assertClose(right, { shape: [3], values: [0.25, 0.5, -1] });
    for (const dtype of ['int64', 'int32'] as const) {
      const y = await computeOne(kit, [{ ...x, dtype }], (x) => sub(mul(x, 3), 1));
      assertClose(y, { shape: [3], values: [2, 5, -13] });
    }
  });

  it('keeps −0 and 0 apart where a number is given', async () => {
    const y = await computeOne(kit, [{ shape: [], values: [1] }], (x) => add(div(x, -0), mul(0, x)));
    assertClose(y, { shape: [], values: [Number.NEGATIVE_INFINITY] });
  });
});

describe('sums and shapes', () => {
  const cases = shapes().chain((shape) => fc.tuple(arrays(shape), axesOf(shape)));

  it('a sum is over the axes it names', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ([x, axes]) => {
        const positive = axes.map((axis) => (axis < 0 ? axis + x.shape.length : axis));
        const results = await compute(kit, [x], ([x]) => ({
          kept: sum(x!, { axes, keepDims: true }),
          dropped: sum(x!, { axes }),
          all: sum(x!),
        }));
        const expected = fold(x, positive, total);
        assertClose(results.kept, expected);
        assertClose(results.dropped, dropped(expected, positive));
        assertClose(results.all, { shape: [], values: [total(x.values)] });
      }),
      { numRuns: 40 },
    );
  });

  it('expand repeats, and sumTo sums what was repeated', async () => {
    const pairs = broadcastable(2).chain(([small, other]) => fc.tuple(arrays(small!), arrays(other!)));
    await fc.assert(
      fc.asyncProperty(pairs, async ([x, other]) => {
        const full = zip([x, other], (x) => x!);
        const repeats = full.values.length / x.values.length;
        const results = await compute(kit, [x], ([x]) => ({
          full: expand(x!, full.shape),
          back: sumTo(expand(x!, full.shape), x!.shape),
        }));
        assertClose(results.full, full);
        assertClose(results.back, { shape: x.shape, values: x.values.map((value) => value * repeats) });
      }),
      { numRuns: 30 },
    );
  });

  it('reshape keeps the elements in their order, empty ones too', async () => {
    const x: Plain = { shape: [2, 6], values: Array.from({ length: 12 }, (_, i) => i) };
    assertClose(await computeOne(kit, [x], (x) => reshape(x, [3, -1, 2])), { shape: [3, 2, 2], values: x.values });
    assertClose(await computeOne(kit, [{ shape: [3, 0], values: [] }], (x) => reshape(x, [0, 5])), {
      shape: [0, 5],
      values: [],
    });
  });
});
