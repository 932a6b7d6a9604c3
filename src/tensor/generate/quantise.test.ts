import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Bits, blockScales, blockSize, blocksOf, dequantise, packBlocks } from './quantise.ts';

const bits = fc.constantFrom<Bits>(4, 8);
const matrix = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 100 })).chain(([rows, columns]) =>
  fc.record({
    size: fc.constant([rows, columns] as const),
    values: fc
      .array(fc.float({ min: -50, max: 50, noNaN: true }), { minLength: rows * columns, maxLength: rows * columns })
      .map((values) => Float32Array.from(values)),
  }),
);

describe('quantising', () => {
  it('is off by half a step at most, and by one at the far end of a block', () => {
    fc.assert(
      fc.property(matrix, bits, ({ size, values }, bits) => {
        const scales = blockScales(values, size, bits);
        const back = dequantise(packBlocks(values, size, bits, scales), scales, size, bits);
        values.forEach((value, i) => {
          const [row, column] = [Math.floor(i / size[1]), i % size[1]];
          const scale = scales[row * blocksOf(size[1]) + Math.floor(column / blockSize)]!;
          const far = value / scale > 2 ** (bits - 1) - 1.5;
          const allowed = Math.abs(scale) * (far ? 1 : 0.5) + 1e-5 * Math.abs(value) + 1e-30;
          assert.ok(Math.abs(back[i]! - value) <= allowed, `${value} became ${back[i]}, with steps of ${scale}`);
        });
      }),
    );
  });

  it('keeps what can be told exactly', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -7, max: 7 }), { minLength: 1, maxLength: 70 }),
        fc.constantFrom(1, 0.25, 8),
        (units, scale) => {
          const values = Float32Array.from([-8, ...units], (unit) => unit * scale).slice(0, blockSize);
          const size = [1, values.length] as const;
          const scales = blockScales(values, size, 4);
          assert.deepEqual(dequantise(packBlocks(values, size, 4, scales), scales, size, 4), values);
        },
      ),
    );
  });

  it('lays bits out as MatMulNBits reads them', () => {
    const values = Float32Array.of(-8, 7, 0, 1, -1);
    const packed = packBlocks(values, [1, 5], 4, blockScales(values, [1, 5], 4));
    assert.deepEqual([...packed.subarray(0, 4)], [0xf0, 0x98, 0x87, 0x88]);
    assert.equal(packed.length, 16);
    const bytes = Float32Array.of(-128, 127, 0);
    assert.deepEqual(
      [...packBlocks(bytes, [1, 3], 8, blockScales(bytes, [1, 3], 8)).subarray(0, 4)],
      [0, 255, 128, 128],
    );
  });

  it('makes zeros of zeros', () => {
    const values = new Float32Array(70);
    const scales = blockScales(values, [2, 35], 8);
    assert.deepEqual(dequantise(packBlocks(values, [2, 35], 8, scales), scales, [2, 35], 8), values);
  });
});
