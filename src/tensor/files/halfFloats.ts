/** float16 and bfloat16, kept as their bits, to float32 and back. */

let halfTable: Uint32Array | undefined;

/** Bits of the float32 for each of the 65 536 float16 (IEEE 754 binary16). */
function floatBitsOfHalf(): Uint32Array {
  if (halfTable) return halfTable;
  const table = new Uint32Array(65_536);
  for (let half = 0; half < 65_536; half++) {
    const sign = (half & 0x8000) << 16;
    const exponent = (half >>> 10) & 0x1f;
    let mantissa = half & 0x3ff;
    let bits: number;
    if (exponent === 0x1f) bits = 0x7f800000 | (mantissa << 13);
    else if (exponent !== 0) bits = ((exponent + 112) << 23) | (mantissa << 13);
    else if (mantissa === 0) bits = 0;
    else {
      // Subnormal in float16, normal in float32: move the leading one to where it is implied.
      let exponent32 = 113;
      while ((mantissa & 0x400) === 0) {
        mantissa <<= 1;
        exponent32--;
      }
      bits = (exponent32 << 23) | ((mantissa & 0x3ff) << 13);
    }
    table[half] = sign | bits;
  }
  halfTable = table;
  return table;
}

/** Exact: every float16 is a float32. */
export function float16ToFloat32(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const table = floatBitsOfHalf();
  const bits = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) bits[i] = table[halves[i]!]!;
  return new Float32Array(bits.buffer);
}

/** Exact: a bfloat16 is the upper half of a float32. */
export function bfloat16ToFloat32(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const bits = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) bits[i] = halves[i]! << 16;
  return new Float32Array(bits.buffer);
}

const bitsOf = (floats: Float32Array): Uint32Array =>
  new Uint32Array(floats.buffer as ArrayBuffer, floats.byteOffset, floats.length);

/** Rounds to nearest, ties to even. From 65 520 on it is infinity; NaN stays NaN. */
export function float32ToFloat16(floats: Float32Array): Uint16Array<ArrayBuffer> {
  const bits = bitsOf(floats);
  const halves = new Uint16Array(bits.length);
  for (let i = 0; i < bits.length; i++) halves[i] = halfOf(bits[i]!);
  return halves;
}

function halfOf(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const size = bits & 0x7fffffff;
  if (size > 0x7f800000) return sign | 0x7e00 | ((size >>> 13) & 0x3ff);
  // 65 520, halfway between the largest float16 and what would be the next.
  if (size >= 0x477ff000) return sign | 0x7c00;
  // 2^-14, the smallest normal float16. A carry out of the mantissa raises the exponent, as it should.
  if (size >= 0x38800000) return sign | ((size + 0xfff + ((size >>> 13) & 1) - 0x38000000) >>> 13);
  // 2^-25, half of the smallest subnormal: the tie goes to zero.
  if (size <= 0x33000000) return sign;
  const shift = 126 - (size >>> 23);
  const mantissa = (size & 0x7fffff) | 0x800000;
  const kept = mantissa >>> shift;
  const rest = mantissa & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return sign | (kept + (rest > half || (rest === half && (kept & 1) === 1) ? 1 : 0));
}

/** Rounds to nearest, ties to even; NaN stays NaN. */
export function float32ToBfloat16(floats: Float32Array): Uint16Array<ArrayBuffer> {
  const bits = bitsOf(floats);
  const halves = new Uint16Array(bits.length);
  for (let i = 0; i < bits.length; i++) {
    const one = bits[i]!;
    const nan = (one & 0x7fffffff) > 0x7f800000;
    halves[i] = nan ? (one >>> 16) | 0x40 : (one + 0x7fff + ((one >>> 16) & 1)) >>> 16;
  }
  return halves;
}
