import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { seeded } from '../random.ts';
import { constant, fanIn, type Initial, normal } from './weights.ts';

const draw = (initial: Initial, ...shape: number[]): number[] => [...initial(shape, seeded(3))];
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
function deviation(values: readonly number[]): number {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((x) => (x - middle) ** 2)));
}

describe('first values', () => {
  it('are as many as the shape has, and the same for the same random numbers', () => {
    for (const initial of [constant(1), normal(1), fanIn]) {
      assert.equal(draw(initial, 3, 5).length, 15);
      assert.equal(draw(initial).length, 1);
      assert.deepEqual(draw(initial, 3, 5), draw(initial, 3, 5));
    }
    assert.deepEqual(draw(constant(2), 3), [2, 2, 2]);
  });

  it('normal ones have their deviation, and no tail that is cut', () => {
    const values = draw(normal(0.02), 100, 100);
    assert.ok(Math.abs(mean(values)) < 1e-3);
    assert.ok(Math.abs(deviation(values) / 0.02 - 1) < 0.03);
    const beyondTwo = values.filter((x) => Math.abs(x) > 0.04).length / values.length;
    assert.ok(Math.abs(beyondTwo - 0.0455) < 0.01);
  });

  it('uniform ones reach ±1/√inputs, and no further', () => {
    const values = draw(fanIn, 50, 16);
    assert.ok(values.every((x) => Math.abs(x) <= 0.25));
    assert.ok(Math.max(...values) > 0.24 && Math.min(...values) < -0.24);
  });

  it('are finite even where the random number is 0', () => {
    assert.ok([...normal(1)([2], () => 0)].every(Number.isFinite));
  });
});
