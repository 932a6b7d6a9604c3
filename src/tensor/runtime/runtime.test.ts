import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { bytesOf, toData } from '../dtype.ts';
import { Graph } from '../graph/graph.ts';
import { serialise } from '../graph/serialise.ts';
import type { TensorValue } from '../model.ts';
import { add, div, mul } from '../ops/basic.ts';
import { gatherRows } from '../ops/gather.ts';
import { cast } from '../ops/layout.ts';
import { not } from '../ops/select.ts';
import { log as logarithm } from '../ops/unary.ts';
import type { Runtime, State } from './api.ts';
import { probeModel } from './probe.ts';
import { startRuntime } from './runtime.ts';
import { counter, float, numbers, reader, scalar } from './testModels.ts';

const folder = mkdtempSync(join(tmpdir(), 'attune-runtime-'));
const runtime: Runtime = startRuntime({ log: { debug() {} } });
after(async () => {
  await runtime.close();
  rmSync(folder, { recursive: true, force: true });
});

const counted = async (state: State) => numbers((await state.read(['total'])).total)[0];

describe('the runtime', { timeout: 60_000 }, () => {
  it('takes steps that read and write a state', async () => {
    const program = await runtime.load(counter(), { purpose: 'train' });
    const state = await runtime.createState({ total: scalar(1) });
    assert.deepEqual(numbers((await program.run({ state, feeds: { x: scalar(2) } })).product), [6]);
    assert.deepEqual(numbers((await program.run({ state, feeds: { x: scalar(3) } })).product), [18]);
    assert.equal(await counted(state), 6);
    await state.write({ total: scalar(10) });
    assert.deepEqual(numbers((await program.run({ state, feeds: { x: scalar(1) } })).product), [11]);
    assert.equal(program.provider, 'cpu');
    assert.equal(program.fallbackReason, null);
    await state.dispose();
    await assert.rejects(state.read(), { name: 'StateLostError', message: /disposed/ });
    await program.dispose();
    await assert.rejects(program.run({ feeds: { x: scalar(1) } }), /disposed/);
  });

  it('never writes into what a step reads: 12 steps equal plain copies bit for bit', async () => {
    const model = probeModel();
    const noise = (count: number, seed: number) => Array.from({ length: count }, (_, i) => Math.sin(i * 7.3 + seed));
    const feeds = { x: float([32, 16], noise(512, 1)), y: float([32, 1], noise(32, 2)), rate: scalar(0.01) };
    let copies: { readonly [name: string]: TensorValue } = {
      w1: float([16, 24], noise(384, 3)),
      w2: float([24, 1], noise(24, 4)),
    };
    const state = await runtime.createState(copies);
    const inPlace = await runtime.load(model, { purpose: 'train', threads: 2 });
    const next = model.state.map(({ output, dtype, shape }) => ({ name: output!, dtype, shape }));
    const pure = await runtime.load(
      { ...model, inputs: [...model.inputs, ...model.state], outputs: [...model.outputs, ...next], state: [] },
      { purpose: 'train', threads: 2 },
    );
    for (let step = 0; step < 12; step++) {
      const kept = await inPlace.run({ state, feeds });
      const made = await pure.run({ feeds: { ...feeds, ...copies } });
      copies = { w1: made['w1.next']!, w2: made['w2.next']! };
      assert.deepEqual(numbers(kept.loss), numbers(made.loss), `step ${step}`);
      assert.deepEqual(await state.read(), copies, `step ${step}`);
    }
  });

  it('lets several programs use one state', async () => {
    const state = await runtime.createState({ total: { dtype: 'float32', shape: [] }, other: scalar(5) });
    const step = await runtime.load(counter(), { purpose: 'train' });
    const look = await runtime.load(reader(), { purpose: 'decode' });
    await step.run({ state, feeds: { x: scalar(4) } });
    assert.deepEqual(numbers((await look.run({ state, feeds: {} })).double), [8]);
    assert.deepEqual(Object.keys(await state.read()), ['total', 'other']);
  });

  it('carries every element type that can cross its border, and says so of the one that can’t', async () => {
    const graph = new Graph();
    const half = graph.input('half', 'float16', [2]);
    graph.output('half.out', add(half, half));
    graph.output('long', cast(half, 'int64'));
    graph.output('not', not(graph.input('flag', 'bool', [2])));
    graph.output('double', cast(graph.input('byte', 'int8', [1]), 'float64'));
    const program = await runtime.load(serialise(graph), { purpose: 'decode' });
    const result = await program.run({
      feeds: {
        half: { dtype: 'float16', shape: [2], data: Uint16Array.of(0x3c00, 0xc000) },
        flag: { dtype: 'bool', shape: [2], data: Uint8Array.of(0, 1) },
        byte: { dtype: 'int8', shape: [1], data: Int8Array.of(-3) },
      },
    });
    assert.deepEqual(result, {
      'half.out': { dtype: 'float16', shape: [2], data: Uint16Array.of(0x4000, 0xc400) },
      long: { dtype: 'int64', shape: [2], data: BigInt64Array.of(1n, -2n) },
      not: { dtype: 'bool', shape: [2], data: Uint8Array.of(1, 0) },
      double: { dtype: 'float64', shape: [1], data: Float64Array.of(-3) },
    });
    const brain: TensorValue = { dtype: 'bfloat16', shape: [1], data: Uint16Array.of(0) };
    await assert.rejects(runtime.createState({ brain }), { name: 'ModelInputError', message: /“brain” is bfloat16/ });
  });

  it('reads weights from files, and names one that is missing', async () => {
    const file = join(folder, 'weights.bin');
    writeFileSync(file, Buffer.concat([Buffer.alloc(12), bytesOf(Float32Array.of(2, 3))]));
    const graph = new Graph();
    const weight = graph.weight('w', { dtype: 'float32', shape: [2] }, { file, offset: 12, bytes: 8 });
    graph.output('y', mul(weight, graph.input('x', 'float32', [2])));
    const program = await runtime.load(serialise(graph), { purpose: 'train' });
    assert.deepEqual(numbers((await program.run({ feeds: { x: float([2], [10, 100]) } })).y), [20, 300]);
    rmSync(file);
    await assert.rejects(runtime.load(serialise(graph), { purpose: 'train' }), {
      name: 'ModelInputError',
      message: /weights\.bin” can’t be read/,
    });
  });

  it('refuses a state that doesn’t fit, and a model that isn’t what it says', async () => {
    const program = await runtime.load(counter(), { purpose: 'train' });
    const feeds = { x: scalar(1) };
    const state = await runtime.createState({ total: float([2], [1, 2]) });
    await assert.rejects(program.run({ state, feeds }), /“total” is float32 \[2\]; the model wants float32 \[\]/);
    await assert.rejects(program.run({ feeds }), /reads a state with “total”; none was given/);
    const lacking = await runtime.createState({ sum: scalar(0) });
    await assert.rejects(program.run({ state: lacking, feeds }), /no tensor “total”/);
    await assert.rejects(state.write({ total: scalar(1) }), /“total” is float32 \[2\]; float32 \[\] was given/);
    await assert.rejects(state.read(['absent']), /no tensor “absent”; it has “total”/);
    const wrong = { ...counter(), inputs: [], outputs: [{ name: 'sum', dtype: 'float32' as const, shape: [] }] };
    await assert.rejects(runtime.load(wrong, { purpose: 'train' }), {
      name: 'ModelInputError',
      message: /graph’s input “x” is not declared; the graph has no output “sum”/,
    });
    await assert.rejects(runtime.load({ ...counter(), bytes: Uint8Array.of(1, 2, 3) }, { purpose: 'train' }), {
      name: 'ModelError',
      message: /^ONNX Runtime: /,
    });
  });

  it('does not take a step whose batch or loss is not finite', async () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', [2]);
    const total = graph.state('total', 'float32', [2]);
    graph.update(total, add(total, x));
    graph.output('loss', logarithm(gatherRows(x, graph.scalar(0, 'int64'))));
    const state = await runtime.createState({ total: float([2], [5, 5]) });
    const program = await runtime.load(serialise(graph), { purpose: 'train' });
    const run = (...x: number[]) => program.run({ state, feeds: { x: float([2], x) } });
    const rejects = (promise: Promise<unknown>, message: RegExp) =>
      assert.rejects(promise, { name: 'NonFiniteError', message });
    await rejects(run(1, Number.NaN), /input “x” has NaN at element 1/);
    await rejects(run(Number.POSITIVE_INFINITY, 1), /input “x” has Infinity at element 0/);
    await rejects(run(-1, 1), /output “loss” is NaN: this step was not taken/);
    await rejects(run(0, 1), /output “loss” is -Infinity/);
    assert.deepEqual(numbers((await state.read()).total), [5, 5]);
    assert.deepEqual(numbers((await run(1, 1)).loss), [0]);
    assert.deepEqual(numbers((await state.read()).total), [6, 6]);
    const unchecked = await runtime.load(serialise(graph), { purpose: 'train', checkFinite: false });
    const result = await unchecked.run({ state, feeds: { x: float([2], [Number.NaN, 0]) } });
    assert.deepEqual(numbers(result.loss), [Number.NaN]);
  });

  it('leaves a state alone when a step fails inside ONNX Runtime', async () => {
    const graph = new Graph();
    const total = graph.state('total', 'float32', [2]);
    const index = graph.input('index', 'int64', [1]);
    graph.update(total, div(add(total, gatherRows(total, index)), 1));
    const program = await runtime.load(serialise(graph), { purpose: 'train' });
    const state = await runtime.createState({ total: float([2], [1, 2]) });
    const run = (index: number) =>
      program.run({ state, feeds: { index: { dtype: 'int64', shape: [1], data: toData([index], 'int64') } } });
    await assert.rejects(run(7), { name: 'ModelError', message: /out of data bounds/ });
    assert.deepEqual(numbers((await state.read()).total), [1, 2]);
    await run(1);
    assert.deepEqual(numbers((await state.read()).total), [3, 4]);
  });

  it('adds rows to a state where it lies', async () => {
    const graph = new Graph();
    const cache = graph.state('cache', 'float32', [2, 3, 2]);
    const row = graph.input('row', 'float32', [2, 1, 2]);
    const position = graph.input('position', 'int64', [2]);
    graph.output('seen', add(cast(position, 'float32'), 0));
    graph.output('newRow', mul(row, 10));
    graph.output('all', add(cache, 0));
    const whole = serialise(graph);
    const model = {
      ...whole,
      outputs: whole.outputs.filter(({ name }) => name !== 'newRow'),
      appends: [{ state: 'cache', output: 'newRow', axis: 1, position: 'position' }],
    };
    const program = await runtime.load(model, { purpose: 'decode' });
    const state = await runtime.createState({ cache: { dtype: 'float32', shape: [2, 3, 2] } });
    const run = (row: number[], at: number[]) =>
      program.run({
        state,
        feeds: {
          row: float([2, 1, 2], row),
          position: { dtype: 'int64', shape: [2], data: toData(at, 'int64') },
        },
      });
    const first = await run([1, 2, 3, 4], [0, 2]);
    assert.deepEqual(Object.keys(first), ['seen', 'all'], 'rows for the state stay there');
    assert.deepEqual(numbers(first.all), Array(12).fill(0), 'a run sees the cache as it was');
    await run([5, 6, 7, 8], [1, 0]);
    assert.deepEqual(numbers((await state.read()).cache), [10, 20, 50, 60, 0, 0, 70, 80, 0, 0, 30, 40]);
    await assert.rejects(run([0, 0, 0, 0], [3, 0]), {
      name: 'ModelInputError',
      message: /“cache” has 3 rows along axis 1; 1 more at 3 don’t fit/,
    });
    const wrong = { ...model, appends: [{ state: 'cache', output: 'newRow', axis: 0, position: 'position' }] };
    await assert.rejects(runtime.load(wrong, { purpose: 'decode' }), /“newRow” \(float32 \[2, 1, 2\]\) can’t be added/);
  });

  it('says how much memory its process has', async () => {
    const { rssBytes, peakRssBytes } = await runtime.measure();
    assert.ok(rssBytes > 20e6 && peakRssBytes >= rssBytes * 0.9, `${rssBytes}, ${peakRssBytes}`);
    const idle = startRuntime({ log: { debug() {} } });
    assert.deepEqual(await idle.measure(), { rssBytes: 0, peakRssBytes: 0 });
  });
});
