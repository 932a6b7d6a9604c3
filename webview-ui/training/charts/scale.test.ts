import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { extent, linear, logarithmic, logTicks, niceDomain, niceStep, ticks } from './scale.ts';

test('axes are labelled with round numbers, without the dust of binary fractions', () => {
  const { domain, step } = niceDomain([0.07, 0.63], 5);
  assert.deepEqual(domain, [0, 0.8]);
  assert.equal(step, 0.2);
  assert.deepEqual(ticks(domain, step), [0, 0.2, 0.4, 0.6, 0.8]);
  assert.deepEqual(ticks([-0.3, 0.3], 0.1), [-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3]);
});

test('nothing, a single value and only gaps have an axis too', () => {
  assert.deepEqual(niceDomain(null, 4).domain, [0, 1]);
  const { domain } = niceDomain([0.5, 0.5], 4);
  assert.ok(domain[0] < 0.5 && domain[1] > 0.5, String(domain));
  assert.deepEqual(niceDomain([0, 0], 2).domain, [-1, 1]);
  assert.equal(extent([null, Number.NaN, Number.POSITIVE_INFINITY, undefined]), null);
  assert.deepEqual(extent([null, 3, -1, Number.NEGATIVE_INFINITY]), [-1, 3]);
  assert.equal(linear([2, 2], [0, 100])(2), 50);
});

test('whatever the data, the axis holds it, ends at ticks, and has about as many as asked for', () => {
  const value = fc.double({ min: -1e12, max: 1e12, noNaN: true });
  fc.assert(
    fc.property(value, value, fc.integer({ min: 1, max: 12 }), (a, b, count) => {
      const span = [Math.min(a, b), Math.max(a, b)] as const;
      // Differences near the resolution of numbers have no round steps.
      fc.pre(span[1] - span[0] > Math.max(Math.abs(a), Math.abs(b)) * 1e-9 + 1e-12);
      const { domain, step } = niceDomain(span, count);
      const slack = step * 1e-6;
      assert.ok(domain[0] <= span[0] + slack && domain[1] >= span[1] - slack);
      const marks = ticks(domain, step);
      assert.ok(marks.length >= 2 && marks.length <= count + 3, `${marks.length} of ${count}`);
      const mantissa = step / 10 ** Math.floor(Math.log10(step) + 1e-9);
      assert.ok(
        [1, 2, 5, 10].some((one) => Math.abs(one - mantissa) < 1e-6),
        `step ${step}`,
      );
    }),
    { numRuns: 300 },
  );
});

test('ratios: 10 to 2 000 labels are spread evenly and labelled with round numbers', () => {
  const x = logarithmic([10, 1000], [0, 200]);
  assert.equal(x(10), 0);
  assert.equal(Math.round(x(100)), 100);
  assert.equal(Math.round(x(1000)), 200);
  assert.deepEqual(logTicks([10, 2000], 10), [10, 20, 50, 100, 200, 500, 1000, 2000]);
  assert.deepEqual(logTicks([10, 2000], 4), [10, 100, 1000]);
  assert.deepEqual(logTicks([20, 80], 1), [20]);
});

test('a step without a span does not loop for ever', () => {
  assert.equal(niceStep([1, 1], 5), 1);
  assert.deepEqual(ticks([1, 1], 1), [1]);
});

test('a value lands where it belongs, upside down too', () => {
  const y = linear([0, 1], [120, 20]);
  assert.equal(y(0), 120);
  assert.equal(y(0.25), 95);
  assert.equal(y(1), 20);
});
