import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { NamedTensor } from '../files/packs.ts';
import { WeightsError } from '../files/weightNames.ts';
import { Graph } from '../graph/graph.ts';
import { serialise } from '../graph/serialise.ts';
import { mul, square, sub, sum } from '../ops/basic.ts';
import { adamw, initialOptimizerState } from '../optim/adamw.ts';
import { seeded } from '../random.ts';
import { numbers, startKit } from '../testing/kit.ts';
import { valueHead } from './decoder.ts';
import { Parameters, parametersIn } from './parameters.ts';
import { constant, fanIn, type Initial, normal } from './weights.ts';

const kit = startKit();
after(() => kit.close());

const none = { file: 'some.safetensors', tensors: [] };

/** A matrix, two vectors, and a matrix that learns at another rate. */
function some(graph = new Graph()): Parameters {
  const parameters = new Parameters(graph);
  parameters.create('a.weight', [2, 3], fanIn);
  parameters.create('a.bias', [2], constant(0.5));
  parameters.create('norm', [3], constant(1));
  parameters.weights('value.', { rate: 3 }).tensor('weight', [1, 2], normal(1));
  return parameters;
}

const floats = (name: string, shape: readonly number[], values: readonly number[]): NamedTensor => ({
  name,
  dtype: 'float32',
  shape,
  data: Float32Array.from(values),
});

/** 0, 1, 2, .. */
const counting: Initial = (shape) => Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i);

describe('parameters', () => {
  it('lie in packs of those that the optimiser treats alike: matrices decay, vectors do not', () => {
    const packs = some().packs();
    assert.deepEqual(
      packs.map(({ pack, decay, rate, size, parameters }) => [pack, decay, rate, size, parameters.map((p) => p.name)]),
      [
        ['decayed', true, 1, 6, ['a.weight']],
        ['plain', false, 1, 5, ['a.bias', 'norm']],
        ['decayed-x3', true, 3, 2, ['value.weight']],
      ],
    );
    assert.deepEqual(
      packs[1]!.parameters.map(({ offset }) => offset),
      [0, 2],
    );
  });

  it('begin with what their layers draw; the same seed draws the same', () => {
    const [first, again, other] = [1, 1, 2].map((seed) => some().initialState(seeded(seed)));
    assert.deepEqual(first, again);
    assert.notDeepEqual(first, other);
    assert.deepEqual(numbers(first!['parameters.plain']), [0.5, 0.5, 1, 1, 1]);
  });

  it('begin with what a file has where it has them, in half precision too', () => {
    const parameters = some();
    const weight = floats('a.weight', [2, 3], [1, 2, 3, 4, 5, 6]);
    // 1.5, 0 and −2 in bfloat16.
    const norm: NamedTensor = { name: 'norm', dtype: 'bfloat16', shape: [3], data: Uint16Array.of(0x3fc0, 0, 0xc000) };
    const state = parameters.initialState(seeded(1), { file: 'some.safetensors', tensors: [weight, norm] });
    assert.deepEqual(numbers(state['parameters.decayed']), [1, 2, 3, 4, 5, 6]);
    assert.deepEqual(numbers(state['parameters.plain']), [0.5, 0.5, 1.5, 0, -2]);
    const named = new Map(parametersIn(parameters.layouts, state).map((tensor) => [tensor.name, tensor]));
    assert.deepEqual(named.get('a.weight'), weight);
    assert.deepEqual([...named.keys()], ['a.weight', 'a.bias', 'norm', 'value.weight']);
  });

  it('refuse a file’s tensor that is none of theirs, or of another shape, and name the file', () => {
    for (const [tensor, message] of [
      [floats('b.weight', [1], [1]), /some\.safetensors.*unexpected: “b\.weight”/],
      [floats('norm', [2], [1, 1]), /some\.safetensors.*norm is \[2\] instead of \[3\]/],
    ] as const) {
      assert.throws(
        () => some().initialState(seeded(1), { ...none, tensors: [tensor] }),
        (error: Error) => error instanceof WeightsError && message.test(error.message),
      );
    }
  });

  it('have one name each, and none comes after the packs', () => {
    const parameters = some();
    assert.throws(() => parameters.create('norm', [3], constant(1)), /“norm” is taken/);
    parameters.packs();
    assert.throws(() => parameters.create('late', [3], constant(1)), /“late” comes after the packs were made/);
  });

  it('of a program are read by another one that creates the same', async () => {
    const model = (graph: Graph) => {
      const parameters = new Parameters(graph);
      const x = graph.input('x', 'float32', [4, 3]);
      const y = valueHead(parameters.weights(), 'value', x);
      return { parameters, y };
    };
    const training = new Graph();
    const { parameters, y } = model(training);
    const loss = sum(square(sub(y, training.input('wanted', 'float32', [4]))));
    adamw(parameters, loss, { learningRate: 0.1 });
    const reading = new Graph();
    const reader = model(reading);
    reading.output('y', reader.y);
    reader.parameters.packs();

    const x = Array.from({ length: 12 }, (_, i) => Math.sin(i));
    const start = { ...parameters.initialState(seeded(1)), ...initialOptimizerState(training) };
    const step = await kit.compile(training, { state: start });
    for (let i = 0; i < 2; i++) await step.run({ x, wanted: [1, 2, 3, 4] });
    const state = await step.state();
    const read = await kit.evaluate(reading, { x }, { state });

    const named = new Map(
      parametersIn(parameters.layouts, state).map(({ name, data }) => [name, Array.from(data, Number)]),
    );
    const [weight, [bias]] = [named.get('value.weight')!, named.get('value.bias')!];
    const expected = [0, 1, 2, 3].map((row) => weight.reduce((total, w, i) => total + w * x[3 * row + i]!, bias!));
    assert.deepEqual(read.y!.shape, [4]);
    numbers(read.y).forEach((value, i) => {
      assert.ok(Math.abs(value - expected[i]!) < 1e-6);
    });
    assert.notDeepEqual(state['parameters.decayed'], start['parameters.decayed']);
  });

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

  it('that nothing uses are a state of no model', () => {
    const graph = new Graph();
    const parameters = new Parameters(graph);
    parameters.create('a', [2], constant(0));
    parameters.packs();
    graph.output('y', mul(graph.input('x', 'float32', []), 2));
    assert.deepEqual(serialise(graph).state, []);
  });
});

it('a graph whose packs were never made says so, and is not written', () => {
  const graph = new Graph();
  const parameters = new Parameters(graph);
  graph.output('twice', mul(parameters.create('w', [2], constant(1)), 2));
  assert.throws(() => serialise(graph), /“w”: were the packs of its Parameters forgotten/);
  parameters.packs();
  assert.deepEqual(
    serialise(graph).state.map(({ name }) => name),
    ['parameters.plain'],
  );
});
