import assert from 'node:assert/strict';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, parse } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fromBinary } from '@bufbuild/protobuf';
import { type DType, dtypes, type TensorData } from '../dtype.ts';
import { openSafetensors } from '../files/safetensors.ts';
import { writeSafetensors } from '../files/safetensorsWrite.ts';
import type { Model } from '../model.ts';
import { frozenWeights } from '../nn/frozen.ts';
import { constant } from '../nn/weights.ts';
import { type GraphProto, ModelProtoSchema, TensorProto_DataLocation } from '../onnx/onnx_pb.js';
import { add, mul, neg, sum } from '../ops/basic.ts';
import { split } from '../ops/layout.ts';
import { loop } from '../ops/loop.ts';
import { exp } from '../ops/unary.ts';
import { numbers, startKit } from '../testing/kit.ts';
import { gradients } from './autodiff.ts';
import { Graph, type Tensor } from './graph.ts';
import { schedule, serialise } from './serialise.ts';

const kit = startKit();
after(() => kit.close());

const graphOf = (model: Model): GraphProto => fromBinary(ModelProtoSchema, model.bytes).graph!;
const ops = (model: Model): string[] => graphOf(model).node.map(({ opType }) => opType);

/** Names that nodes read before anything makes them. */
function unmade(graph: GraphProto, outside: ReadonlySet<string> = new Set()): string[] {
  const made = new Set([
    ...outside,
    ...graph.input.map(({ name }) => name),
    ...graph.initializer.map(({ name }) => name),
  ]);
  const missing: string[] = [];
  for (const { input, output, attribute } of graph.node) {
    missing.push(...input.filter((name) => name !== '' && !made.has(name)));
    for (const { g } of attribute) if (g) missing.push(...unmade(g, made));
    for (const name of output) made.add(name);
  }
  missing.push(...graph.output.map(({ name }) => name).filter((name) => !made.has(name)));
  return missing;
}

