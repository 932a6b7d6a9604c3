import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import type { Shape } from '../model.ts';
import { broadcastable } from '../testing/arbitrary.ts';
import { axisOf, broadcastAxes, broadcastShapes, sameShape, sizeOf, withSize } from './types.ts';

describe('shapes', () => {
  it('broadcast as NumPy’s do', () => {
    const cases: readonly (readonly [Shape, Shape, Shape | null])[] = [
      [[], [], []],
      [[2, 3], [], [2, 3]],
      [[3], [2, 3], [2, 3]],
      [
        [2, 1],
        [1, 4],
        [2, 4],
      ],
      [
        [8, 1, 6, 1],
        [7, 1, 5],
        [8, 7, 6, 5],
      ],
      [[0], [1], [0]],
      [[2, 3], [2], null],
      [[2, 1], [8, 4, 3], null],
      [[0], [2], null],
    ];
    for (const [a, b, expected] of cases) {
      assert.deepEqual(broadcastShapes(a, b), expected);
      assert.deepEqual(broadcastShapes(b, a), expected);
    }
  });

  it('the axes that were repeated are those whose sizes make up the difference', () => {
    fc.assert(
      fc.property(broadcastable(2), ([a, b]) => {
        const full = broadcastShapes(a!, b!)!;
        const repeats = broadcastAxes(a!, full).reduce((product, axis) => product * full[axis]!, 1);
        assert.equal(sizeOf(a!) * repeats, sizeOf(full));
        assert.ok(sameShape(broadcastShapes(a!, full)!, full));
      }),
    );
    assert.deepEqual(broadcastAxes([3, 1], [2, 3, 4]), [0, 2]);
    assert.deepEqual(broadcastAxes([1], [1]), []);
  });

  it('axes count from either end', () => {
    assert.deepEqual(
      [0, 2, -1, -3].map((axis) => axisOf(axis, 3)),
      [0, 2, 2, 0],
    );
    assert.deepEqual(
      [3, -4, 0.5, Number.NaN].map((axis) => axisOf(axis, 3)),
      [null, null, null, null],
    );
    assert.equal(axisOf(0, 0), null);
  });

  it('sizes', () => {
    assert.equal(sizeOf([]), 1);
    assert.equal(sizeOf([2, 0, 3]), 0);
    assert.deepEqual(withSize([2, 3], 1, 7), [2, 7]);
    assert.ok(!sameShape([2], [2, 1]));
  });
});
