/**
 * Blockwise quantisation as ONNX Runtime's MatMulNBits reads it: 32 numbers along a row share a scale, and each becomes 4 or 8
 * bits. Symmetric: the zero point is the middle, 8 or 128.
 */

export type Bits = 4 | 8;

/** Numbers along a row that share a scale. */
export const blockSize = 32;

/** Blocks of a row; the last one may be filled up. */
export const blocksOf = (columns: number): number => Math.ceil(columns / blockSize);

export const bytesPerBlock = (bits: Bits): number => (blockSize * bits) / 8;

/** Of a matrix [rows, columns]. The scale's sign is chosen so that the largest number is one that can be told exactly. */
export function blockScales(
  values: Float32Array,
  [rows, columns]: readonly [number, number],
  bits: Bits,
): Float32Array<ArrayBuffer> {
  const blocks = blocksOf(columns);
  const scales = new Float32Array(rows * blocks);
  const lowest = -(2 ** (bits - 1));
  for (let row = 0, i = 0; row < rows; row++) {
    const end = (row + 1) * columns;
    for (let from = row * columns; from < end; from += blockSize) {
      const to = Math.min(from + blockSize, end);
      let extreme = 0;
      for (let j = from; j < to; j++) if (Math.abs(values[j]!) > Math.abs(extreme)) extreme = values[j]!;
      scales[i++] = extreme === 0 ? 0 : extreme / lowest;
    }
  }
  return scales;
}

/**
 * The matrix in units of its scales, [rows, blocks, bytes of a block]. Of two numbers in a byte the first is the lower half; what
 * fills the last block of a row up is 0.
 */
export function packBlocks(
  values: Float32Array,
  [rows, columns]: readonly [number, number],
  bits: Bits,
  scales: Float32Array,
): Uint8Array<ArrayBuffer> {
  const blocks = blocksOf(columns);
  const middle = 2 ** (bits - 1);
  const most = 2 ** bits - 1;
  const packed = new Uint8Array(rows * blocks * bytesPerBlock(bits)).fill(bits === 8 ? middle : middle | (middle << 4));
  for (let row = 0; row < rows; row++) {
    for (let block = 0; block < blocks; block++) {
      const at = row * blocks + block;
      const scale = scales[at]!;
      // Of subnormal scales the reciprocal is infinite.
      const inverse = Number.isFinite(1 / scale) ? 1 / scale : 0;
      const from = block * blockSize;
      const count = Math.min(blockSize, columns - from);
      for (let j = 0; j < count; j++) {
        const units = Math.round(values[row * columns + from + j]! * inverse) + middle;
        const code = units < 0 ? 0 : units > most ? most : units;
        if (bits === 8) packed[at * blockSize + j] = code;
        else {
          const place = at * 16 + (j >> 1);
          packed[place] = j & 1 ? (packed[place]! & 15) | (code << 4) : (packed[place]! & 0xf0) | code;
        }
      }
    }
  }
  return packed;
}

/** What is left of the matrix [rows, columns]. */
export function dequantise(
  packed: Uint8Array,
  scales: Float32Array,
  [rows, columns]: readonly [number, number],
  bits: Bits,
): Float32Array<ArrayBuffer> {
  const blocks = blocksOf(columns);
  const values = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const at = row * blocks + Math.floor(column / blockSize);
      const j = column % blockSize;
      const code = bits === 8 ? packed[at * blockSize + j]! : (packed[at * 16 + (j >> 1)]! >> (j & 1 ? 4 : 0)) & 15;
      values[row * columns + column] = (code - 2 ** (bits - 1)) * scales[at]!;
    }
  }
  return values;
}
