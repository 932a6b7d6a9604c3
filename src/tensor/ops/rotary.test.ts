import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { seeded } from '../random.ts';
import { assertClose, computeOne } from '../testing/compute.ts';
import { startKit } from '../testing/kit.ts';
import { uniform } from '../testing/random.ts';
import { type Plain, plain } from '../testing/reference.ts';
import { rotary } from './rotary.ts';

const kit = startKit();
after(() => kit.close());

const positions = 6;
const headDim = 4;
const angle = (position: number, i: number): number => position * [1, 0.3][i % 2]!;
const cos = plain([positions, headDim], ([position, i]) => Math.cos(angle(position!, i!)));
const sin = plain([positions, headDim], ([position, i]) => (i! < 2 ? -1 : 1) * Math.sin(angle(position!, i!)));
const turned = (x: Plain) => computeOne(kit, [x, cos, sin], rotary);

describe('rotary embedding', () => {
  it('turns elements of the two halves as pairs', async () => {
    const x: Plain = { shape: [1, positions, headDim], values: [...uniform(seeded(1), positions * headDim)] };
    const expected = plain(x.shape, ([, position, i]) => {
      const [a, b] = [x.values[position! * headDim + (i! % 2)]!, x.values[position! * headDim + (i! % 2) + 2]!];
      const [c, s] = [Math.cos(angle(position!, i!)), Math.sin(angle(position!, i!))];
      return i! < 2 ? a * c - b * s : b * c + a * s;
    });
    assertClose(await turned(x), expected);
  });

  it('makes products of queries and keys depend on how far they are apart alone', async () => {
    const random = seeded(2);
    const repeat = (row: Float64Array): Plain => plain([positions, headDim], ([, i]) => row[i!]!);
    const queries = await turned(repeat(uniform(random, headDim)));
    const keys = await turned(repeat(uniform(random, headDim)));
    const score = (m: number, n: number): number => {
      let sum = 0;
      for (let i = 0; i < headDim; i++) sum += queries.values[m * headDim + i]! * keys.values[n * headDim + i]!;
      return sum;
    };
    for (const distance of [0, 1, 3]) {
      for (let n = 0; n + distance < positions; n++) {
        assert.ok(Math.abs(score(n + distance, n) - score(distance, 0)) < 1e-12);
      }
    }
    assert.ok(Math.abs(score(3, 0) - score(0, 0)) > 1e-3);
  });
});
