import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { add, mul, neg, square, sub, sum } from '../ops/basic.ts';
import { concat, split } from '../ops/layout.ts';
import { exp } from '../ops/unary.ts';
import { assertClose, compute } from '../testing/compute.ts';
import { startKit } from '../testing/kit.ts';
import type { Plain } from '../testing/reference.ts';
import { customGradient, gradients, stopGradient } from './autodiff.ts';
import { Graph, type Tensor } from './graph.ts';

const kit = startKit();
after(() => kit.close());

const vector = (...values: readonly number[]): Plain => ({ shape: [values.length], values });
const x = vector(1, -2, 3);

/** d`loss`/dx at [1, −2, 3]. */
async function slope(loss: (x: Tensor) => Tensor): Promise<Plain> {
  return (await compute(kit, [x], ([x]) => ({ dx: gradients(loss(x!), [x!])[0]! }))).dx;
}

describe('gradients', () => {
  it('of what is used several times are summed', async () => {
    // d/dx (x² + 3x + x · eˣ) = 2x + 3 + (1 + x) eˣ
    const found = await slope((x) => sum(add(add(square(x), mul(x, 3)), mul(x, exp(x)))));
    assertClose(found, vector(...x.values.map((x) => 2 * x + 3 + (1 + x) * Math.exp(x))));
  });

  it('of one tensor in both places of an op count twice', async () => {
    assertClose(await slope((x) => sum(mul(x, x))), vector(2, -4, 6));
    assertClose(await slope((x) => sum(sub(x, x))), vector(0, 0, 0));
    assertClose(await slope((x) => sum(concat([x, x, x], 0))), vector(3, 3, 3));
  });

  it('through a result that goes two ways meet before they go on', async () => {
    let backward = 0;
    const found = await slope((x) => {
      const [y] = customGradient(
        'Once',
        [x],
        () => [neg(x)],
        ([dy]) => {
          backward++;
          return [neg(dy!)];
        },
      );
      return sum(add(mul(y!, 2), square(y!)));
    });
    assertClose(found, vector(...x.values.map((x) => -2 + 2 * x)));
    assert.equal(backward, 1);
  });

  it('through parts of which some are unused', async () => {
    const found = await slope((x) => {
      const [first, , last] = split(x, [1, 1, 1], 0);
      return add(sum(mul(first!, 5)), sum(square(last!)));
    });
    assertClose(found, vector(5, 0, 6));
  });

  it('are for anything in between, too', async () => {
    const { dy, dx } = await compute(kit, [x], ([x]) => {
      const y = mul(x!, 2);
      const [dy, dx] = gradients(sum(square(y)), [y, x!]);
      return { dy: dy!, dx: dx! };
    });
    assertClose(dy, vector(4, -8, 12));
    assertClose(dx, vector(8, -16, 24));
  });

  it('of the loss to itself is 1', async () => {
    const { d } = await compute(kit, [x], ([x]) => {
      const loss = sum(x!);
      return { d: gradients(loss, [loss])[0]! };
    });
    assertClose(d, { shape: [], values: [1] });
  });

  it('of a loss with one element in a longer shape', async () => {
    const { dx } = await compute(kit, [x], ([x]) => {
      const loss = sum(square(x!), { axes: [0], keepDims: true });
      return { dx: gradients(loss, [x!])[0]! };
    });
    assertClose(dx, vector(2, -4, 6));
  });

  it('of what the loss does not depend on are an error, or zero when asked', async () => {
    const graph = new Graph();
    const [a, b] = [graph.input('a', 'float32', [2]), graph.input('b', 'float32', [1, 2])];
    assert.throws(() => gradients(sum(a), [a, b]), /the loss does not depend on “b”/);
    const [, db] = gradients(sum(a), [a, b], { unused: 'zero' });
    assert.deepEqual(db!.shape, [1, 2]);
    graph.output('db', db!);
    const { db: zero } = await kit.evaluate(graph, { a: [1, 2], b: [1, 2] });
    assert.deepEqual([...zero!.data], [0, 0]);
  });

  it('add nothing for what is not asked for', () => {
    const graph = new Graph();
    const [a, b] = [graph.input('a', 'float32', [2]), graph.input('b', 'float32', [2])];
    const asked: string[] = [];
    const noted = (name: string, x: Tensor): Tensor =>
      customGradient(
        name,
        [x],
        () => [neg(x)],
        ([dy]) => {
          asked.push(name);
          return [neg(dy!)];
        },
      )[0]!;
    gradients(sum(add(noted('a', a), noted('b', b))), [a]);
    assert.deepEqual(asked, ['a']);
  });

  it('are taken in any order, and more than once', async () => {
    const { first, second, both } = await compute(kit, [x], ([x]) => {
      const loss = sum(square(x!));
      const other = sum(mul(x!, 3));
      return {
        second: gradients(other, [x!])[0]!,
        first: gradients(loss, [x!])[0]!,
        both: gradients(add(loss, other), [x!])[0]!,
      };
    });
    assertClose(first, vector(2, -4, 6));
    assertClose(second, vector(3, 3, 3));
    assertClose(both, vector(5, -1, 9));
  });
});

