/** Vectors by id in one contiguous matrix, searched exactly: 10 000 × 384 take about 1 ms, so there is no index. */
import { dotKernel } from './dotKernel.ts';

/** A row that is similar enough. `similarity`: cosine, because rows and queries have unit length. */
export interface Hit {
  readonly id: string;
  readonly similarity: number;
}

/** The living rows, packed: for storage. `matrix` holds `ids.length × dimensions` values in the order of `ids`. */
export interface PackedVectors {
  readonly ids: readonly string[];
  readonly matrix: Float32Array;
}

/** Dead rows are tolerated up to this many plus a quarter of all; then the living ones move together. */
const toleratedDead = 256;
/** Similarities are sorted into this many drawers first, then drawer by drawer, so many rows together. */
const buckets = 128;
const sortedAtOnce = 192;

// The memory: the query, the results of one block of rows, then the rows, each padded with zeros to a multiple of 32 bytes.
const pageBytes = 65_536;
const resultsAt = pageBytes;
const blockRows = pageBytes / 4;
const rowsAt = 2 * pageBytes;
const mostDimensions = pageBytes / 4;

export class Vectors {
  readonly dimensions: number;
  readonly #rowBytes: number;
  readonly #kernel = dotKernel(rowsAt / pageBytes);
  /** Row → id; null: a tombstone. */
  #ids: (string | null)[] = [];
  readonly #rows = new Map<string, number>();

  /** Throws RangeError on more than 16 384 dimensions. */
  constructor(dimensions: number, packed?: PackedVectors) {
    if (dimensions > mostDimensions) throw new RangeError(`Vectors of ${dimensions} are too long.`);
    this.dimensions = dimensions;
    this.#rowBytes = Math.ceil(dimensions / 8) * 32;
    if (!packed) return;
    this.#reserve(packed.ids.length);
    for (const [row, id] of packed.ids.entries())
      this.set(id, packed.matrix.subarray(row * dimensions, (row + 1) * dimensions));
  }

  /** Living rows. */
  get size(): number {
    return this.#rows.size;
  }

  has(id: string): boolean {
    return this.#rows.has(id);
  }

  ids(): IterableIterator<string> {
    return this.#rows.keys();
  }

  /** A view of the row, valid until the next change. */
  get(id: string): Float32Array | null {
    const row = this.#rows.get(id);
    return row === undefined ? null : this.#view(row);
  }

  /** Adds a row or writes over it. Throws RangeError on a vector of another length, and when there is no more memory. */
  set(id: string, vector: Float32Array): void {
    if (vector.length !== this.dimensions) {
      throw new RangeError(`A vector of ${vector.length} does not fit ${this.dimensions} columns.`);
    }
    let row = this.#rows.get(id);
    if (row === undefined) {
      row = this.#ids.length;
      this.#reserve(row + 1);
      this.#ids.push(id);
      this.#rows.set(id, row);
    }
    this.#view(row).set(vector);
  }

