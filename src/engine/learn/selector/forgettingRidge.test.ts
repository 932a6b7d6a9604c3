import assert from 'node:assert/strict';
import { it } from 'node:test';
import { dot } from '../cholesky.ts';
import { forgettingRidge } from './forgettingRidge.ts';

it('is the closed form, with observations that fade and a prior that does not', () => {
  const ridge = forgettingRidge({ forgetting: 0.5, precision: 2 });
  ridge.forget();
  ridge.observe(Float64Array.of(1, 1), 1);
  ridge.forget();
  ridge.observe(Float64Array.of(1, -1), 0);
  // A = I + 2·(½·[[1,1],[1,1]] + [[1,−1],[−1,1]]) = [[4,−1],[−1,4]]; b = 2·½·(1,1) = (1,1); A⁻¹ = [[4,1],[1,4]] / 15.
  const rows = [Float64Array.of(1, 0), Float64Array.of(1, 2)];
  const means = ridge.means(rows);
  assert.ok(Math.abs(means[0]! - 1 / 3) < 1e-8 && Math.abs(means[1]! - 1) < 1e-8, `${means}`);
  const [a, b] = ridge.whitened(rows);
  assert.ok(Math.abs(dot(a!, a!) - 4 / 15) < 1e-8);
  assert.ok(Math.abs(dot(a!, b!) - 6 / 15) < 1e-8);
});

it('knows nothing before the first observation', () => {
  const ridge = forgettingRidge();
  const [row] = ridge.whitened([Float64Array.of(3, 4)]);
  assert.ok(Math.abs(Math.sqrt(dot(row!, row!)) - 5) < 1e-8);
  assert.equal(ridge.means([Float64Array.of(3, 4)])[0], 0);
});
