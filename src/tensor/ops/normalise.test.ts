import { after, describe, it } from 'node:test';
import * as fc from 'fast-check';
import { arrays, shapes } from '../testing/arbitrary.ts';
import { assertClose, compute, computeOne } from '../testing/compute.ts';
import { startKit } from '../testing/kit.ts';
import { fold, type Plain, zip } from '../testing/reference.ts';
import { layerNorm, rmsNorm } from './normalise.ts';

const kit = startKit();
after(() => kit.close());

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

describe('normalisation over the last axis', () => {
  it('divides by the root mean square, or by the deviation from the mean', async () => {
    const cases = shapes(1).chain((shape) => {
      const vector = arrays(shape.slice(-1));
      return fc.tuple(arrays(shape), vector, vector, fc.constantFrom(1e-5, 0.1));
    });
    await fc.assert(
      fc.asyncProperty(cases, async ([x, scale, bias, epsilon]) => {
        const results = await compute(kit, [x, scale, bias], ([x, scale, bias]) => ({
          rms: rmsNorm(x!, scale!, epsilon),
          layer: layerNorm(x!, scale!, bias!, epsilon),
        }));
        const last = [x.shape.length - 1];
        const roots = fold(x, last, (row) => Math.sqrt(mean(row.map((v) => v * v)) + epsilon));
        const means = fold(x, last, mean);
        const deviations = fold(x, last, (row) => Math.sqrt(mean(row.map((v) => (v - mean(row)) ** 2)) + epsilon));
        assertClose(
          results.rms,
          zip([x, roots, scale], (x, root, scale) => (x! / root!) * scale!),
          1e-10,
        );
        assertClose(
          results.layer,
          zip([x, means, deviations, scale, bias], (x, m, d, s, b) => ((x! - m!) / d!) * s! + b!),
          1e-10,
        );
      }),
      { numRuns: 30 },
    );
  });

  it('of zeros gives zeros', async () => {
    const x: Plain = { shape: [1, 2], values: [0, 0] };
    assertClose(await computeOne(kit, [x, { shape: [2], values: [3, 4] }], (x, scale) => rmsNorm(x, scale, 1e-6)), x);
  });
});