describe('stopGradient', () => {
  it('keeps the value and lets nothing through, without a node', async () => {
    const graph = new Graph();
    const a = graph.input('a', 'float32', [3]);
    const stopped = stopGradient(a);
    assert.equal(stopped.name, a.name);
    assert.equal(graph.nodes.length, 0);
    assertClose(await slope((x) => sum(mul(x, stopGradient(square(x))))), vector(1, 4, 9));
    assert.throws(() => gradients(sum(square(stopped)), [a]), /does not depend/);
  });

  it('is itself something to ask for', async () => {
    const { ds } = await compute(kit, [x], ([x]) => {
      const stopped = stopGradient(x!);
      return { ds: gradients(sum(mul(x!, stopped)), [stopped])[0]! };
    });
    assertClose(ds, x);
  });
});

describe('customGradient', () => {
  it('stands in for those of the ops inside', async () => {
    const straightThrough = (x: Tensor): Tensor =>
      customGradient(
        'Sign',
        [x],
        () => [mul(square(x), 7)],
        ([dy]) => [mul(dy!, 100)],
      )[0]!;
    assertClose(await slope((x) => sum(straightThrough(x))), vector(100, 100, 100));
  });

  it('gets null for an output that has none, and may give null', async () => {
    let given: readonly (Tensor | null)[] = [];
    const found = await slope((x) => {
      const [used] = customGradient(
        'Two',
        [x, x],
        () => [neg(x), exp(x)],
        (dys) => {
          given = dys;
          return [null, mul(dys[0]!, 3)];
        },
      );
      return sum(used!);
    });
    assertClose(found, vector(3, 3, 3));
    assert.equal(given.length, 2);
    assert.ok(given[0] && given[1] === null);
  });

  it('inside another is not asked', async () => {
    const inner = (x: Tensor): Tensor =>
      customGradient(
        'Inner',
        [x],
        () => [neg(x)],
        () => assert.fail(),
      )[0]!;
    const outer = (x: Tensor): Tensor =>
      customGradient(
        'Outer',
        [x],
        () => [inner(x)],
        ([dy]) => [dy!],
      )[0]!;
    assertClose(await slope((x) => sum(outer(x))), vector(1, 1, 1));
  });

  it('of ops after one that failed to build is noted again', () => {
    const graph = new Graph();
    const a = graph.input('a', 'float32', [2]);
    assert.throws(
      () =>
        customGradient(
          'Broken',
          [a],
          () => assert.fail('broken'),
          () => [],
        ),
      /broken/,
    );
    assert.equal(gradients(sum(a), [a]).length, 1);
  });
});
