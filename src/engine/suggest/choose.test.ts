import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { seeded } from '../../tensor/random.ts';
import { actionAt, drawAmong, evenShare, shownOnly, thompson } from './choose.ts';

const close = (a: number, b: number, by: number, what: string): void =>
  assert.ok(Math.abs(a - b) <= by, `${what}: ${a} for ${b}`);
const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** Draws of some belief. */
const beliefs = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 2 ** 31 })).map(([size, seed]) => {
  const random = seeded(seed);
  return Array.from({ length: 64 }, () => Float64Array.from({ length: size }, random));
});

test('propensities of candidates and silence add up to 1, and none is below the floor', () => {
  fc.assert(
    fc.property(
      beliefs,
      fc.double({ min: 0.02, max: 0.9, noNaN: true }),
      fc.boolean(),
      (chances, threshold, explicit) => {
        const size = chances[0]!.length;
        const probabilities = thompson(chances, { threshold, explicit, valueOf: (_i, chance) => chance });
        assert.equal(probabilities.length, size + 1);
        close(sumOf(probabilities), 1, 1e-9, 'the sum');
        const actions = explicit ? size : size + 1;
        for (const p of probabilities.slice(0, actions)) assert.ok(p >= 0.05 / actions - 1e-12);
        if (explicit) assert.equal(probabilities.at(-1), 0, 'what was asked for is answered');
      },
    ),
    { numRuns: 200 },
  );
});

test('they are the shares of the draws in which each was best, or none was likely enough', () => {
  const chances = Array.from({ length: 64 }, (_, i) =>
    Float64Array.of(i < 32 ? 0.9 : 0.1, i < 16 ? 0.95 : i < 48 ? 0.5 : 0.2),
  );
  const probabilities = thompson(chances, { threshold: 0.25, explicit: false, valueOf: (_i, chance) => chance });
  // 16 draws prefer the first, 32 the second, in 16 neither is likely enough.
  const floored = (share: number): number => (1 - evenShare) * share + evenShare / 3;
  for (const [i, share] of [0.25, 0.5, 0.25].entries()) close(probabilities[i]!, floored(share), 1e-12, `action ${i}`);
});

test('over many seeds each action comes as often as its propensity says, and the same seed draws the same', () => {
  const probabilities = [0.6, 0.025, 0.3, 0.075];
  const counts = [0, 0, 0, 0];
  const seeds = 20_000;
  for (let seed = 0; seed < seeds; seed += 1) {
    const action = actionAt(probabilities, drawAmong(seed, 'a.ts', ['b();', 'a();']));
    assert.equal(
      action,
      actionAt(probabilities, drawAmong(seed, 'a.ts', ['a();', 'b();'])),
      'in whatever order they come',
    );
    counts[action]! += 1;
  }
  for (const [i, p] of probabilities.entries()) {
    // Four standard errors.
    close(counts[i]! / seeds, p, 4 * Math.sqrt((p * (1 - p)) / seeds), `action ${i}`);
  }
});

test('a draw at the very end falls on something that can come', () => {
  assert.equal(actionAt([0.1 + 0.2, 0.7 - 1e-17, 0], 1 - 2 ** -53), 1);
});

test('where something was asked for, what silence would have got is shared out', () => {
  assert.deepEqual(
    shownOnly([0.3, 0.1, 0.6]).map((p) => Number(p.toFixed(12))),
    [0.75, 0.25, 0],
  );
  assert.deepEqual(shownOnly([0, 0, 1]), [0.5, 0.5, 0]);
});
