import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seeded } from '../../tensor/random.ts';
import { backward, dot, factorOf, forward, inverseDiagonal, quadratic, solve, updateFactor } from './cholesky.ts';

const size = 12;
/** M·Mᵀ + I */
function positive(seed: number): Float64Array {
  const random = seeded(seed);
  const m = Array.from({ length: size }, () => Float64Array.from({ length: size }, () => random() - 0.5));
  return Float64Array.from({ length: size * size }, (_, at) => {
    const [i, j] = [Math.floor(at / size), at % size];
    return dot(m[i]!, m[j]!) + (i === j ? 1 : 0);
  });
}
const times = (a: Float64Array, x: ArrayLike<number>): Float64Array =>
  Float64Array.from({ length: size }, (_, i) => dot(a.subarray(i * size, (i + 1) * size), x));
const near = (a: ArrayLike<number>, b: ArrayLike<number>): void => {
  for (let i = 0; i < a.length; i += 1) assert.ok(Math.abs(a[i]! - b[i]!) < 1e-10, `${i}: ${a[i]} and ${b[i]}`);
};
const x = Float64Array.from({ length: size }, (_, i) => Math.cos(i));

test('a system is solved: A times the solution is what was asked for', () => {
  const a = positive(1);
  const factor = factorOf(a, size);
  near(times(a, solve(factor, x)), x);
  near(solve(factor, x), backward(factor, forward(factor, x)));
  assert.ok(Math.abs(quadratic(factor, x) - dot(x, solve(factor, x))) < 1e-10);
});

test('the diagonal of the inverse is what solving for unit vectors gives', () => {
  const factor = factorOf(positive(2), size);
  const unit = (i: number) => Float64Array.from({ length: size }, (_, j) => (i === j ? 1 : 0));
  near(
    inverseDiagonal(factor, size),
    Float64Array.from({ length: size }, (_, i) => solve(factor, unit(i))[i]!),
  );
});

test('a factor with one more row is that of the sum', () => {
  const a = positive(3);
  const factor = factorOf(a, size);
  updateFactor(factor, x);
  const sum = a.map((value, at) => value + x[Math.floor(at / size)]! * x[at % size]!);
  near(solve(factor, x), solve(factorOf(sum, size), x));
});

test('a matrix that rounding made singular gets jitter, a wrong one is refused', () => {
  const singular = Float64Array.from({ length: size * size }, (_, at) => x[Math.floor(at / size)]! * x[at % size]!);
  assert.ok(factorOf(singular, size).every(Number.isFinite));
  assert.throws(() => factorOf(new Float64Array(size * size).fill(Number.NaN), size), RangeError);
  assert.throws(() => factorOf(Float64Array.of(1, 0, 0, -1), 2), RangeError);
});
