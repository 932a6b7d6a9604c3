import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seeded } from '../../../tensor/random.ts';
import { chanceAbove, intervalCoverage, logDensity } from './coverage.ts';
import { normalQuantile } from './interval.ts';

test('intervals of the right width cover what they say, narrow ones less', () => {
  const random = seeded(4);
  const targets = Float64Array.from({ length: 4000 }, () => 0.5 + 0.2 * normalQuantile(random()));
  const of = (deviation: number) =>
    intervalCoverage(
      [...targets].map(() => ({ mean: 0.5, deviation })),
      targets,
      0.9,
    );
  assert.ok(of(0.2).low < 0.9 && of(0.2).high > 0.9);
  // ±1.645 · 0.1 / 0.2 standard deviations: 0.589.
  assert.ok(Math.abs(of(0.1).value - 0.589) < 0.03);
});

test('the density and the chance of being above, by hand', () => {
  assert.ok(Math.abs(logDensity({ mean: 1, deviation: 2 }, 3) - (-0.5 - Math.log(2) - 0.9189385332046727)) < 1e-12);
  assert.ok(Math.abs(chanceAbove({ mean: 1, deviation: 2 }, 3) - 0.15865525393145707) < 1e-10);
});
