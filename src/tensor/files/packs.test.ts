import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PackLayout } from '../model.ts';
import { joinPacks, splitPacks } from './packs.ts';
import { WeightsError } from './weightNames.ts';

const layouts: readonly PackLayout[] = [
  {
    pack: 'decayed',
    size: 9,
    parameters: [
      { name: 'w', shape: [2, 2], offset: 0 },
      { name: 'u', shape: [3], offset: 6 },
    ],
  },
  { pack: 'plain', size: 2, parameters: [{ name: 'norm', shape: [2], offset: 0 }] },
];
const packs = new Map([
  ['decayed', Float32Array.of(1, 2, 3, 4, 0, 0, 5, 6, 7)],
  ['plain', Float32Array.of(8, 9)],
]);

test('parameters are views of their pack, and join into the same packs again', () => {
  const tensors = splitPacks(layouts, packs);
  assert.deepEqual(
    tensors.map(({ name, shape, data }) => [name, shape, [...data]]),
    [
      ['w', [2, 2], [1, 2, 3, 4]],
      ['u', [3], [5, 6, 7]],
      ['norm', [2], [8, 9]],
    ],
  );
  assert.equal(tensors[1]!.data.buffer, packs.get('decayed')!.buffer);
  assert.deepEqual(joinPacks('x', layouts, tensors.toReversed()), packs);
});

test('half-width parameters are widened', () => {
  const half = { name: 'norm', dtype: 'bfloat16', shape: [2], data: Uint16Array.of(0x3f80, 0xc000) } as const;
  const joined = joinPacks('x', layouts, [...splitPacks(layouts, packs).slice(0, 2), half]);
  assert.deepEqual(joined.get('plain'), Float32Array.of(1, -2));
});

test('parameters of another model are refused by name', () => {
  const [w, u] = splitPacks(layouts, packs) as [never, never];
  const other = { name: 'other', dtype: 'float32', shape: [1], data: Float32Array.of(1) } as const;
  const turned = { ...(u as object), shape: [1, 3] } as never;
  assert.throws(
    () => joinPacks('/runs/step-5', layouts, [w, turned, other]),
    (error: unknown) => {
      assert.ok(error instanceof WeightsError);
      assert.match(
        error.message,
        /^“step-5” does not fit .*missing: norm; wrong: u is \[1,3\] instead of \[3\]; unexpected: “other”/,
      );
      return true;
    },
  );
});

test('a pack of another length is the caller’s mistake', () => {
  assert.throws(
    () => splitPacks(layouts, new Map(packs).set('plain', new Float32Array(3))),
    /plain has 3 elements instead of 2/,
  );
  assert.throws(() => splitPacks(layouts, new Map()), /decayed has no elements instead of 9/);
});
