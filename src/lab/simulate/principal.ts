import { seeded } from '../../tensor/random.ts';

/**
 * The directions in which rows differ most, as rows of length 1: principal components by subspace iteration (Golub and Van Loan,
 * 8.2). Rows are taken as they are, without their mean: a difference of embeddings is 0 where nothing changed.
 */
export function principalDirections(rows: readonly Float64Array[], count: number, rounds = 30): Float64Array[] {
  const size = rows[0]!.length;
  const random = seeded(1);
  let basis = Array.from({ length: count }, () => Float64Array.from({ length: size }, () => random() - 0.5));
  const moments = Array.from({ length: size }, () => new Float64Array(size));
  for (const row of rows) {
    for (let i = 0; i < size; i += 1) {
      const value = row[i]!;
      if (value === 0) continue;
      const line = moments[i]!;
      for (let j = 0; j < size; j += 1) line[j]! += value * row[j]!;
    }
  }
  for (let round = 0; round < rounds; round += 1) {
    basis = orthonormal(
      basis.map((direction) => moments.map((line) => dot(line, direction))).map((values) => Float64Array.from(values)),
    );
  }
  return basis;
}

/** Gram and Schmidt, one after another. */
function orthonormal(directions: readonly Float64Array<ArrayBuffer>[]): Float64Array<ArrayBuffer>[] {
  const basis: Float64Array<ArrayBuffer>[] = [];
  for (const direction of directions) {
    const left = direction.slice();
    for (const earlier of basis) {
      const along = dot(earlier, left);
      for (let at = 0; at < left.length; at += 1) left[at]! -= along * earlier[at]!;
    }
    const length = Math.hypot(...left) || 1;
    basis.push(left.map((value) => value / length));
  }
  return basis;
}

export function dot(one: ArrayLike<number>, other: ArrayLike<number>): number {
  let sum = 0;
  for (let at = 0; at < one.length; at += 1) sum += one[at]! * other[at]!;
  return sum;
}
