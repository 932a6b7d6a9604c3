import { after, describe, it } from 'node:test';
import * as fc from 'fast-check';
import { assertClose, computeOne } from '../testing/compute.ts';
import { startKit } from '../testing/kit.ts';
import type { Plain } from '../testing/reference.ts';
import { abs, cos, erf, exp, log, reciprocal, relu, sigmoid, sign, sin, softplus, sqrt, tanh } from './unary.ts';

const kit = startKit();
after(() => kit.close());

const sigma = (x: number): number => 1 / (1 + Math.exp(-x));
const range = (low: number, high: number) => fc.double({ min: low, max: high, noNaN: true });

const functions = [
  [exp, Math.exp, range(-20, 20)],
  [log, Math.log, range(1e-6, 1e6)],
  [sqrt, Math.sqrt, range(0, 1e6)],
  [reciprocal, (x: number) => 1 / x, range(1e-3, 1e3)],
  [sigmoid, sigma, range(-30, 30)],
  [tanh, Math.tanh, range(-30, 30)],
  [softplus, (x: number) => Math.log1p(Math.exp(x)), range(-30, 30)],
  [abs, Math.abs, range(-9, 9)],
  [sign, Math.sign, range(-9, 9)],
  [relu, (x: number) => Math.max(x, 0), range(-9, 9)],
  [sin, Math.sin, range(-9, 9)],
  [cos, Math.cos, range(-9, 9)],
] as const;

const vector = (...values: readonly number[]): Plain => ({ shape: [values.length], values });

describe('functions of one tensor', () => {
  for (const [op, reference, domain] of functions) {
    it(`${op.name} is JavaScript’s`, async () => {
      const elements = fc.array(domain, { minLength: 20, maxLength: 20 });
      await fc.assert(
        fc.asyncProperty(elements, async (values) => {
          const expected = vector(...values.map(reference));
          assertClose(await computeOne(kit, [vector(...values)], op), expected, 1e-12);
          const single = values.map(Math.fround);
          const inSingle = await computeOne(kit, [vector(...single)], op, { float: 'float32' });
          assertClose(inSingle, vector(...single.map(reference)), 2e-6);
        }),
        { numRuns: 8 },
      );
    });
  }

  // Abramowitz and Stegun, table 7.1.
  it('erf is the error function, in float32 and in the series for float64', async () => {
    const x = [-2, -1, 0, 0.1, 0.5, 1, 1.5, 2];
    const y = [0.1124629160182849, 0.5204998778130465, 0.8427007929497149, 0.9661051464753108, 0.9953222650189527];
    const expected = vector(-y[4]!, -y[2]!, 0, ...y);
    assertClose(await computeOne(kit, [vector(...x)], erf), expected, 1e-12);
    assertClose(await computeOne(kit, [vector(...x)], erf, { float: 'float32' }), expected, 1e-6);
    assertClose(await computeOne(kit, [vector(-9, 9)], erf, { float: 'float32' }), vector(-1, 1), 1e-7);
  });

  it('softplus and sigmoid don’t overflow', async () => {
    const x = vector(-1000, -50, 50, 1000);
    for (const float of ['float32', 'float64'] as const) {
      assertClose(await computeOne(kit, [x], softplus, { float }), vector(0, 0, 50, 1000), 1e-7);
      assertClose(await computeOne(kit, [x], sigmoid, { float }), vector(0, 0, 1, 1), 1e-7);
    }
  });
});
