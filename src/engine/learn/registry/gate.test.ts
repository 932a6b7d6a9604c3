import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Bounds, type GateEvidence, gate, gateLimits } from './gate.ts';

const bounds = (value: number, low: number, high: number): Bounds => ({ value, low, high });
const good: GateEvidence = {
  labels: 200,
  groups: 20,
  spearman: bounds(0.5, 0.38, 0.6),
  difference: bounds(0.1, 0.03, 0.17),
};
const verdict = (change: Partial<GateEvidence>) => gate({ ...good, ...change }, gateLimits.rewardModel);

test('better on held-out files, with an interval that excludes harm: promoted', () => {
  assert.deepEqual(verdict({}), { type: 'promote', reason: 'Better on held-out files by 0.10 (95 %: 0.03 to 0.17).' });
});

test('A5-08, A5-26: what is worse on held-out ratings is not activated', () => {
  const result = verdict({ difference: bounds(-0.1, -0.18, -0.02) });
  assert.ok(result.type === 'reject' && result.why === 'worse');
  const none = verdict({ difference: bounds(-0.01, -0.05, 0.03) });
  assert.ok(none.type === 'reject' && none.why === 'noGain');
});

test('a random rater: no learnable signal, whatever the difference says', () => {
  for (const spearman of [
    bounds(0.05, -0.1, 0.2),
    bounds(0.2, 0, 0.4),
    bounds(-0.4, -0.5, -0.3),
    bounds(Number.NaN, Number.NaN, Number.NaN),
  ]) {
    const result = verdict({ spearman });
    assert.ok(result.type === 'reject' && result.why === 'noSignal');
    assert.match(result.reason, /^No learnable signal/);
  }
});

test('too few labels: how many more', () => {
  assert.deepEqual(verdict({ labels: 12 }), {
    type: 'notEnough',
    more: 8,
    reason: 'Not enough yet: 8 more labels are needed.',
  });
  assert.equal(verdict({ groups: 1 }).type, 'notEnough');
  // 0.1 ± 0.2: the half-width must halve, so four times the labels.
  const wide = verdict({ difference: bounds(0.1, -0.1, 0.3) });
  assert.ok(wide.type === 'notEnough' && wide.more === 600, JSON.stringify(wide));
  const hopeless = verdict({ difference: bounds(0.01, -0.2, 0.22) });
  assert.ok(hopeless.type === 'reject' && hopeless.why === 'noGain');
});

test('a selector has no rank correlation; what could not be measured is not promoted', () => {
  assert.equal(gate({ ...good, spearman: null }, gateLimits.selector).type, 'promote');
  for (const difference of [null, bounds(Number.NaN, 0.1, 0.2), bounds(0.1, 0.05, Number.POSITIVE_INFINITY)]) {
    const result = verdict({ difference });
    assert.ok(result.type === 'reject' && result.why === 'notMeasured');
  }
});

test('nothing is promoted whose interval reaches below no difference, or that shows no signal', () => {
  const figure = fc.double({ min: -1, max: 1, noNaN: true });
  const interval = fc.tuple(figure, figure, figure).map((three) => {
    const [low, value, high] = three.toSorted((a, b) => a - b) as [number, number, number];
    return bounds(value, low, high);
  });
  let promoted = 0;
  fc.assert(
    fc.property(
      fc.nat({ max: 300 }),
      fc.nat({ max: 9 }),
      interval,
      interval,
      (labels, groups, spearman, difference) => {
        const result = gate({ labels, groups, spearman, difference }, gateLimits.rewardModel);
        if (result.type === 'promote') {
          promoted++;
          assert.ok(labels >= 20 && groups >= 3 && spearman.low > 0 && difference.low >= 0 && difference.value > 0);
        }
        if (result.type === 'notEnough') assert.ok(result.more === null || (result.more >= 1 && result.more <= 2000));
      },
    ),
    { numRuns: 2000, seed: 1 },
  );
  assert.ok(promoted > 10, String(promoted));
});
