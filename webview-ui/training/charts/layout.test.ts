import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Point } from './downsample.ts';
import { layoutOf } from './layout.ts';
import type { ChartSpec } from './spec.ts';

const spec = (points: readonly Point[], more: Partial<ChartSpec> = {}): ChartSpec => ({
  title: 'Loss',
  finding: '',
  x: { label: 'Step', kind: 'number', format: String },
  y: { label: 'Loss', kind: 'number', format: String },
  layers: [{ type: 'line', points, tone: 'main' }],
  height: 120,
  table: () => ({ columns: [], rows: [] }),
  ...more,
});

test('0, 1, 20 and 2 000 points have their place inside the drawing, at 60 and at 2 000 pixels', () => {
  for (const count of [0, 1, 20, 2000]) {
    const points: Point[] = Array.from({ length: count }, (_, i) => [i, Math.cos(i)]);
    for (const width of [60, 300, 2000]) {
      const { x, y, xTicks, yTicks } = layoutOf(spec(points), width, 'en');
      for (const [at, value] of points) {
        assert.ok(x(at) >= 0 && x(at) <= Math.max(width, 80), `x of ${at} at ${width}`);
        assert.ok(y(value!) >= 0 && y(value!) <= 120, `y of ${value}`);
      }
      assert.ok(yTicks.length >= 2, 'an axis needs two labels');
      assert.ok(xTicks.every((tick) => Number.isFinite(x(tick.at))));
      assert.ok(xTicks.length <= 2 + width / 50, `${xTicks.length} labels on ${width} pixels`);
    }
  }
});

test('wide labels make room for themselves', () => {
  const narrow = layoutOf(spec([[0, 1]]), 300, 'en');
  const wide = layoutOf(spec([[0, 1]], { y: { label: '', kind: 'number', format: () => '−1,234,567.89' } }), 300, 'en');
  assert.ok(wide.x.range[0] > narrow.x.range[0] + 40);
});

test('the axis of steps begins and ends with the data; that of shares is from 0 to 100 %', () => {
  const { x, y } = layoutOf(
    spec(
      [
        [7, 0.3],
        [93, 0.4],
      ],
      { y: { label: '', kind: 'number', format: String, domain: [0, 1] } },
    ),
    300,
    'en',
  );
  assert.deepEqual(x.domain, [7, 93]);
  const { xTicks } = layoutOf(
    spec([
      [10, 0.3],
      [640, 0.4],
    ]),
    260,
    'en',
  );
  assert.ok(xTicks.length >= 2, 'one label is no scale');
  assert.deepEqual(y.domain, [0, 1]);
});

test('bounds and levels count as data, unknown bounds do not', () => {
  const layers: ChartSpec['layers'] = [
    {
      type: 'band',
      tone: 'main',
      points: [
        [0, -2, null],
        [1, null, 5],
      ],
    },
    { type: 'level', y: 9, label: '' },
  ];
  const { domain } = layoutOf(spec([], { layers }), 300, 'en').y;
  assert.ok(domain[0] <= -2 && domain[1] >= 9, String(domain));
});

test('a square stays one where there is room to both sides', () => {
  const { x, y } = layoutOf(
    spec(
      [
        [0, 0],
        [1, 1],
      ],
      { square: true, height: 240 },
    ),
    900,
    'en',
  );
  assert.equal(x.range[1] - x.range[0], y.range[0] - y.range[1]);
});
