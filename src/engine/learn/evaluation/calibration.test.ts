import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seeded } from '../../../tensor/random.ts';
import { brier, calibrationError, debiasedCalibrationError, reliability } from './calibration.ts';

test('a reliability curve by hand', () => {
  const bins = reliability([0.1, 0.9, 0.2, 0.8], [0, 1, 1, 1], 2);
  assert.equal(bins.length, 2);
  assert.ok(Math.abs(bins[0]!.predicted - 0.15) < 1e-12 && bins[0]!.observed === 0.5 && bins[0]!.count === 2);
  // ½ · 0.35 + ½ · 0.15
  assert.ok(Math.abs(calibrationError(bins) - 0.25) < 1e-12);
  assert.ok(Math.abs(brier([0.1, 0.9, 0.2, 0.8], [0, 1, 1, 1]) - 0.175) < 1e-12);
});

test('equal predictions are one bin however many bins are asked for', () => {
  assert.equal(reliability(new Array(50).fill(0.4), new Array(50).fill(1), 15).length, 1);
});

function cases(count: number, seed: number, truth: (p: number) => number) {
  const random = seeded(seed);
  const predicted = Float64Array.from({ length: count }, () => random());
  return { predicted, observed: predicted.map((p) => (random() < truth(p) ? 1 : 0)), random };
}

test('a perfect predictor shows an error above 0, of which nothing is left once chance is taken out', () => {
  const errors = Array.from({ length: 30 }, (_, seed) => {
    const { predicted, observed, random } = cases(200, seed, (p) => p);
    return debiasedCalibrationError(predicted, observed, { random, bins: 10, resamples: 100 });
  });
  const average = (of: (error: (typeof errors)[number]) => number) =>
    errors.reduce((sum, error) => sum + of(error), 0) / errors.length;
  // Research: 0.067 of 200 with ten bins.
  assert.ok(Math.abs(average(({ raw }) => raw) - 0.07) < 0.02);
  assert.ok(average(({ debiased }) => debiased) < 0.012);
  assert.ok(errors.filter(({ raw, percentile95 }) => raw > percentile95).length <= 5);
});

test('an overconfident predictor is found out', () => {
  const { predicted, observed, random } = cases(400, 7, (p) => 0.5 + 0.3 * (p - 0.5));
  const { raw, percentile95, debiased } = debiasedCalibrationError(predicted, observed, { random });
  assert.ok(raw > percentile95);
  // ∫ 0.7 |p − ½| dp = 0.175
  assert.ok(debiased > 0.08 && debiased < 0.2, `${debiased}`);
});
