import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bandPath, linePath } from './path.ts';
import { linear } from './scale.ts';

const x = linear([0, 10], [0, 100]);
const y = linear([0, 1], [50, 0]);

test('a gap in the data is a gap in the line', () => {
  const points = [
    [0, 0],
    [1, 0.5],
    [2, null],
    [3, 1],
    [4, 1],
  ] as const;
  assert.equal(linePath(points, x, y), 'M0 50L10 25M30 0L40 0');
});

test('what is not finite is a gap, and a point alone is drawn as a dot', () => {
  const points = [
    [0, Number.POSITIVE_INFINITY],
    [5, 0.5],
    [6, Number.NaN],
  ] as const;
  assert.equal(linePath(points, x, y), 'M50 25L50 25');
  assert.equal(linePath([], x, y), '');
});

test('a band ends where a bound is not known, instead of reaching for the edge', () => {
  const points = [
    [0, 0, 1],
    [1, 0, 1],
    [2, null, 1],
    [3, 0.2, 0.4],
  ] as const;
  assert.equal(bandPath(points, x, y), 'M0 0L10 0L10 50L0 50ZM30 30L30 40Z');
});
