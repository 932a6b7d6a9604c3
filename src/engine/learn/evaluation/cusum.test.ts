import assert from 'node:assert/strict';
import { it } from 'node:test';
import { seeded, standardNormal } from '../../../tensor/random.ts';
import { cusum } from './cusum.ts';

it('adds up what is more than the slack below the mean', () => {
  const watch = cusum({ mean: 0.2, deviation: 0.4 });
  assert.equal(watch.add(-0.2), false);
  assert.ok(Math.abs(watch.fallen - 0.5) < 1e-12);
  watch.add(1);
  assert.equal(watch.fallen, 0, 'good rewards don’t pile up');
  for (let i = 0; i < 10; i += 1) assert.equal(watch.add(-0.2), false);
  assert.equal(watch.add(-0.2), true);
  assert.equal(watch.add(5), true, 'an alarm stays');
  assert.throws(() => cusum({ mean: 0, deviation: 0 }), /deviation of 0/);
});

it('takes as long as the literature says: 10 decisions after a fall by σ, 930 without one', () => {
  const random = seeded(2);
  const average = (fall: number, runs: number) => {
    let total = 0;
    for (let run = 0; run < runs; run += 1) {
      const watch = cusum({ mean: 0, deviation: 1 });
      do total += 1;
      while (!watch.add(standardNormal(random) - fall));
    }
    return total / runs;
  };
  // Montgomery, Introduction to Statistical Quality Control, table 9.3: one-sided 938 and 10.4.
  assert.ok(Math.abs(average(1, 1_000) - 10.4) < 0.6);
  assert.ok(Math.abs(average(0, 400) - 938) < 140);
});
