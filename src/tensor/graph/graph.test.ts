import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { add, mul, neg } from '../ops/basic.ts';
import { loop } from '../ops/loop.ts';
import { Graph, type Tensor } from './graph.ts';

describe('a graph', () => {
  it('makes equal constants once, and keeps those apart that only look equal', () => {
    const graph = new Graph();
    assert.equal(graph.scalar(2), graph.scalar(2));
    assert.notEqual(graph.scalar(2), graph.scalar(2, 'float64'));
    assert.notEqual(graph.scalar(0), graph.scalar(-0));
    assert.equal(graph.scalar(Number.NaN), graph.scalar(Number.NaN));
    assert.equal(graph.integers([1, 2]), graph.integers([1, 2]));
    assert.notEqual(graph.integers([12]), graph.integers([1, 2]));
    assert.equal(graph.integers([]).size, 0);
    assert.notEqual(graph.constant([1], [1]), graph.constant([1], [1]));
  });

  it('makes floats of its own type', () => {
    const graph = new Graph({ float: 'float64' });
    assert.equal(graph.scalar(1).dtype, 'float64');
    assert.equal(graph.constant([1], [1]).dtype, 'float64');
    assert.equal(graph.constant([1], [1], 'int64').dtype, 'int64');
    assert.ok(graph.initializers.get(graph.scalar(1).name)!.content instanceof Float64Array);
  });

  it('names what is built by its scopes', () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', []);
    const [inner, outer] = graph.scope('layers.0', () => [graph.scope('mlp', () => neg(x)), neg(x)] as const);
    assert.match(inner.name, /^layers\.0\/mlp\/Neg_\d+$/);
    assert.match(outer.name, /^layers\.0\/Neg_\d+$/);
    assert.match(neg(x).name, /^Neg_\d+$/);
    assert.throws(() => graph.scope('broken', () => assert.fail()));
    assert.match(neg(x).name, /^Neg_\d+$/);
  });

  it('puts an op where the innermost of its operands is', () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', []);
    let inside: Tensor | undefined;
    let outside: Tensor | undefined;
    loop(graph, 2, { a: x }, ({ a }) => {
      inside = add(x, a);
      outside = mul(x, 2);
      return { carried: { a: inside } };
    });
    assert.equal(inside!.graph.parent, graph);
    assert.equal(outside!.graph, graph);
    assert.throws(() => add(inside!, new Graph().scalar(1)), /different graphs/);
  });

  it('refuses operands of two loops side by side', () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', []);
    let leaked: Tensor | undefined;
    loop(graph, 2, { a: x }, ({ a }) => {
      leaked = a;
      return { carried: { a } };
    });
    assert.throws(
      () => loop(graph, 2, { b: x }, ({ b }) => ({ carried: { b: add(b, leaked!) } })),
      /Add\(float32\[\], float32\[\]\): the tensors belong to different graphs/,
    );
  });

  it('knows where one graph lies within another', () => {
    const graph = new Graph();
    const body = new Graph({}, new Graph({}, graph));
    assert.ok(body.isInside(graph) && body.isInside(body));
    assert.ok(!graph.isInside(body));
    assert.equal(body.root, graph);
  });
});
