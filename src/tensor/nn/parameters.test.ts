import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { NamedTensor } from '../files/packs.ts';
import { WeightsError } from '../files/weightNames.ts';
import { Graph } from '../graph/graph.ts';
import { square, sub, sum } from '../ops/basic.ts';
import { adamw, initialOptimizerState } from '../optim/adamw.ts';
import { seeded } from '../random.ts';
import { numbers, startKit } from '../testing/kit.ts';
import { valueHead } from './decoder.ts';
import { Parameters, parametersIn } from './parameters.ts';
import { constant, fanIn, normal } from './weights.ts';

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
});

describe('first values', () => {
  it('of a linear layer lie in ±1/√inputs and fill it', () => {
    const values = [...fanIn([100, 25], seeded(1))];
    assert.equal(values.length, 2500);
    assert.ok(values.every((value) => Math.abs(value) <= 0.2));
    assert.ok(Math.min(...values) < -0.19 && Math.max(...values) > 0.19);
  });

  it('that are normal have the deviation that was asked for', () => {
    const values = [...normal(0.02)([10_000], seeded(1))];
    const average = values.reduce((total, value) => total + value, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((total, value) => total + (value - average) ** 2, 0) / values.length);
    assert.ok(Math.abs(average) < 1e-3 && Math.abs(deviation - 0.02) < 5e-4, `${average}, ${deviation}`);
  });
});
