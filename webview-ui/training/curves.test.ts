import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withScalars } from './curves.ts';

const scalars = (...all: [string, number, number][]) => ({
  scalars: all.map(([tag, step, value]) => ({ tag, step, value })),
});

test('points come in, sorted by step, whatever order they come in; the last word on a step counts', () => {
  const first = withScalars(new Map(), [scalars(['a', 0, 1], ['b', 0, 5]), scalars(['a', 2, 3])]);
  const next = withScalars(first, [scalars(['a', 1, 2], ['a', 2, 4])]);
  assert.deepEqual(next.get('a'), [
    [0, 1],
    [1, 2],
    [2, 4],
  ]);
  assert.deepEqual(first.get('a'), [
    [0, 1],
    [2, 3],
  ]);
  assert.equal(next.get('b'), first.get('b'), 'a curve without news is not drawn again');
});

test('what is not finite is a gap, not the end of the curve', () => {
  const curves = withScalars(new Map(), [scalars(['a', 0, Number.NaN], ['a', 1, 2])]);
  assert.deepEqual(curves.get('a'), [
    [0, null],
    [1, 2],
  ]);
});

test('a training of a hundred thousand steps does not fill the view, and its worst spike stays', () => {
  let curves = withScalars(new Map(), []);
  for (let step = 0; step < 100_000; step += 1000) {
    const chunk = Array.from({ length: 1000 }, (_, i): [string, number, number] => [
      'a',
      step + i,
      step + i === 4321 ? 99 : 0,
    ]);
    curves = withScalars(curves, [scalars(...chunk)]);
  }
  const points = curves.get('a')!;
  assert.ok(points.length < 5000, String(points.length));
  assert.ok(points.some(([x, y]) => x === 4321 && y === 99));
  assert.equal(points.at(-1)![0], 99_999);
});
