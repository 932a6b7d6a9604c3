import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bfloat16ToFloat32, float16ToFloat32, float32ToBfloat16, float32ToFloat16 } from './halfFloats.ts';

const all = Uint16Array.from({ length: 65_536 }, (_, bits) => bits);

/** A value from its fields, by the formula of IEEE 754 and nothing shared with the code under test. */
function numberOf(bits: number, exponentBits: number, mantissaBits: number): number {
  const sign = bits >>> 15 === 1 ? -1 : 1;
  const exponent = (bits >>> mantissaBits) & (2 ** exponentBits - 1);
  const mantissa = bits & (2 ** mantissaBits - 1);
  const bias = 2 ** (exponentBits - 1) - 1;
  if (exponent === 2 ** exponentBits - 1) return mantissa === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * mantissa * 2 ** (1 - bias - mantissaBits);
  return sign * (1 + mantissa / 2 ** mantissaBits) * 2 ** (exponent - bias);
}

/** The nearest of all finite values (or infinity, past the middle to the next one), ties to the even bits. */
function nearest(value: number, exponentBits: number, mantissaBits: number): number {
  const infinity = (2 ** exponentBits - 1) * 2 ** mantissaBits;
  // Values grow with their bits, so bisection finds the neighbours; infinity stands for the next power of two.
  const at = (bits: number) =>
    bits === infinity ? 2 ** (2 ** (exponentBits - 1)) : numberOf(bits, exponentBits, mantissaBits);
  const size = Math.abs(value);
  let low = 0;
  let high = infinity;
  if (size >= at(infinity)) low = infinity;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (at(middle) <= size) low = middle;
    else high = middle;
  }
  const below = size - at(low);
  const above = at(high) - size;
  const bits = low === infinity || below < above || (below === above && low % 2 === 0) ? low : high;
  return bits + (Object.is(Math.sign(value), -1) || Object.is(value, -0) ? 0x8000 : 0);
}

const formats = [
  { name: 'float16', exponent: 5, mantissa: 10, widen: float16ToFloat32, narrow: float32ToFloat16 },
  { name: 'bfloat16', exponent: 8, mantissa: 7, widen: bfloat16ToFloat32, narrow: float32ToBfloat16 },
] as const;

for (const { name, exponent, mantissa, widen, narrow } of formats) {
  test(`${name}: each of the 65 536 becomes the float32 of the same value`, () => {
    const floats = widen(all);
    const wrong = [...all].filter((bits) => !Object.is(floats[bits], numberOf(bits, exponent, mantissa)));
    assert.deepEqual(wrong, []);
  });

  test(`${name}: widening and narrowing again changes no bit, NaN stays NaN`, () => {
    const floats = widen(all);
    const back = narrow(floats);
    const wrong = [...all].filter((bits) =>
      Number.isNaN(floats[bits]) ? !Number.isNaN(widen(back.subarray(bits, bits + 1))[0]) : back[bits] !== bits,
    );
    assert.deepEqual(wrong, []);
  });

  test(`${name}: float32 is rounded to the nearest, ties to even`, () => {
    const floats = widen(all);
    const finite = [...floats].filter(Number.isFinite);
    // The middles between neighbours, and the float32 right beside them.
    const middles = finite.flatMap((value, i) => {
      const middle = Math.fround((value + (finite[i + 1] ?? 0)) / 2);
      return [middle, middle * (1 + 2 ** -23), middle * (1 - 2 ** -23)];
    });
    const values = Float32Array.from([...middles, 65_519.99, 65_520, -65_520, 3.4e38, -0, 2 ** -25, 2 ** -149]);
    const narrowed = narrow(values);
    const wrong = [...values].filter((value, i) => narrowed[i] !== nearest(value, exponent, mantissa));
    assert.deepEqual(wrong.slice(0, 5), []);
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        assert.equal(narrow(Float32Array.of(value))[0], nearest(value, exponent, mantissa));
      }),
      { numRuns: 2000 },
    );
  });
}
