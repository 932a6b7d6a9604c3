import { after, describe, it } from 'node:test';
import * as fc from 'fast-check';
import { gradients } from '../graph/autodiff.ts';
import { arrays, broadcastable } from '../testing/arbitrary.ts';
import { assertClose, compute, computeOne } from '../testing/compute.ts';
import { startKit } from '../testing/kit.ts';
import { type Plain, zip } from '../testing/reference.ts';
import { mul, sum } from './basic.ts';
import {
  and,
  clamp,
  equal,
  greater,
  greaterOrEqual,
  less,
  lessOrEqual,
  maximum,
  minimum,
  not,
  or,
  where,
} from './select.ts';

const kit = startKit();
after(() => kit.close());

const vector = (...values: readonly number[]): Plain => ({ shape: [values.length], values });
const few = fc.constantFrom(-1, 0, 0.5, 2);

describe('comparing and choosing', () => {
  it('compares with broadcasting, equal values too', async () => {
    const pairs = broadcastable(2).chain(([a, b]) => fc.tuple(arrays(a!, few), arrays(b!, few)));
    await fc.assert(
      fc.asyncProperty(pairs, async ([a, b]) => {
        const results = await compute(kit, [a, b], ([x, y]) => ({
          equal: equal(x!, y!),
          less: less(x!, y!),
          lessOrEqual: lessOrEqual(x!, y!),
          greater: greater(x!, y!),
          greaterOrEqual: greaterOrEqual(x!, y!),
          between: and(less(x!, y!), not(less(x!, 0))),
          either: or(less(x!, y!), equal(y!, 2)),
          largest: maximum(x!, y!),
          smallest: minimum(x!, y!),
        }));
        const both = (combine: (x: number, y: number) => boolean | number) =>
          zip([a, b], (x, y) => Number(combine(x!, y!)));
        assertClose(
          results.equal,
          both((x, y) => x === y),
        );
        assertClose(
          results.less,
          both((x, y) => x < y),
        );
        assertClose(
          results.lessOrEqual,
          both((x, y) => x <= y),
        );
        assertClose(
          results.greater,
          both((x, y) => x > y),
        );
        assertClose(
          results.greaterOrEqual,
          both((x, y) => x >= y),
        );
        assertClose(
          results.between,
          both((x, y) => x < y && !(x < 0)),
        );
        assertClose(
          results.either,
          both((x, y) => x < y || y === 2),
        );
        assertClose(results.largest, both(Math.max));
        assertClose(results.smallest, both(Math.min));
      }),
      { numRuns: 30 },
    );
  });

  it('where takes from one or the other, all three repeated', async () => {
    const triples = broadcastable(3).chain(([a, b, c]) => fc.tuple(arrays(a!), arrays(b!), arrays(c!)));
    await fc.assert(
      fc.asyncProperty(triples, async ([a, b, c]) => {
        const y = await computeOne(kit, [a, b, c], (x, y, z) => where(less(x, 1), y, z));
        assertClose(
          y,
          zip([a, b, c], (x, y, z) => (x! < 1 ? y! : z!)),
        );
      }),
      { numRuns: 30 },
    );
  });

  it('compares whole numbers of every type', async () => {
    for (const dtype of ['int64', 'int32', 'float32'] as const) {
      const x = { ...vector(1, 2, 3), dtype };
      assertClose(await computeOne(kit, [x], (x) => equal(x, 2)), vector(0, 1, 0));
      assertClose(await computeOne(kit, [x], (x) => greaterOrEqual(x, 2)), vector(0, 1, 1));
      assertClose(await computeOne(kit, [x], (x) => where(less(x, 2), 9, x)), vector(9, 2, 3));
      assertClose(await computeOne(kit, [x], (x) => clamp(x, 2, 2)), vector(2, 2, 2));
      assertClose(await computeOne(kit, [x], (x) => maximum(x, 2)), vector(2, 2, 3));
    }
  });

  it('clamps to a range', async () => {
    assertClose(await computeOne(kit, [vector(-2, -0.5, 0, 9)], (x) => clamp(x, -1, 0.5)), vector(-1, -0.5, 0, 0.5));
  });
});

describe('gradients of choices', () => {
  it('where lets none through that was not chosen, not even NaN', async () => {
    const { dx } = await compute(kit, [vector(-1, 2)], ([x], graph) => ({
      dx: gradients(sum(mul(where(greater(x!, 0), x!, 3), graph.constant([Number.NaN, 5], [2]))), [x!])[0]!,
    }));
    assertClose(dx, vector(0, 5));
  });

  it('what is equal shares the gradient; at its limits a clamped value has all of it', async () => {
    const { da, db, dc } = await compute(kit, [vector(1, 2, 3), vector(1, 3, 2)], ([a, b]) => {
      const [da, db] = gradients(sum(mul(maximum(a!, b!), 2)), [a!, b!]);
      const [dc] = gradients(sum(clamp(a!, 2, 3)), [a!]);
      return { da: da!, db: db!, dc: dc! };
    });
    assertClose(da, vector(1, 0, 2));
    assertClose(db, vector(1, 2, 0));
    assertClose(dc, vector(0, 1, 1));
  });
});
