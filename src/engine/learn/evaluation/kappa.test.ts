import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agreement, type KappaWeights, kappa, kappaOfTable } from './kappa.ts';

const table = [
  [88, 14, 18],
  [10, 40, 10],
  [2, 6, 12],
];

test('A5-06: κ of three categories with each weighting, as NumPy computes it', () => {
  const known: Readonly<Record<KappaWeights, number>> = {
    none: 0.4915254237288136,
    linear: 0.4736842105263158,
    quadratic: 0.4545454545454546,
  };
  for (const weights of ['none', 'linear', 'quadratic'] as const) {
    const value = kappaOfTable(table, weights);
    assert.ok(value.defined && Math.abs(value.value - known[weights]) < 1e-12, weights);
  }
});

test('A5-06: κ by hand: 35 of 50 agree where 25 would by chance', () => {
  // pₒ = 0.7; pₑ = 0.5 · 0.6 + 0.5 · 0.4 = 0.5; κ = 0.2 / 0.5.
  const value = kappaOfTable([
    [20, 5],
    [10, 15],
  ]);
  assert.ok(value.defined && Math.abs(value.value - 0.4) < 1e-12);
});

test('A5-06: κ at its bounds, and where it isn’t defined', () => {
  const scale = [1, 2, 3];
  assert.deepEqual(kappa([1, 2, 3], [1, 2, 3], scale), { defined: true, value: 1 });
  assert.deepEqual(kappa([1, 1, 3, 3], [3, 3, 1, 1], scale, 'quadratic'), { defined: true, value: -1 });
  assert.deepEqual(kappa([2, 2], [2, 2], scale), { defined: false, reason: 'both raters used a single category' });
  assert.deepEqual(kappa([1, null], [null, 2], scale), { defined: false, reason: 'nothing was rated by both' });
  // One rater of one category, the other of two: no better than chance, and defined.
  assert.deepEqual(kappa([2, 2], [2, 3], scale), { defined: true, value: 0 });
  assert.throws(() => kappa([4], [1], scale), RangeError);
});

test('of several raters, the mean over the pairs that have one', () => {
  const by = (scores: Record<string, number>) => new Map(Object.entries(scores));
  const answers = new Map([
    ['ann', by({ a: 1, b: 2, c: 3 })],
    ['ben', by({ a: 1, b: 2, c: 3, d: 1 })],
    ['cem', by({ a: 3, b: 2, c: 1 })],
    ['dot', by({ d: 1 })],
    ['eve', by({ z: 1 })],
  ]);
  const { mean, pairs } = agreement(answers, [1, 2, 3]);
  // ann–ben 1, ann–cem −1, ben–cem −1, ben–dot undefined: of a single category.
  assert.equal(pairs.length, 4);
  assert.ok(mean.defined && Math.abs(mean.value + 1 / 3) < 1e-12);
  assert.equal(agreement(new Map([['ann', by({ a: 1 })]]), [1, 2, 3]).mean.defined, false);
});
