import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import * as fc from 'fast-check';
import { gradients } from '../graph/autodiff.ts';
import type { Tensor } from '../graph/graph.ts';
import { arrays } from '../testing/arbitrary.ts';
import { assertClose, compute, type Given } from '../testing/compute.ts';
import { startKit } from '../testing/kit.ts';
import { type Plain, permuted, product } from '../testing/reference.ts';
import { sum } from './basic.ts';
import { gatherRows } from './gather.ts';
import { split } from './layout.ts';
import { crossEntropy, tokenStatistics } from './vocabulary.ts';

const kit = startKit();
after(() => kit.close());

const size = (max: number) => fc.integer({ min: 1, max });
const cases = fc.tuple(size(5), size(4), size(9)).chain(([n, d, v]) =>
  fc.record({
    hidden: arrays([n, d]),
    table: arrays([v, d]),
    targets: arrays([n], fc.integer({ min: 0, max: v - 1 })).map((x): Given => ({ ...x, dtype: 'int64' })),
    mask: arrays([n], fc.constantFrom(0, 0.5, 1)),
    cut: fc.integer({ min: 1, max: v }),
  }),
);

/** ln p of each target and the entropy, from all the logits. */
function reference(hidden: Plain, table: Plain, targets: Plain) {
  const logits = product(hidden, permuted(table, [1, 0]));
  const [n, v] = logits.shape as [number, number];
  const rows = Array.from({ length: n }, (_, row) => logits.values.slice(row * v, (row + 1) * v));
  const logs = rows.map((row) => {
    const top = Math.max(...row);
    const total = top + Math.log(row.reduce((sum, logit) => sum + Math.exp(logit - top), 0));
    return row.map((logit) => logit - total);
  });
  return {
    logProbability: { shape: [n], values: logs.map((row, i) => row[targets.values[i]!]!) },
    entropy: { shape: [n], values: logs.map((row) => row.reduce((sum, log) => sum - Math.exp(log) * log, 0)) },
  };
}

describe('token statistics', () => {
  it('are those of all logits, in however many parts, trained or frozen', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ hidden, table, targets, cut }) => {
        const expected = reference(hidden, table, targets);
        const v = table.shape[0]!;
        const results = await compute(kit, [hidden, table, targets], ([hidden, table, targets]) => {
          const sizes = cut < v ? [cut, v - cut] : [v];
          const frozen = {
            parts: split(table!, sizes, 0),
            rows: (index: Tensor) => gatherRows(table!, index),
          };
          const named = (name: string, { logProbability, entropy }: ReturnType<typeof tokenStatistics>) => ({
            [`${name}.logProbability`]: logProbability,
            [`${name}.entropy`]: entropy,
          });
          return {
            ...named('one', tokenStatistics(hidden!, table!, targets!)),
            ...named('some', tokenStatistics(hidden!, table!, targets!, { parts: cut })),
            ...named('frozen', tokenStatistics(hidden!, frozen, targets!)),
          };
        });
        for (const name of ['one', 'some', 'frozen']) {
          assertClose(results[`${name}.logProbability`]!, expected.logProbability, 1e-10);
          assertClose(results[`${name}.entropy`]!, expected.entropy, 1e-10);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('have the same gradients in one part and in several', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ hidden, table, targets, cut }) => {
        const results = await compute(kit, [hidden, table, targets], ([hidden, table, targets]) => {
          const both = [1, cut].map((parts) => {
            const { logProbability, entropy } = tokenStatistics(hidden!, table!, targets!, { parts });
            return gradients(sum(logProbability), [hidden!, table!]).concat(gradients(sum(entropy), [hidden!, table!]));
          });
          return Object.fromEntries(both.flatMap((all, i) => all.map((tensor, k) => [`${i} ${k}`, tensor])));
        });
        for (const k of [0, 1, 2, 3]) assertClose(results[`1 ${k}`]!, results[`0 ${k}`]!, 1e-9);
      }),
      { numRuns: 20 },
    );
  });

  it('large logits neither overflow nor give a negative entropy', async () => {
    const hidden: Plain = { shape: [1, 1], values: [200] };
    const table: Plain = { shape: [3, 1], values: [5, 5, -5] };
    const targets: Given = { shape: [1], values: [1], dtype: 'int64' };
    for (const parts of [1, 3]) {
      const { logProbability, entropy } = await compute(
        kit,
        [hidden, table, targets],
        ([hidden, table, targets]) => ({ ...tokenStatistics(hidden!, table!, targets!, { parts }) }),
        { float: 'float32' },
      );
      assertClose(logProbability, { shape: [1], values: [-Math.LN2] }, 1e-3);
      assertClose(entropy, { shape: [1], values: [Math.LN2] }, 1e-3);
    }
  });

  it('cross-entropy is their mean weighted by the mask', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ hidden, table, targets, mask, cut }) => {
        const weight = mask.values.reduce((a, b) => a + b, 0);
        fc.pre(weight > 0);
        const { loss } = await compute(kit, [hidden, table, targets, mask], ([hidden, table, targets, mask]) => ({
          loss: crossEntropy(hidden!, table!, targets!, mask!, { parts: cut }),
        }));
        const { logProbability } = reference(hidden, table, targets);
        const expected = logProbability.values.reduce((sum, log, i) => sum - log * mask.values[i]!, 0) / weight;
        assert.ok(Math.abs(loss.values[0]! - expected) <= 1e-10 * Math.max(1, expected));
      }),
      { numRuns: 20 },
    );
  });
});
