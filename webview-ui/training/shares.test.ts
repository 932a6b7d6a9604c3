import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pooled, wilson } from './shares.ts';

test('Wilson’s interval of 8 in 10, and at the ends', () => {
  const { value, low, high } = wilson(8, 10);
  assert.equal(value, 0.8);
  assert.ok(Math.abs(low! - 0.4902) < 1e-4 && Math.abs(high! - 0.9433) < 1e-4, `${low} ${high}`);
  assert.equal(wilson(0, 5).low, 0);
  assert.ok(wilson(0, 5).high! > 0.3);
  assert.equal(wilson(5, 5).high, 1);
  assert.deepEqual(wilson(0, 0), { value: null, low: null, high: null });
});

const spans = (count: number, shown: number) =>
  Array.from({ length: count }, (_, i) => ({ from: i * 10, to: i * 10 + 5, shown, accepted: i % (shown + 1) }));

test('pooling loses no suggestion and invents none', () => {
  const all = spans(2000, 7);
  const made = pooled(all, 48, 20);
  const sum = (of: readonly { shown: number; accepted: number }[]) =>
    of.reduce(([a, b], { shown, accepted }) => [a! + shown, b! + accepted], [0, 0]);
  assert.deepEqual(sum(made), sum(all));
  assert.ok(made.length <= 48 && made.length > 40, String(made.length));
  assert.ok(made.slice(0, -1).every(({ shown }) => shown >= 20));
  assert.equal(made[0]!.from, 0);
  assert.equal(made.at(-1)!.to, all.at(-1)!.to);
});

test('few suggestions are one step, none are none', () => {
  assert.equal(pooled(spans(3, 4), 48, 20).length, 1);
  assert.deepEqual(pooled([], 48, 20), []);
  assert.deepEqual(pooled([{ from: 0, to: 1, shown: 0, accepted: 0 }], 48, 20), []);
});