describe('a serialised graph', () => {
  it('has the nodes that its outputs need, in an order that runs, and no others', async () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', [2]);
    const later = graph.promise('later', x);
    const y = mul(exp(later), 2);
    neg(y);
    graph.define({ op: 'Neg', inputs: [x] }, [later]);
    graph.output('y', y);
    const model = serialise(graph);
    assert.deepEqual(ops(model), ['Neg', 'Exp', 'Mul']);
    assert.deepEqual(unmade(graphOf(model)), []);
    const { y: value } = await kit.evaluate(model, { x: [0, 1] });
    assert.deepEqual(numbers(value), [2, Math.fround(2 * Math.fround(Math.exp(-1)))]);
  });

  it('says which version of the format it is', () => {
    const graph = new Graph();
    graph.output('y', neg(graph.input('x', 'float32', [])));
    const { irVersion, opsetImport, producerName } = fromBinary(ModelProtoSchema, serialise(graph).bytes);
    assert.deepEqual([irVersion, producerName], [10n, 'attune']);
    assert.deepEqual(
      opsetImport.map(({ domain, version }) => [domain, version]),
      [['', 21n]],
    );
  });

  it('names the domains of its nodes, those in loops too', () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', [2]);
    const quick = (a: Tensor): Tensor =>
      a.graph.apply({
        op: 'QuickGelu',
        domain: 'com.microsoft',
        inputs: [a],
        types: [a],
        attributes: { alpha: { float: 1.5 } },
      })[0]!;
    graph.output('y', loop(graph, 2, { x }, ({ x }) => ({ carried: { x: quick(x) } })).x);
    const { opsetImport, graph: proto } = fromBinary(ModelProtoSchema, serialise(graph).bytes);
    assert.deepEqual(
      opsetImport.map(({ domain, version }) => [domain, version]),
      [
        ['', 21n],
        ['com.microsoft', 1n],
      ],
    );
    const body = proto!.node[0]!.attribute.find(({ name }) => name === 'body')!.g!;
    assert.equal(body.node[0]!.attribute[0]!.f, 1.5);
  });

  it('gives a node’s output the name it is handed out under; only what is an input, or wanted twice, is copied', async () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', [2]);
    const constant = graph.constant([7, 8], [2]);
    const y = mul(x, 2);
    const state = graph.state('state', 'float32', [2]);
    graph.update(state, y);
    graph.output('y', y);
    graph.output('again', y);
    graph.output('x again', x);
    graph.output('constant', constant);
    graph.output('used on', neg(y));
    const model = serialise(graph);
    assert.deepEqual(ops(model), ['Mul', 'Neg', 'Identity', 'Identity', 'Identity', 'Identity']);
    assert.deepEqual(graphOf(model).node[0]!.output, ['y']);
    assert.deepEqual(unmade(graphOf(model)), []);
    const compiled = await kit.compile(model, { state: { state: { dtype: 'float32', shape: [2] } } });
    const values = await compiled.run({ x: [1, 2] });
    assert.deepEqual(Object.fromEntries(Object.entries(values).map(([name, value]) => [name, numbers(value)])), {
      y: [2, 4],
      again: [2, 4],
      'x again': [1, 2],
      constant: [7, 8],
      'used on': [-2, -4],
    });
    assert.deepEqual(numbers((await compiled.state()).state), [2, 4]);
    await compiled.dispose();
  });

  it('holds constants that are used, in a loop too, and drops the others', () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', [2]);
    const used = graph.constant([1, 2], [2]);
    const inLoop = graph.constant([3, 4], [2]);
    graph.constant(new Float32Array(1000), [1000]);
    graph.output('y', loop(graph, 2, { a: add(x, used) }, ({ a }) => ({ carried: { a: add(a, inLoop) } })).a);
    const model = serialise(graph);
    const names = graphOf(model).initializer.map(({ name }) => name);
    assert.deepEqual(
      names.toSorted(),
      [used.name, inLoop.name, graph.scalar(2, 'int64').name, graph.scalar(1, 'bool').name].toSorted(),
    );
    assert.ok(model.bytes.length < 1000);
  });

  it('lists inputs, outputs and states as they are', async () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', [2]);
    graph.input('unused', 'int64', [3]);
    const read = graph.state('read', 'float32', [2]);
    const written = graph.state('written', 'float32', []);
    const passed = graph.state('passed', 'float32', [1]);
    graph.state('forgotten', 'float32', [9]);
    graph.update(written, sum(x));
    graph.update(passed, passed);
    graph.output('y', mul(x, read));
    const model = serialise(graph);
    assert.deepEqual(model.inputs, [
      { name: 'x', dtype: 'float32', shape: [2] },
      { name: 'unused', dtype: 'int64', shape: [3] },
    ]);
    assert.deepEqual(model.outputs, [{ name: 'y', dtype: 'float32', shape: [2] }]);
    assert.deepEqual(model.state, [
      { name: 'read', dtype: 'float32', shape: [2], output: null },
      { name: 'written', dtype: 'float32', shape: [], output: 'written.next' },
      { name: 'passed', dtype: 'float32', shape: [1], output: 'passed.next' },
    ]);
    assert.deepEqual(model.files, []);
    const state = Object.fromEntries(
      model.state.map(({ name, dtype, shape }) => [
        name,
        { dtype, shape, data: new Float32Array(shape[0] ?? 1).fill(5) },
      ]),
    );
    const compiled = await kit.compile(model, { state });
    assert.deepEqual(numbers((await compiled.run({ x: [1, 2], unused: [0, 0, 0] })).y), [5, 10]);
    const after = await compiled.state();
    assert.deepEqual(
      Object.entries(after).map(([name, value]) => [name, numbers(value)]),
      [
        ['read', [5, 5]],
        ['written', [3]],
        ['passed', [5]],
      ],
    );
    await compiled.dispose();
  });

  it('keeps every kind of attribute and every type of constant', async () => {
    const graph = new Graph();
    const types: readonly DType[] = ['float32', 'float64', 'int64', 'int32', 'int8', 'uint8', 'bool'];
    for (const dtype of types) graph.output(dtype, graph.constant([0, 1], [2], dtype));
    const values = await kit.evaluate(graph);
    for (const dtype of types) {
      assert.equal(values[dtype]!.dtype, dtype);
      assert.deepEqual(numbers(values[dtype]), [0, 1]);
    }
  });
});

