import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { sizeOf } from '../graph/types.ts';
import { appendRows } from './workerAppends.ts';
import type { StateEntry } from './workerState.ts';

const coordinates = (index: number, shape: readonly number[]): number[] =>
  shape.map((extent, axis) => Math.floor(index / sizeOf(shape.slice(axis + 1))) % extent);
const indexOf = (at: readonly number[], shape: readonly number[]): number =>
  at.reduce((index, coordinate, axis) => index * shape[axis]! + coordinate, 0);

describe('rows added to a state', () => {
  it('stand where the axis and the positions say, and nothing else changes', () => {
    const cases = fc
      .record({
        shape: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 2, maxLength: 4 }),
        axisDraw: fc.nat(),
        rowsDraw: fc.nat(),
        oneForAll: fc.boolean(),
        draws: fc.array(fc.nat(), { minLength: 4, maxLength: 4 }),
      })
      .map(({ shape, axisDraw, rowsDraw, oneForAll, draws }) => {
        const axis = 1 + (axisDraw % (shape.length - 1));
        const rows = 1 + (rowsDraw % shape[axis]!);
        const positions = draws.slice(0, oneForAll ? 1 : shape[0]).map((draw) => draw % (shape[axis]! - rows + 1));
        return { shape, axis, rows, positions };
      });
    fc.assert(
      fc.property(cases, ({ shape, axis, rows, positions }) => {
        const added = shape.map((extent, i) => (i === axis ? rows : extent));
        const before = Float32Array.from({ length: sizeOf(shape) }, (_, i) => -1 - i);
        const data = Float32Array.from({ length: sizeOf(added) }, (_, i) => i);
        const expected = before.slice();
        data.forEach((value, i) => {
          const at = coordinates(i, added);
          at[axis]! += positions[positions.length === 1 ? 0 : at[0]!]!;
          expected[indexOf(at, shape)] = value;
        });
        const entry = { dtype: 'float32', shape, current: { data: before } } as unknown as StateEntry;
        appendRows({ state: 's', output: 'o', position: 'p', axis, rows, shape }, entry, data, positions);
        assert.deepEqual(before, expected);
      }),
    );
  });
});
