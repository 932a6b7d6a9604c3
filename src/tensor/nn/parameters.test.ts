import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { Graph } from '../graph/graph.ts';
import { serialise } from '../graph/serialise.ts';
import { mul } from '../ops/basic.ts';
import { seeded } from '../random.ts';
import { numbers, startKit } from '../testing/kit.ts';
import { Parameters } from './parameters.ts';
import { constant, fanIn, type Initial } from './weights.ts';

const kit = startKit();
after(() => kit.close());

/** 0, 1, 2, .. */
const counting: Initial = (shape) => Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i);

describe('parameters', () => {
  it('lie one after the other in packs by decay and rate, and come out as they went in', async () => {
    const graph = new Graph();
    const parameters = new Parameters(graph);
    const made = {
      matrix: parameters.create('matrix', [2, 3], counting),
      bias: parameters.create('bias', [3], constant(7)),
      scalar: parameters.create('scalar', [], constant(9)),
      kept: parameters.create('kept', [2, 1], constant(4), { decay: false }),
      second: parameters.create('second', [1, 2], counting, { decay: true }),
      fast: parameters.create('fast', [1, 1], constant(5), { rate: 10 }),
    };
    for (const [name, tensor] of Object.entries(made)) graph.output(`out.${name}`, mul(tensor, 1));
    assert.equal(parameters.size, 6 + 3 + 1 + 2 + 2 + 1);
    const packs = parameters.packs();
    assert.deepEqual(
      packs.map(({ pack, size, decay, rate, parameters }) => [
        pack,
        size,
        decay,
        rate,
        parameters.map((p) => [p.name, p.offset]),
      ]),
      [
        [
          'decayed',
          8,
          true,
          1,
          [
            ['matrix', 0],
            ['second', 6],
          ],
        ],
        [
          'plain',
          6,
          false,
          1,
          [
            ['bias', 0],
            ['scalar', 3],
            ['kept', 4],
          ],
        ],
        ['decayed-x10', 1, true, 10, [['fast', 0]]],
      ],
    );
    assert.equal(parameters.packs(), packs);
    assert.deepEqual([...parameters.tensors.keys()], ['matrix', 'second', 'bias', 'scalar', 'kept', 'fast']);
    const values = await kit.evaluate(graph, {}, { state: parameters.initialState(seeded(1)) });
    const out = Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, [value.shape, numbers(value)]]),
    );
    assert.deepEqual(out, {
      'out.matrix': [
        [2, 3],
        [0, 1, 2, 3, 4, 5],
      ],
      'out.bias': [[3], [7, 7, 7]],
      'out.scalar': [[], [9]],
      'out.kept': [
        [2, 1],
        [4, 4],
      ],
      'out.second': [
        [1, 2],
        [0, 1],
      ],
      'out.fast': [[1, 1], [5]],
    });
  });

  it('are joined in the order of their pack', async () => {
    const graph = new Graph();
    const parameters = new Parameters(graph);
    parameters.create('a', [2], constant(0));
    parameters.create('b', [1], constant(0));
    const [pack] = parameters.packs();
    const of = new Map([
      ['b', graph.constant([3], [1])],
      ['a', graph.constant([1, 2], [2])],
    ]);
    graph.output('joined', parameters.join(pack!, of));
    const { joined } = await kit.evaluate(graph);
    assert.deepEqual(numbers(joined), [1, 2, 3]);
  });

  it('have one name each, and none come after the packs', () => {
    const graph = new Graph();
    const parameters = new Parameters(graph);
    parameters.create('a', [2], constant(0));
    assert.throws(() => parameters.create('a', [2], constant(0)), /“a” is taken/);
    parameters.packs();
    assert.throws(() => parameters.create('b', [2], constant(0)), /“b” comes after the packs were made/);
  });

  it('of layers that share a weight are one', () => {
    const graph = new Graph();
    const parameters = new Parameters(graph);
    const weights = parameters.weights('model.');
    const index = graph.input('index', 'int64', [4]);
    const table = weights.table('embedding', [5, 2], fanIn, 1);
    const rows = weights.rows('embedding', [5, 2], fanIn, index);
    assert.equal(table, weights.tensor('embedding', [5, 2], fanIn));
    assert.deepEqual(rows.shape, [4, 2]);
    assert.deepEqual([...parameters.tensors.keys()], ['model.embedding']);
  });

  it('start the same for the same random numbers, in either precision', () => {
    const states = (['float32', 'float64'] as const).map((float) => {
      const parameters = new Parameters(new Graph({ float }));
      parameters.create('a', [3, 4], fanIn);
      parameters.create('b', [4], fanIn);
      return parameters.initialState(seeded(5));
    });
    for (const pack of ['parameters.decayed', 'parameters.plain']) {
      assert.deepEqual(numbers(states[0]![pack]), numbers(states[1]![pack]));
      assert.equal(states[1]![pack]!.dtype, 'float64');
    }
  });

  it('that nothing uses are a state of no model', () => {
    const graph = new Graph();
    const parameters = new Parameters(graph);
    parameters.create('a', [2], constant(0));
    parameters.packs();
    graph.output('y', mul(graph.input('x', 'float32', []), 2));
    assert.deepEqual(serialise(graph).state, []);
  });
});
