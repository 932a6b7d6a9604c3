/** Symmetric positive definite systems, row-major in Float64Array: factor, solve, never invert more than the factor. */

/** What is added to the diagonal, relative to its mean, when rounding made a matrix indefinite; times 10 until it is enough. */
const firstJitter = 1e-9;

/**
 * L with A = L·Lᵀ in its lower half, from the lower half of A; with jitter where rounding made A indefinite. Throws a RangeError
 * when A is far from positive definite, or not finite.
 */
export function factorOf(a: Float64Array, size: number): Float64Array {
  let trace = 0;
  for (let i = 0; i < size; i += 1) trace += a[i * size + i]!;
  for (let jitter = 0; jitter < 1e-3; jitter = Math.max(firstJitter, jitter * 10)) {
    const factor = Float64Array.from(a);
    for (let i = 0; i < size; i += 1) factor[i * size + i]! += (jitter * trace) / size;
    if (factorInPlace(factor, size)) return factor;
  }
  throw new RangeError('The matrix is not positive definite, even with jitter: is a feature not finite?');
}

function factorInPlace(a: Float64Array, size: number): boolean {
  for (let i = 0; i < size; i += 1) {
    const row = i * size;
    for (let j = 0; j <= i; j += 1) {
      const other = j * size;
      let sum = a[row + j]!;
      for (let k = 0; k < j; k += 1) sum -= a[row + k]! * a[other + k]!;
      if (i !== j) a[row + j] = sum / a[other + j]!;
      else if (sum > 0 && Number.isFinite(sum)) a[row + j] = Math.sqrt(sum);
      else return false;
    }
  }
  return true;
}

/** L⁻¹·b */
export function forward(factor: Float64Array, b: ArrayLike<number>): Float64Array<ArrayBuffer> {
  const size = b.length;
  const x = new Float64Array(size);
  for (let i = 0; i < size; i += 1) {
    const row = i * size;
    let sum = b[i]!;
    for (let k = 0; k < i; k += 1) sum -= factor[row + k]! * x[k]!;
    x[i] = sum / factor[row + i]!;
  }
  return x;
}

/** L⁻ᵀ·b */
export function backward(factor: Float64Array, b: ArrayLike<number>): Float64Array<ArrayBuffer> {
  const size = b.length;
  const x = Float64Array.from(b);
  for (let i = size - 1; i >= 0; i -= 1) {
    const row = i * size;
    const value = x[i]! / factor[row + i]!;
    x[i] = value;
    for (let k = 0; k < i; k += 1) x[k]! -= factor[row + k]! * value;
  }
  return x;
}

/** A⁻¹·b */
export const solve = (factor: Float64Array, b: ArrayLike<number>): Float64Array<ArrayBuffer> =>
  backward(factor, forward(factor, b));

/** bᵀ·A⁻¹·b */
export function quadratic(factor: Float64Array, b: ArrayLike<number>): number {
  let sum = 0;
  for (const value of forward(factor, b)) sum += value * value;
  return sum;
}

/** The diagonal of A⁻¹, from the columns of L⁻¹: a third of the work of inverting A. */
export function inverseDiagonal(factor: Float64Array, size: number): Float64Array {
  const diagonal = new Float64Array(size);
  // Row i of L⁻¹ as a combination of the rows above, so that memory is walked along rows.
  const inverse = new Float64Array(size * size);
  for (let i = 0; i < size; i += 1) {
    const row = i * size;
    for (let k = 0; k < i; k += 1) {
      const factorAt = factor[row + k]!;
      const above = k * size;
      for (let j = 0; j <= k; j += 1) inverse[row + j]! -= factorAt * inverse[above + j]!;
    }
    const scale = 1 / factor[row + i]!;
    for (let j = 0; j < i; j += 1) {
      const value = inverse[row + j]! * scale;
      inverse[row + j] = value;
      diagonal[j]! += value * value;
    }
    inverse[row + i] = scale;
    diagonal[i]! += scale * scale;
  }
  return diagonal;
}

/** L of A + x·xᵀ from L of A, in place: n² instead of n³ (Golub and Van Loan, Matrix Computations, 6.5.4). */
export function updateFactor(factor: Float64Array, x: ArrayLike<number>): void {
  const size = x.length;
  const rest = Float64Array.from(x);
  for (let k = 0; k < size; k += 1) {
    const old = factor[k * size + k]!;
    const radius = Math.hypot(old, rest[k]!);
    const cosine = radius / old;
    const sine = rest[k]! / old;
    factor[k * size + k] = radius;
    if (sine === 0) continue;
    for (let i = k + 1; i < size; i += 1) {
      const value = (factor[i * size + k]! + sine * rest[i]!) / cosine;
      factor[i * size + k] = value;
      rest[i] = cosine * rest[i]! - sine * value;
    }
  }
}

export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += a[i]! * b[i]!;
  return sum;
}
