import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { Graph } from '../graph/graph.ts';
import { numbers, startKit } from '../testing/kit.ts';
import { constantSchedule, cosineSchedule, linearSchedule, type Schedule } from './schedule.ts';

const kit = startKit();
after(() => kit.close());

/** The factor at each of the steps. */
async function factors(schedule: Schedule, steps: readonly number[]): Promise<number[]> {
  const graph = new Graph({ float: 'float64' });
  steps.forEach((_, i) => {
    graph.output(`factor ${i}`, schedule(graph.input(`step ${i}`, 'float64', [])));
  });
  const values = await kit.evaluate(graph, Object.fromEntries(steps.map((step, i) => [`step ${i}`, [step]])));
  return steps.map((_, i) => numbers(values[`factor ${i}`])[0]!);
}

async function check(schedule: Schedule, expected: Readonly<Record<number, number>>): Promise<void> {
  const steps = Object.keys(expected).map(Number);
  const found = await factors(schedule, steps);
  steps.forEach((step, i) => {
    assert.ok(Math.abs(found[i]! - expected[step]!) < 1e-12, `step ${step}: ${found[i]}, not ${expected[step]}`);
  });
}

describe('learning rates', () => {
  it('stay, after a warm-up whose first step is not lost', async () => {
    await check(constantSchedule(), { 0: 1, 1: 1, 1000: 1 });
    await check(constantSchedule({ warmup: 4 }), { 0: 0.25, 1: 0.5, 3: 1, 4: 1, 1000: 1 });
  });

  it('fall in a straight line to the end, and stay there', async () => {
    await check(linearSchedule({ total: 10 }), { 0: 1, 1: 0.9, 5: 0.5, 10: 0, 11: 0 });
    await check(linearSchedule({ total: 10, final: 0.2 }), { 0: 1, 5: 0.6, 10: 0.2, 99: 0.2 });
    await check(linearSchedule({ total: 12, warmup: 2 }), { 0: 0.5, 1: 1, 2: 1, 7: 0.5, 12: 0 });
  });

  it('fall along half a cosine', async () => {
    await check(cosineSchedule({ total: 6 }), {
      0: 1,
      1: (1 + Math.cos(Math.PI / 6)) / 2,
      2: 0.75,
      3: 0.5,
      4: 0.25,
      6: 0,
      7: 0,
    });
    await check(cosineSchedule({ total: 8, warmup: 2, final: 0.5 }), { 0: 0.5, 1: 1, 2: 1, 5: 0.75, 8: 0.5, 99: 0.5 });
  });

  it('with a warm-up as long as all of it are numbers still', async () => {
    for (const make of [linearSchedule, cosineSchedule]) {
      for (const factor of await factors(make({ total: 3, warmup: 3 }), [0, 1, 2, 3, 4])) {
        assert.ok(factor >= 0 && factor <= 1);
      }
      await check(make({ total: 0 }), { 0: 1 });
    }
  });
});
