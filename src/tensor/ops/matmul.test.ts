import { after, describe, it } from 'node:test';
import * as fc from 'fast-check';
import { arrays, broadcastable, eighths } from '../testing/arbitrary.ts';
import { assertClose, compute, computeOne } from '../testing/compute.ts';
import { startKit } from '../testing/kit.ts';
import { type Plain, permuted, product, zip } from '../testing/reference.ts';
import { affine, affineOnto, matmul } from './matmul.ts';

const kit = startKit();
after(() => kit.close());

const swapped = (x: Plain): Plain => {
  const { length } = x.shape;
  return permuted(x, [...x.shape.keys()].with(length - 2, length - 1).with(length - 1, length - 2));
};

describe('products of matrices', () => {
  it('are over the last two axes, transposed or not; those before them broadcast', async () => {
    const size = fc.integer({ min: 1, max: 4 });
    const cases = fc
      .tuple(broadcastable(2), size, size, size, fc.boolean(), fc.boolean())
      .chain(([[left, right], rows, inner, columns, transposeA, transposeB]) =>
        fc.record({
          a: arrays([...left!, ...(transposeA ? [inner, rows] : [rows, inner])], eighths),
          b: arrays([...right!, ...(transposeB ? [columns, inner] : [inner, columns])], eighths),
          transposeA: fc.constant(transposeA),
          transposeB: fc.constant(transposeB),
        }),
      );
    await fc.assert(
      fc.asyncProperty(cases, async ({ a, b, transposeA, transposeB }) => {
        const y = await computeOne(kit, [a, b], (x, z) => matmul(x, z, { transposeA, transposeB }));
        assertClose(y, product(transposeA ? swapped(a) : a, transposeB ? swapped(b) : b));
      }),
      { numRuns: 60 },
    );
  });

  it('a linear layer is x · weightᵀ, plus a bias, or onto what is there', async () => {
    const cases = fc
      .tuple(
        fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 4 }),
      )
      .chain(([rows, inner, out]) =>
        fc.tuple(arrays([...rows, inner]), arrays([out, inner]), arrays([out]), arrays([...rows, out])),
      );
    await fc.assert(
      fc.asyncProperty(cases, async ([x, weight, bias, base]) => {
        const results = await compute(kit, [x, weight, bias, base], ([x, weight, bias, base]) => ({
          plain: affine(x!, weight!),
          biased: affine(x!, weight!, bias!),
          onto: affineOnto(x!, weight!, base!),
        }));
        const rows = { shape: [1, ...x.shape].slice(-Math.max(2, x.shape.length)), values: x.values };
        const expected = { shape: base.shape, values: product(rows, swapped(weight)).values };
        assertClose(results.plain, expected);
        assertClose(
          results.biased,
          zip([expected, bias], (y, b) => y! + b!),
        );
        assertClose(
          results.onto,
          zip([expected, base], (y, b) => y! + b!),
        );
      }),
      { numRuns: 30 },
    );
  });
});
