import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import * as fc from 'fast-check';
import { arrays, shapes } from '../testing/arbitrary.ts';
import { assertClose, compute, computeOne, type Given } from '../testing/compute.ts';
import { startKit } from '../testing/kit.ts';
import { at, type Plain, plain } from '../testing/reference.ts';
import { argMax, gatherElements, gatherRows, pick, scatterAdd, scatterElements, topK } from './gather.ts';

const kit = startKit();
after(() => kit.close());

const indices = (shape: readonly number[], below: number): fc.Arbitrary<Given> =>
  arrays(shape, fc.integer({ min: 0, max: below - 1 })).map((x) => ({ ...x, dtype: 'int64' }));

/** An array, an axis of it, and indices of another length along that. */
const along = shapes(1).chain((shape) =>
  fc.tuple(fc.integer({ min: 0, max: shape.length - 1 }), fc.integer({ min: 1, max: 5 })).chain(([axis, count]) => {
    const other = shape.with(axis, count);
    return fc.record({
      x: arrays(shape),
      axis: fc.constant(axis),
      index: indices(other, shape[axis]!),
      updates: arrays(other),
    });
  }),
);

/** `x` after `change` was called for each update, in order. */
function scattered(
  x: Plain,
  index: Plain,
  updates: Plain,
  axis: number,
  change: (old: number, update: number) => number,
) {
  const places = new Map<string, number>();
  plain(index.shape, (position) => {
    const place = position.with(axis, at(index, position)).join();
    places.set(
      place,
      change(places.get(place) ?? at(x, position.with(axis, at(index, position))), at(updates, position)),
    );
    return 0;
  });
  return plain(x.shape, (position) => places.get(position.join()) ?? at(x, position));
}

describe('picking by index', () => {
  it('rows of a table', async () => {
    const cases = fc
      .tuple(shapes(1, 3), shapes(0, 2))
      .chain(([table, index]) => fc.tuple(arrays(table), indices(index, table[0]!)));
    await fc.assert(
      fc.asyncProperty(cases, async ([table, index]) => {
        const { length } = index.shape;
        const expected = plain([...index.shape, ...table.shape.slice(1)], (position) =>
          at(table, [at(index, position.slice(0, length)), ...position.slice(length)]),
        );
        assertClose(await computeOne(kit, [table, index], gatherRows), expected);
      }),
      { numRuns: 30 },
    );
  });

  it('elements along an axis; and sums into them, in places named twice too', async () => {
    await fc.assert(
      fc.asyncProperty(along, async ({ x, axis, index, updates }) => {
        const results = await compute(kit, [x, index, updates], ([x, index, updates]) => ({
          gathered: gatherElements(x!, index!, axis),
          sum: scatterAdd(x!, index!, updates!, axis),
        }));
        assertClose(
          results.gathered,
          plain(index.shape, (position) => at(x, position.with(axis, at(index, position)))),
        );
        assertClose(
          results.sum,
          scattered(x, index, updates, axis, (old, update) => old + update),
        );
      }),
      { numRuns: 40 },
    );
  });

  it('one element of each row', async () => {
    const x: Plain = { shape: [2, 2, 3], values: [...Array(12).keys()] };
    const index: Given = { shape: [2, 2], values: [2, 0, 1, 1], dtype: 'int64' };
    assertClose(await computeOne(kit, [x, index], pick), { shape: [2, 2], values: [2, 3, 7, 10] });
  });

  it('puts elements into places', async () => {
    const x: Plain = { shape: [2, 3], values: [0, 1, 2, 3, 4, 5] };
    const index: Given = { shape: [2, 2], values: [2, 0, 1, 2], dtype: 'int64' };
    const updates: Plain = { shape: [2, 2], values: [-1, -2, -3, -4] };
    const y = await computeOne(kit, [x, index, updates], (x, index, updates) => scatterElements(x, index, updates, 1));
    assertClose(y, { shape: [2, 3], values: [-2, 1, -1, 3, -3, -4] });
  });
});

describe('the largest', () => {
  it('k of a row, largest first, and where they are', async () => {
    const cases = shapes(1, 3).chain((shape) => fc.tuple(arrays(shape), fc.integer({ min: 1, max: shape.at(-1)! })));
    await fc.assert(
      fc.asyncProperty(cases, async ([x, k]) => {
        const { values, indices, first } = await compute(kit, [x], ([x]) => ({ ...topK(x!, k), first: argMax(x!) }));
        const size = x.shape.at(-1)!;
        for (let row = 0; row < x.values.length / size; row++) {
          const own = x.values.slice(row * size, (row + 1) * size);
          assert.deepEqual(values.values.slice(row * k, (row + 1) * k), own.toSorted((a, b) => b - a).slice(0, k));
          const places = indices.values.slice(row * k, (row + 1) * k);
          assert.deepEqual(
            places.map((place) => own[place]),
            values.values.slice(row * k, (row + 1) * k),
          );
          assert.equal(new Set(places).size, k);
          assert.equal(first.values[row], own.indexOf(Math.max(...own)));
        }
        assert.deepEqual(values.shape, x.shape.with(-1, k));
        assert.deepEqual(first.shape, x.shape.slice(0, -1));
      }),
      { numRuns: 30 },
    );
  });
});
