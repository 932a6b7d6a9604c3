import assert from 'node:assert/strict';
import { test } from 'node:test';
import { downWeighted, outliersAmong } from './outliers.ts';
import { world } from './testWorlds.ts';

const foretold = (truth: Float64Array, deviation: number) => [...truth].map((mean) => ({ mean, deviation }));

test('A5-07: a slip is found among ten ratings as among two hundred, and counts a quarter', () => {
  for (const count of [10, 200]) {
    const { rows, truth } = world({ seed: 3, count, noise: 0.1 });
    const slipped = rows.map((row, i) => (i === 4 ? { ...row, target: truth[4]! + 0.8 } : row));
    const outliers = outliersAmong(slipped, foretold(truth, 0.1));
    assert.ok(outliers.flags[4]);
    assert.ok(outliers.flags.filter(Boolean).length <= 1 + 0.08 * count);
    const weighted = downWeighted(slipped, outliers);
    assert.equal(weighted.length, count);
    assert.equal(weighted[4]!.weight, 0.25);
  }
});

test('A5-07: an extreme rating that was foretold is no slip', () => {
  const { rows, truth } = world({ seed: 4, count: 50, noise: 0.1 });
  const extreme = rows.map((row, i) => (i === 0 ? { ...row, target: 3 } : row));
  assert.equal(
    outliersAmong(
      extreme,
      foretold(
        truth.map((one, i) => (i === 0 ? 3 : one)),
        0.1,
      ),
    ).flags[0],
    false,
  );
});

test('A5-07: among five a slip is found, which no ordinary 2σ can: there none of five is further off than 1.79 of it', () => {
  const { rows, truth } = world({ seed: 4, count: 5, noise: 0.1 });
  const flags = (off: number, count = 5) =>
    outliersAmong(
      rows.slice(0, count).map((row, i) => ({ ...row, target: truth[i]! + (i === 2 ? off : 0.05) })),
      foretold(truth.slice(0, count), 0.1),
    ).flags;
  assert.deepEqual(flags(0.8), [false, false, true, false, false]);
  assert.ok(flags(0.25).every((flag) => !flag));
  assert.ok(flags(0.8, 3).every((flag) => !flag));
});

test('A5-07: the bar is higher for few: Student’s t', () => {
  const { rows, truth } = world({ seed: 5, count: 400 });
  const bar = (count: number) => outliersAmong(rows.slice(0, count), foretold(truth.slice(0, count), 0.1)).threshold;
  // t with 9 degrees of freedom and the tails of 2σ (4.55 %): 2.32.
  assert.ok(Math.abs(bar(10) - 2.32) < 0.01 && Math.abs(bar(400) - 2.01) < 0.01, `${bar(10)} ${bar(400)}`);
});
