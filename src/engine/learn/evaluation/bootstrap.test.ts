import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seeded } from '../../../tensor/random.ts';
import { bootstrap, quantileOf } from './bootstrap.ts';
import { deviation, mean } from './interval.ts';

const values = Array.from({ length: 200 }, (_, i) => Math.sin(i * 12.9898) * 3 + 1);
const meanOf = (indices: readonly number[]): number => mean(indices.map((i) => values[i]!));

test('a quantile between two values is as NumPy gives it', () => {
  assert.ok(Math.abs(quantileOf([1, 2, 4, 8, 16], 0.3) - 2.4) < 1e-12);
  assert.ok(Number.isNaN(quantileOf([], 0.5)));
});

test('the interval of a mean is the textbook’s, and the same for a seed', () => {
  const interval = bootstrap(values.length, meanOf, { random: seeded(1), resamples: 4000 })!;
  const half = (1.96 * deviation(values)) / Math.sqrt(values.length);
  assert.ok(Math.abs(interval.high - interval.low - 2 * half) < 0.1 * half);
  assert.ok(interval.low < interval.value && interval.value < interval.high);
  assert.deepEqual(bootstrap(values.length, meanOf, { random: seeded(1), resamples: 4000 }), interval);
});

test('what comes in groups varies in groups', () => {
  // Ten values, each twenty times: no surer than ten values are.
  const groups = values.map((_, i) => `${i % 10}`);
  const copied = (indices: readonly number[]) => mean(indices.map((i) => values[i % 10]!));
  const alone = bootstrap(values.length, copied, { random: seeded(2) })!;
  const together = bootstrap(values.length, copied, { random: seeded(2), groups })!;
  assert.ok(together.high - together.low > 3 * (alone.high - alone.low));
});

test('a figure that mostly isn’t defined has no interval', () => {
  assert.equal(
    bootstrap(0, () => 1, { random: seeded(3) }),
    null,
  );
  assert.equal(
    bootstrap(5, (indices) => (new Set(indices).size === 5 ? 1 : null), { random: seeded(3) }),
    null,
  );
});
