import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { v7 } from 'uuid';
import { deleteOtherVectors, readVectors, vectorFileName, writeVectors } from './vectorFile.ts';
import { dot, Vectors } from './vectors.ts';

const unit = (values: readonly number[]): Float32Array => {
  const length = Math.hypot(...values) || 1;
  return Float32Array.from(values, (value) => value / length);
};
const dimensions = 6;
const vector = fc
  .array(fc.integer({ min: -9, max: 9 }), { minLength: dimensions, maxLength: dimensions })
  .filter((values) => values.some((value) => value !== 0))
  .map(unit);

describe('vectors', () => {
  it('finds exactly what is there after any mixture of adding, replacing and deleting', () => {
    const change = fc.oneof(
      fc.record({ type: fc.constant('set' as const), id: fc.integer({ min: 0, max: 40 }), vector }),
      fc.record({ type: fc.constant('delete' as const), id: fc.integer({ min: 0, max: 40 }) }),
    );
    fc.assert(
      fc.property(fc.array(change, { maxLength: 200 }), vector, (changes, query) => {
        const vectors = new Vectors(dimensions);
        const model = new Map<string, Float32Array>();
        for (const step of changes) {
          const id = `id${step.id}`;
          if (step.type === 'set') {
            vectors.set(id, step.vector);
            model.set(id, step.vector);
          } else assert.equal(vectors.delete(id), model.delete(id));
        }
        assert.equal(vectors.size, model.size);
        const hits = [...vectors.search(query, 0.1)];
        const expected = [...model].filter(([, row]) => dot(row, query) >= 0.1 + 1e-5).map(([id]) => id);
        for (const id of expected) assert.ok(hits.some((hit) => hit.id === id));
        for (const [i, hit] of hits.entries()) {
          assert.ok(Math.abs(hit.similarity - dot(model.get(hit.id)!, query)) < 1e-5);
          assert.ok(i === 0 || hits[i - 1]!.similarity >= hit.similarity);
          assert.deepEqual(vectors.get(hit.id), model.get(hit.id));
        }
      }),
    );
  });

  it('stays right and small through many deletions', () => {
    const vectors = new Vectors(dimensions);
    for (let i = 0; i < 3000; i++) {
      vectors.set(`${i}`, unit([i + 1, 1, 0, 0, 0, 0]));
      if (i >= 50) assert.ok(vectors.delete(`${i - 50}`));
    }
    assert.equal(vectors.size, 50);
    assert.deepEqual(
      [...vectors.ids()].sort(),
      Array.from({ length: 50 }, (_, i) => `${2950 + i}`),
    );
    assert.equal(vectors.packed().matrix.length, 50 * dimensions);
    assert.equal([...vectors.search(unit([1, 0, 0, 0, 0, 0]), 0.5)].length, 50);
    assert.throws(() => vectors.set('x', new Float32Array(dimensions + 1)), RangeError);
  });
});

describe('the kernel in WebAssembly', () => {
  it('gives the dot products of plain arithmetic, for every length and over block ends', () => {
    let state = 1;
    const next = (): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
      return state / 2 ** 31;
    };
    for (const [columns, rows] of [
      [1, 3],
      [7, 50],
      [8, 50],
      [9, 50],
      [384, 40],
      [1025, 5],
      [3, 40_000],
    ] as const) {
      const vectors = new Vectors(columns);
      const all = Array.from({ length: rows }, () => Float32Array.from({ length: columns }, next));
      for (const [i, row] of all.entries()) vectors.set(`${i}`, row);
      const query = Float32Array.from({ length: columns }, next);
      const hits = [...vectors.search(query, -Infinity)];
      assert.equal(hits.length, rows);
      for (const { id, similarity } of hits) {
        assert.ok(
          Math.abs(similarity - dot(all[Number(id)]!, query)) < 1e-4 * columns,
          `${columns} columns, row ${id}`,
        );
      }
    }
  });
});

describe('the vector file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'attune-vectors-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const identity = 'hashed:v1:6';
  const ids = Array.from({ length: 20 }, () => v7());
  const matrix = Float32Array.from({ length: 20 * dimensions }, (_, i) => Math.sin(i));
  const path = join(folder, vectorFileName(identity));

  it('gives back what was written, to the same embedder only', async () => {
    await writeVectors(folder, identity, dimensions, { ids, matrix });
    assert.deepEqual(await readVectors(folder, identity, dimensions), { ids, matrix });
    assert.equal(await readVectors(folder, 'hashed:v2:6', dimensions), null);
    assert.equal(await readVectors(folder, identity, 7), null);
    await writeVectors(folder, identity, dimensions, { ids: [], matrix: new Float32Array(0) });
    assert.deepEqual(await readVectors(folder, identity, dimensions), { ids: [], matrix: new Float32Array(0) });
  });

  it('counts as absent when any byte of it is wrong or missing', async () => {
    await writeVectors(folder, identity, dimensions, { ids, matrix });
    const whole = readFileSync(path);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(whole.length - 1),
        fc.integer({ min: 1, max: 255 }),
        fc.boolean(),
        async (at, mask, cut) => {
          const bytes = Buffer.from(whole);
          bytes[at]! ^= mask;
          writeFileSync(path, cut ? whole.subarray(0, at) : bytes);
          assert.equal(await readVectors(folder, identity, dimensions), null);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('goes when another embedder took over', async () => {
    await writeVectors(folder, identity, dimensions, { ids, matrix });
    await writeVectors(folder, 'semantic:x', dimensions, { ids, matrix });
    writeFileSync(join(folder, `${vectorFileName('semantic:y')}.1234.tmp`), '');
    writeFileSync(join(folder, 'memory.sqlite'), '');
    await deleteOtherVectors(folder, ['semantic:x']);
    assert.deepEqual(readdirSync(folder).sort(), ['memory.sqlite', vectorFileName('semantic:x')].sort());
  });
});