describe('a graph that is deep', () => {
  it('of 20 000 nodes in a row is differentiated and written without overflowing the stack', () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', [1]);
    let y: Tensor = x;
    for (let i = 0; i < 20_000; i++) y = neg(y);
    graph.output('dx', gradients(sum(y), [x])[0]!);
    graph.output('y', y);
    const model = serialise(graph);
    assert.equal(graphOf(model).node.length, 40_001);
    assert.deepEqual(unmade(graphOf(model)), []);
  });

  it('in which each node uses the last two is walked once, not once for each way', () => {
    const graph = new Graph();
    let [a, b]: [Tensor, Tensor] = [graph.input('a', 'float32', [1]), graph.input('b', 'float32', [1])];
    for (let i = 0; i < 2000; i++) [a, b] = [b, add(a, b)];
    graph.output('y', b);
    assert.equal(graphOf(serialise(graph)).node.length, 2000);
  });

  it('of loops in loops, each using values of all around it', async () => {
    const graph = new Graph({ float: 'float64' });
    const x = graph.input('x', 'float64', []);
    const nest = (depth: number, seen: readonly Tensor[]): Tensor =>
      loop(seen.at(-1)!.graph, 2, { a: graph.scalar(0) }, ({ a }) => {
        const all = [...seen, a];
        const inner = depth === 0 ? x : nest(depth - 1, all);
        return { carried: { a: all.reduce((sum, each) => add(sum, each), inner) } };
      }).a;
    graph.output('y', nest(4, [x]));
    const model = serialise(graph);
    assert.deepEqual(unmade(graphOf(model)), []);
    const simulate = (depth: number, seen: readonly number[]): number => {
      let a = 0;
      for (let turn = 0; turn < 2; turn++) {
        const all = [...seen, a];
        a = all.reduce((sum, each) => sum + each, depth === 0 ? 1 : simulate(depth - 1, all));
      }
      return a;
    };
    assert.deepEqual(numbers((await kit.evaluate(model, { x: [1] })).y), [simulate(4, [1])]);
  });

  it('with a cycle is an error that names a node', () => {
    const graph = new Graph();
    const later = graph.promise('later', { dtype: 'float32', shape: [] });
    const y = neg(later);
    graph.define({ op: 'Neg', inputs: [y] }, [later]);
    assert.throws(() => schedule(graph.nodes, ['later']), /cycle through “Neg_\d+”/);
  });

  it('a node with several outputs is there once', () => {
    const graph = new Graph();
    const parts = split(graph.input('x', 'float32', [3]), [1, 1, 1], 0);
    graph.output('y', add(parts[2]!, parts[0]!));
    assert.deepEqual(ops(serialise(graph)), ['Split', 'Add']);
  });
});

describe('weights in a file', () => {
  let folder = '';
  before(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'attune-serialise-')));
  });
  after(() => rm(folder, { recursive: true }));

  /** The elements 1, −2, 0.5 and 3 of each type; the halves by their bits. */
  const stored: readonly (readonly [string, DType, TensorData])[] = [
    ['single', 'float32', Float32Array.of(1, -2, 0.5, 3)],
    ['half', 'float16', Uint16Array.of(0x3c00, 0xc000, 0x3800, 0x4200)],
    ['brain', 'bfloat16', Uint16Array.of(0x3f80, 0xc000, 0x3f00, 0x4040)],
  ];

  it('are read where they lie, whatever their type, and not copied into the model', async () => {
    const path = join(folder, 'model.safetensors');
    // An odd number of bytes before them would not be aligned; the format's header is padded.
    const tensors = stored.map(([name, dtype, data]) => ({ name, dtype, shape: [2, 2], data }));
    await writeSafetensors(path, [
      { name: 'first', dtype: 'float32', shape: [300], data: new Float32Array(300) },
      ...tensors,
    ]);
    const file = await openSafetensors(path);
    const graph = new Graph();
    const weights = frozenWeights(graph, file.tensors);
    for (const [name] of stored) graph.output(`${name} twice`, mul(weights.tensor(name, [2, 2], constant(0)), 2));
    const model = serialise(graph);
    assert.deepEqual(model.files, [path]);
    assert.ok(model.bytes.length < 1200);
    for (const { name, dataLocation, dataType, rawData, externalData } of graphOf(model).initializer) {
      const place = file.tensors.get(name);
      if (!place) continue;
      assert.equal(dataLocation, TensorProto_DataLocation.EXTERNAL);
      assert.equal(dataType, dtypes[place.dtype].onnx);
      assert.equal(rawData.length, 0);
      const facts = Object.fromEntries(externalData.map(({ key, value }) => [key, value]));
      assert.equal(join(parse(path).root, facts.location!), path);
      assert.ok(!facts.location!.includes('\\') && !facts.location!.startsWith('/'));
      assert.deepEqual([facts.offset, facts.length], [String(place.byteOffset), String(place.byteLength)]);
    }
    const values = await kit.evaluate(model);
    for (const [name] of stored) assert.deepEqual(numbers(values[`${name} twice`]), [2, -4, 1, 6], name);
  });

  it('are not wanted when nothing uses them', () => {
    const graph = new Graph();
    graph.weight('unused', { dtype: 'float32', shape: [2] }, { file: join(folder, 'gone'), offset: 0, bytes: 8 });
    graph.output('y', neg(graph.input('x', 'float32', [])));
    assert.deepEqual(serialise(graph).files, []);
  });
});