  /** Leaves a tombstone, and no trace of the vector. */
  delete(id: string): boolean {
    const row = this.#rows.get(id);
    if (row === undefined) return false;
    this.#rows.delete(id);
    this.#ids[row] = null;
    this.#view(row).fill(0);
    if (this.#ids.length - this.size > toleratedDead + this.#ids.length / 4) this.#compact();
    return true;
  }

  /**
   * Every living row with a similarity of at least `minimum`, best first. Sorted a few hundred at a time: who looks at the first
   * hundred doesn't wait for the order of thousands. Ends with the next change.
   */
  *search(query: Float32Array, minimum: number): Generator<Hit, void, undefined> {
    const similarities = this.#similarities(query);
    const least = Math.max(minimum, -1);
    const width = Math.max(1 - least, 1e-6) / buckets;
    const bucketOf = (similarity: number): number =>
      Math.min(buckets - 1, Math.max(0, Math.floor((similarity - least) / width)));
    const counts = new Uint32Array(buckets);
    for (let row = 0; row < similarities.length; row++) {
      const similarity = similarities[row]!;
      if (similarity >= minimum) counts[bucketOf(similarity)]! += 1;
    }
    for (let top = buckets - 1; top >= 0; ) {
      const last = top;
      let count = 0;
      while (top >= 0 && count < sortedAtOnce) count += counts[top--]!;
      const hits: Hit[] = [];
      for (let row = 0; row < similarities.length && count > 0; row++) {
        const similarity = similarities[row]!;
        if (similarity < minimum) continue;
        const bucket = bucketOf(similarity);
        if (bucket <= top || bucket > last) continue;
        const id = this.#ids[row];
        if (id !== null && id !== undefined) hits.push({ id, similarity });
      }
      yield* hits.sort((x, y) => y.similarity - x.similarity);
    }
  }

  /** Of every row, dead ones too. */
  #similarities(query: Float32Array): Float32Array {
    const { memory, run } = this.#kernel;
    const padded = new Float32Array(memory.buffer, 0, this.#rowBytes / 4).fill(0);
    padded.set(query);
    const all = new Float32Array(this.#ids.length);
    for (let first = 0; first < all.length; first += blockRows) {
      const rows = Math.min(blockRows, all.length - first);
      run(rowsAt + first * this.#rowBytes, 0, resultsAt, rows, this.#rowBytes);
      all.set(new Float32Array(memory.buffer, resultsAt, rows), first);
    }
    return all;
  }

  /** A copy of the living rows. */
  packed(): PackedVectors {
    const ids: string[] = [];
    const matrix = new Float32Array(this.size * this.dimensions);
    for (const [row, id] of this.#ids.entries()) {
      if (id === null) continue;
      matrix.set(this.#view(row), ids.length * this.dimensions);
      ids.push(id);
    }
    return { ids, matrix };
  }

  #view(row: number): Float32Array {
    return new Float32Array(this.#kernel.memory.buffer, rowsAt + row * this.#rowBytes, this.dimensions);
  }

  /** Moves the living rows down over the dead ones, and wipes what they leave behind. */
  #compact(): void {
    const bytes = new Uint8Array(this.#kernel.memory.buffer, rowsAt, this.#ids.length * this.#rowBytes);
    const ids: string[] = [];
    for (const [row, id] of this.#ids.entries()) {
      if (id === null) continue;
      bytes.copyWithin(ids.length * this.#rowBytes, row * this.#rowBytes, (row + 1) * this.#rowBytes);
      this.#rows.set(id, ids.length);
      ids.push(id);
    }
    bytes.fill(0, ids.length * this.#rowBytes);
    this.#ids = ids;
  }

  /** Room for so many rows; grows by half, in place. */
  #reserve(rows: number): void {
    const { memory } = this.#kernel;
    const needed = rowsAt + rows * this.#rowBytes - memory.buffer.byteLength;
    if (needed <= 0) return;
    const pages = Math.ceil(needed / pageBytes);
    const generous = Math.max(pages, Math.ceil(memory.buffer.byteLength / pageBytes / 2));
    try {
      memory.grow(generous);
    } catch {
      memory.grow(pages);
    }
  }
}

/** Dot product; of unit vectors, the cosine of the angle between them. Four sums, so that no addition waits for the last one. */
export function dot(a: Float32Array, b: Float32Array): number {
  let [one, two, three, four] = [0, 0, 0, 0];
  const even = a.length - (a.length % 4);
  for (let i = 0; i < even; i += 4) {
    one += a[i]! * b[i]!;
    two += a[i + 1]! * b[i + 1]!;
    three += a[i + 2]! * b[i + 2]!;
    four += a[i + 3]! * b[i + 3]!;
  }
  for (let i = even; i < a.length; i++) one += a[i]! * b[i]!;
  return one + two + (three + four);
}
