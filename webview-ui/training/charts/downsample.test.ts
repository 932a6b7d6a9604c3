import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { downsample, type Point } from './downsample.ts';

test('one spike among two thousand points is still there', () => {
  const points: Point[] = Array.from({ length: 2000 }, (_, i) => [i, i === 1234 ? 9 : Math.sin(i / 50)]);
  const kept = downsample(points, 100);
  assert.ok(kept.length <= 500, `${kept.length} points`);
  assert.ok(kept.some(([x, y]) => x === 1234 && y === 9));
});

test('few points come back as they are, and a point at a single x is no division by zero', () => {
  const points: Point[] = [
    [0, 1],
    [1, null],
  ];
  assert.equal(downsample(points, 50), points);
  assert.equal(downsample([], 10).length, 0);
  const same: Point[] = Array.from({ length: 100 }, () => [3, 1]);
  assert.equal(downsample(same, 2), same);
});

test('of every pixel column first, last, lowest and highest are kept, in order, and a gap stays a gap', () => {
  const y = fc.option(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { nil: null, freq: 20 });
  fc.assert(
    fc.property(fc.array(y, { minLength: 2, maxLength: 600 }), fc.integer({ min: 1, max: 40 }), (values, columns) => {
      const points = values.map((value, i): Point => [i, value]);
      const kept = downsample(points, columns);
      assert.ok(kept.length <= Math.max(4 * columns, 5 * columns));
      assert.ok(kept.every((point, i) => i === 0 || point[0] > kept[i - 1]![0]));
      const width = (points.length - 1) / columns;
      const columnOf = (x: number): number => Math.min(columns - 1, Math.floor(x / width));
      for (let column = 0; column < columns; column++) {
        const within = (all: readonly Point[]) => all.filter(([x]) => columnOf(x) === column);
        const finite = (all: readonly Point[]) => all.flatMap(([, value]) => (value === null ? [] : [value]));
        const [before, after] = [within(points), within(kept)];
        assert.deepEqual(after[0], before[0]);
        assert.deepEqual(after.at(-1), before.at(-1));
        assert.equal(Math.max(...finite(after)), Math.max(...finite(before)));
        assert.equal(Math.min(...finite(after)), Math.min(...finite(before)));
        assert.equal(
          after.some(([, value]) => value === null),
          before.some(([, value]) => value === null),
        );
      }
    }),
    { numRuns: 200 },
  );
});
