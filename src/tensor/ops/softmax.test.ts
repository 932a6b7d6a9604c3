import { after, describe, it } from 'node:test';
import * as fc from 'fast-check';
import { arrays, shapes } from '../testing/arbitrary.ts';
import { assertClose, compute } from '../testing/compute.ts';
import { startKit } from '../testing/kit.ts';
import { fold, type Plain, zip } from '../testing/reference.ts';
import { logSoftmax, softmax } from './softmax.ts';

const kit = startKit();
after(() => kit.close());

const total = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

describe('softmax', () => {
  it('is eˣ / Σ eˣ along any axis, and its logarithm', async () => {
    const cases = shapes(1).chain((shape) =>
      fc.tuple(arrays(shape), fc.integer({ min: -shape.length, max: shape.length - 1 })),
    );
    await fc.assert(
      fc.asyncProperty(cases, async ([x, axis]) => {
        const along = axis < 0 ? axis + x.shape.length : axis;
        const results = await compute(kit, [x], ([x]) => ({ p: softmax(x!, axis), log: logSoftmax(x!, axis) }));
        const sums = fold(x, [along], (values) => total(values.map(Math.exp)));
        assertClose(
          results.p,
          zip([x, sums], (x, sum) => Math.exp(x!) / sum!),
        );
        assertClose(
          results.log,
          zip([x, sums], (x, sum) => x! - Math.log(sum!)),
        );
      }),
      { numRuns: 30 },
    );
  });

  it('takes large numbers', async () => {
    const x: Plain = { shape: [2, 2], values: [1e4, 1e4, -1e4, 0] };
    for (const float of ['float32', 'float64'] as const) {
      const results = await compute(kit, [x], ([x]) => ({ p: softmax(x!), log: logSoftmax(x!) }), { float });
      assertClose(results.p, { shape: [2, 2], values: [0.5, 0.5, 0, 1] }, 1e-6);
      assertClose(results.log, { shape: [2, 2], values: [-Math.LN2, -Math.LN2, -1e4, 0] }, 1e-6);
    }
  });
});
