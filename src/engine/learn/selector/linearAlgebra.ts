/** Symmetric positive definite systems, row-major; only lower triangles are read. */

/** L with A = L·Lᵀ, of `a` [size, size] plus `jitter` on its diagonal. */
export function choleskyOf(a: Float64Array, size: number, jitter = 1e-9): Float64Array {
  const factor = new Float64Array(size * size);
  for (let i = 0; i < size; i += 1) {
    const row = i * size;
    for (let j = 0; j <= i; j += 1) {
      const other = j * size;
      let sum = a[row + j]!;
      for (let k = 0; k < j; k += 1) sum -= factor[row + k]! * factor[other + k]!;
      factor[row + j] = i === j ? Math.sqrt(Math.max(sum + jitter, 1e-12)) : sum / factor[other + j]!;
    }
  }
  return factor;
}

/** L⁻¹·b */
export function forwardSolve(factor: Float64Array, b: ArrayLike<number>, size: number): Float64Array {
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
export function backwardSolve(factor: Float64Array, b: ArrayLike<number>, size: number): Float64Array {
  const x = Float64Array.from(b);
  for (let i = size - 1; i >= 0; i -= 1) {
    const row = i * size;
    x[i]! /= factor[row + i]!;
    const value = x[i]!;
    for (let k = 0; k < i; k += 1) x[k]! -= factor[row + k]! * value;
  }
  return x;
}

export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += a[i]! * b[i]!;
  return sum;
}
