/**
 * Fewer numbers than the embedding has, found without a label: the directions in which the candidates of one place differ most.
 * What all candidates of a place have in common is what the code is about; in what they differ, they differ by style, and that is
 * what there is to learn from few labels. A projection is plain data and is kept with the model that was trained on its rows.
 */
import { seeded } from '../../../tensor/random.ts';
import { dot } from '../cholesky.ts';
import type { Block } from '../reward/bayesianLinear.ts';

/** Linear: rows of pairs, which are differences, may be projected as well as candidates. */
export interface Projection {
  /** Features before this one go through, times `scale`; those from here on are projected. */
  readonly from: number;
  /** Of the features that go through, but for the bias, the first. */
  readonly scale: number;
  /** Of `directions`: features from `from` on, and how many directions there are. */
  readonly shape: readonly [size: number, kept: number];
  /** Row-major, one direction a column. Single precision: what is stored is exactly what was fitted. */
  readonly directions: Float32Array<ArrayBuffer>;
}

/** How much of the embedding is kept, and `scale` as above. */
export interface ProjectionSize {
  readonly kept: number;
  readonly scale: number;
}

/**
 * A reward model learns from the evidence how much each block matters, and so may have many directions (seeds 0 to 9 of the
 * simulation, Spearman at 50, 100, 200, 500 ratings: 32 .527 .607 .643 .669, 64 .530 .609 .648 .677, 96 .531 .610 .648 .677).
 */
export const rewardProjection: ProjectionSize = { kept: 64, scale: 1 };
/**
 * A linear bandit explores every direction it has (regret of LinUCB against random's; seeds 0 to 3: 128 hashed dimensions .593, 48
 * directions of 384 .50; seeds 0 to 5: 32 .468, 24 .461; named features times 0.5 .461, 0.3 .453).
 */
export const selectorProjection: ProjectionSize = { kept: 32, scale: 0.4 };

/** So long is the projected part of a row, in the mean of squares. */
const length = 1.5;
/**
 * And so long the embedding is taken to be where nothing was seen yet, which counts as one row. Folded it is shorter, so that little is
 * made of it at first; stretched to `length` it is worse for who begins with it (seeds 0 and 2: regret 216, 205 against 257, 204).
 */
const usualLength = 4;
/** The last places are enough: more cost time and turn the directions by less than it matters. */
const mostPlaces = 500;
/** Weight of the folded directions, of what the rows weigh together: they only fill up what few rows leave open. */
const foldedWeight = 1e-3;
/** Of subspace iteration (Golub and Van Loan, Matrix Computations, 8.2.4). */
const rounds = 12;

/**
 * `blocks`: of the features; the last one is projected. `places`: the features of the candidates of each, in the order of time; of a
 * single candidate, which differs from none, the row itself. Where there are fewer rows than directions the rest folds the embedding,
 * element i onto direction i mod `kept`: that is the same hashing with fewer dimensions, and all there is without any row. The same
 * places give the same projection.
 */
export function fitProjection(
  places: readonly (readonly Float64Array[])[],
  blocks: readonly Block[],
  { kept, scale }: ProjectionSize,
): Projection {
  const { start: from = 0, end = 0 } = blocks.at(-1) ?? {};
  const size = end - from;
  const latest = places.slice(-mostPlaces).map((rows) => rows.map((row) => row.subarray(from)));
  const basis =
    latest.length === 0
      ? foldedDirections(size, kept)
      : principalDirections(momentsOf(latest.flatMap(differences), size), size, kept);
  let [squares, count] = [usualLength ** 2, 1];
  for (const row of latest.flat()) {
    for (const direction of basis) squares += dot(direction, row) ** 2;
    count += 1;
  }
  const stretch = length / Math.sqrt(squares / count);
  const directions = new Float32Array(kept * size);
  basis.forEach((direction, i) => {
    for (let j = 0; j < size; j += 1) directions[j * kept + i] = stretch * direction[j]!;
  });
  return { from, scale, shape: [size, kept], directions };
}

/** As many as go through, and the directions. Throws a RangeError when `features` are of another length than those it was fitted on. */
export function projected({ from, scale, shape: [size, kept], directions }: Projection, features: Float64Array) {
  if (features.length !== from + size) {
    throw new RangeError(`A row has ${features.length} features, the projection ${from + size}.`);
  }
  const row = new Float64Array(from + kept);
  for (let i = 0; i < from; i += 1) row[i] = (i === 0 ? 1 : scale) * features[i]!;
  // Most of a hashed difference is 0.
  for (let j = 0; j < size; j += 1) {
    const value = features[from + j]!;
    if (value === 0) continue;
    for (let i = 0; i < kept; i += 1) row[from + i]! += value * directions[j * kept + i]!;
  }
  return row;
}

/** Of projected rows. */
export const projectedBlocks = (
  blocks: readonly Block[],
  { shape: [, kept] }: Pick<Projection, 'shape'>,
): readonly Block[] =>
  blocks.map((block, i) => (i === blocks.length - 1 ? { ...block, end: block.start + kept } : block));

/** From the mean of the place. */
function differences(rows: readonly Float64Array[]): readonly Float64Array[] {
  if (rows.length < 2) return rows;
  const mean = new Float64Array(rows[0]!.length);
  for (const row of rows) for (let i = 0; i < mean.length; i += 1) mean[i]! += row[i]! / rows.length;
  return rows.map((row) => row.map((value, i) => value - mean[i]!));
}

/** Σ x xᵀ, [size, size]. */
function momentsOf(rows: readonly Float64Array[], size: number): Float64Array {
  const moments = new Float64Array(size * size);
  for (const row of rows) {
    for (let i = 0; i < size; i += 1) {
      const value = row[i]!;
      if (value === 0) continue;
      const line = i * size;
      for (let j = 0; j <= i; j += 1) moments[line + j]! += value * row[j]!;
    }
  }
  for (let i = 0; i < size; i += 1) for (let j = 0; j < i; j += 1) moments[j * size + i] = moments[i * size + j]!;
  return moments;
}

function addFolded(moments: Float64Array, size: number, kept: number): void {
  let trace = 0;
  for (let i = 0; i < size; i += 1) trace += moments[i * size + i]!;
  const weight = trace === 0 ? 1 : (foldedWeight * trace) / size;
  for (let i = 0; i < size; i += 1) {
    for (let j = i % kept; j < size; j += kept) moments[i * size + j]! += weight;
  }
}

const foldedDirections = (size: number, kept: number): readonly Float64Array[] =>
  Array.from({ length: kept }, (_, i) => {
    const share = 1 / Math.sqrt(Math.max(1, Math.ceil((size - i) / kept)));
    return Float64Array.from({ length: size }, (_, j) => (j % kept === i ? share : 0));
  });

/** Of length 1, at right angles to each other; the strongest first, nearly. */
function principalDirections(moments: Float64Array, size: number, kept: number): readonly Float64Array[] {
  addFolded(moments, size, kept);
  const random = seeded(1);
  const lines = Array.from({ length: size }, (_, i) => moments.subarray(i * size, (i + 1) * size));
  let basis = Array.from({ length: kept }, () => Float64Array.from({ length: size }, () => random() - 0.5));
  for (let round = 0; round < rounds; round += 1) {
    basis = orthonormal(basis.map((direction) => Float64Array.from(lines, (line) => dot(direction, line))));
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
      for (let i = 0; i < left.length; i += 1) left[i]! -= along * earlier[i]!;
    }
    const norm = Math.hypot(...left) || 1;
    basis.push(left.map((value) => value / norm));
  }
  return basis;
}
