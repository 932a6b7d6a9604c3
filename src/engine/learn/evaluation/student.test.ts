import assert from 'node:assert/strict';
import { it } from 'node:test';
import { studentQuantile } from './student.ts';

const near = (actual: number, expected: number, tolerance: number) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual}, not ${expected}`);

// Tables of the distribution.
it('quantiles of Student’s', () => {
  near(studentQuantile(0.975, 4), 2.776, 0.01);
  near(studentQuantile(0.975, 10), 2.2281, 1e-3);
  near(studentQuantile(0.95, 30), 1.6973, 1e-4);
  near(studentQuantile(0.025, 30), -2.0423, 1e-4);
});
