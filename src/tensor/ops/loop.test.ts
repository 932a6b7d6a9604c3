import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { gradients } from '../graph/autodiff.ts';
import { Graph } from '../graph/graph.ts';
import { assertClose, compute, type Given } from '../testing/compute.ts';
import { startKit } from '../testing/kit.ts';
import { add, expand, mul, neg, reshape, square, sub, sum } from './basic.ts';
import { gatherRows } from './gather.ts';
import { cast, concat } from './layout.ts';
import { loop } from './loop.ts';
import { less } from './select.ts';

const kit = startKit();
after(() => kit.close());

const x: Given = { shape: [2], values: [1, 3] };

describe('loops inside the graph', () => {
  it('carry values by name from turn to turn, and collect one of each turn', async () => {
    const results = await compute(kit, [x], ([x], graph) =>
      loop(graph, 4, { doubled: x!, count: graph.scalar(0) }, ({ doubled, count }, turn) => ({
        // In another order than they came.
        carried: { count: add(count, 1), doubled: mul(doubled, 2) },
        collected: { before: doubled, turns: turn },
      })),
    );
    assertClose(results.doubled, { shape: [2], values: [16, 48] });
    assertClose(results.count, { shape: [], values: [4] });
    assertClose(results.before, { shape: [4, 2], values: [1, 3, 2, 6, 4, 12, 8, 24] });
    assertClose(results.turns, { shape: [4], values: [0, 1, 2, 3] });
  });

  it('end early when the body says so', async () => {
    const { count } = await compute(kit, [x], ([x], graph) =>
      loop(graph, 50, { count: graph.scalar(0) }, ({ count }) => {
        const next = add(count, sum(x!));
        return { carried: { count: next }, goOn: less(next, 10) };
      }),
    );
    assertClose(count, { shape: [], values: [12] });
  });

  it('of no turns give back what they got', async () => {
    const results = await compute(kit, [x], ([x], graph) =>
      loop(graph, 0, { x: x! }, ({ x }) => ({ carried: { x: neg(x) }, collected: { all: x } })),
    );
    assertClose(results.x, x);
    assertClose(results.all, { shape: [0, 2], values: [] });
  });

  it('see tensors from outside, give them out as they are, and swap what they carry', async () => {
    const results = await compute(kit, [x, { shape: [2], values: [10, 20] }], ([x, y], graph) => {
      const outer = mul(x!, 5);
      return loop(graph, 3, { a: x!, b: y! }, ({ a, b }) => ({
        carried: { a: b, b: a },
        collected: { outer, plus: add(a, outer) },
      }));
    });
    assertClose(results.a, { shape: [2], values: [10, 20] });
    assertClose(results.b, x);
    assertClose(results.outer, { shape: [3, 2], values: [5, 15, 5, 15, 5, 15] });
    assertClose(results.plus, { shape: [3, 2], values: [6, 18, 15, 35, 6, 18] });
  });

  it('nest: the inner one sees both bodies around it', async () => {
    const table: Given = { shape: [3, 2], values: [1, 2, 3, 4, 5, 6] };
    const results = await compute(kit, [table], ([table], graph) => {
      const scale = graph.scalar(10);
      return loop(graph, 3, { total: graph.scalar(0) }, ({ total }, row) => {
        const own = gatherRows(table!, row);
        const inner = loop(own.graph, 2, { sum: total }, ({ sum }, column) => ({
          carried: { sum: add(sum, mul(gatherRows(own, column), scale)) },
          collected: { seen: gatherRows(own, column) },
        }));
        return { carried: { total: inner.sum }, collected: { rows: inner.seen } };
      });
    });
    assertClose(results.total, { shape: [], values: [210] });
    assertClose(results.rows, { shape: [3, 2], values: table.values });
  });

  it('an op of a body that needs nothing of it is done once, outside', () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', [2]);
    loop(graph, 3, { a: x }, ({ a }) => ({ carried: { a: add(a, neg(x)) } }));
    assert.deepEqual(
      graph.nodes.map(({ op }) => op),
      ['Neg', 'Loop'],
    );
  });

  it('carry state of several types through ids, as a rollout does', async () => {
    const start: Given = { shape: [2, 1], values: [1, 0], dtype: 'int64' };
    const next: Given = { shape: [3], values: [1, 2, 0], dtype: 'int64' };
    const { ids, tokens } = await compute(kit, [start, next], ([start, next], graph) => {
      const result = loop(graph, 3, { ids: start! }, ({ ids }) => ({
        carried: { ids: gatherRows(next!, ids) },
        collected: { tokens: reshape(ids, [2]) },
      }));
      return { ids: result.ids, tokens: concat([cast(result.tokens, 'int64')], 0) };
    });
    assertClose(ids, { shape: [2, 1], values: [1, 0] });
    assertClose(tokens, { shape: [3, 2], values: [1, 0, 2, 1, 0, 2] });
  });
});

describe('a gradient', () => {
  const graph = new Graph();
  const x = graph.input('x', 'float32', [2]);
  const zero = graph.constant([0, 0], [2]);

  it('is refused by a loop that carries what it is for', () => {
    const { a } = loop(graph, 3, { a: mul(x, 2) }, ({ a }) => ({ carried: { a: mul(a, 2) } }));
    assert.throws(() => gradients(sum(a), [x]), /^GraphError: Loop\(.*the op has no gradient; use stopGradient\./);
  });

  it('is refused by one that uses it from outside, however deep, and is not silently too small', () => {
    const inside = (turns: number, depth: number): ReturnType<typeof loop<'a'>> =>
      loop(graph, turns, { a: zero }, ({ a }) => ({
        carried: {
          a: depth === 0 ? add(a, x) : loop(a.graph, 2, { b: a }, ({ b }) => ({ carried: { b: add(b, x) } })).b,
        },
      }));
    for (const depth of [0, 1]) {
      assert.throws(() => gradients(add(sum(x), sum(inside(3, depth).a)), [x]), /Loop\(.*use stopGradient/);
    }
  });

  it('of a loop that hands it out as it is, is refused too', () => {
    const { all } = loop(graph, 3, { a: zero }, ({ a }) => ({ carried: { a }, collected: { all: x } }));
    assert.throws(() => gradients(sum(all), [x]), /Loop\(.*use stopGradient/);
  });

  it('goes past a loop that has nothing to do with it', async () => {
    const { dx } = await compute(kit, [{ shape: [2], values: [1, 3] }], ([x], graph) => {
      const { a } = loop(graph, 3, { a: graph.scalar(1) }, ({ a }) => ({ carried: { a: mul(a, 2) } }));
      return { dx: gradients(sum(mul(x!, a)), [x!])[0]! };
    });
    assertClose(dx, { shape: [2], values: [8, 8] });
  });

  it('of what the body made is there within the body: gradient descent in a loop', async () => {
    // Three steps of 0.1 on Σ (w − x)², from w = 0: w = x · (1 − 0.8³).
    const { w } = await compute(kit, [{ shape: [2], values: [1, -3] }], ([x], graph) =>
      loop(graph, 3, { w: expand(graph.scalar(0), [2]) }, ({ w }) => {
        const [slope] = gradients(sum(square(sub(w, x!))), [w]);
        return { carried: { w: sub(w, mul(slope!, 0.1)) } };
      }),
    );
    assertClose(w, { shape: [2], values: [0.488, -1.464] });
  });
});
