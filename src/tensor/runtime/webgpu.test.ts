import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { softwareVulkan } from '../../../test/softwareVulkan.ts';
import { Graph } from '../graph/graph.ts';
import { serialise } from '../graph/serialise.ts';
import type { TensorValue } from '../model.ts';
import { add, mul } from '../ops/basic.ts';
import { probeModel } from './probe.ts';
import { startRuntime } from './runtime.ts';
import { float, numbers, scalar } from './testModels.ts';

const vulkan = softwareVulkan();
const runtime = startRuntime({ log: { debug() {} }, env: vulkan.ok ? vulkan.env : {} });
after(() => runtime.close());

const noise = (count: number, seed: number) => Array.from({ length: count }, (_, i) => Math.sin(i * 7.3 + seed));
const weights = { w1: float([16, 24], noise(384, 3)), w2: float([24, 1], noise(24, 4)) };
const feeds = { x: float([32, 16], noise(512, 1)), y: float([32, 1], noise(32, 2)), rate: scalar(0.01) };

function assertClose(actual: TensorValue | undefined, expected: TensorValue | undefined, what: string): void {
  const wanted = numbers(expected);
  numbers(actual).forEach((value, i) => {
    assert.ok(
      Math.abs(value - wanted[i]!) <= 1e-5 * Math.max(1, Math.abs(wanted[i]!)),
      `${what}[${i}]: ${value}, ${wanted[i]}`,
    );
  });
}

describe('the runtime on WebGPU', { timeout: 120_000, skip: vulkan.ok ? false : vulkan.reason }, () => {
  it('trains as the CPU does, with the state on the GPU, and lets both use one state', async () => {
    const gpu = await runtime.load(probeModel(), { purpose: 'train', provider: 'webgpu' });
    assert.equal(gpu.fallbackReason, null);
    assert.equal(gpu.provider, 'webgpu');
    const cpu = await runtime.load(probeModel(), { purpose: 'train' });
    const [there, here] = [await runtime.createState(weights), await runtime.createState(weights)];
    for (let step = 0; step < 5; step++) {
      const [found, expected] = [await gpu.run({ state: there, feeds }), await cpu.run({ state: here, feeds })];
      assertClose(found.loss, expected.loss, `loss of step ${step}`);
    }
    const [found, expected] = [await there.read(), await here.read()];
    assertClose(found.w1, expected.w1, 'w1');
    assertClose(found.w2, expected.w2, 'w2');
    assert.notDeepEqual(found.w1, weights.w1);

    const crossed = [await cpu.run({ state: there, feeds }), await gpu.run({ state: here, feeds })];
    assertClose(crossed[0]!.loss, crossed[1]!.loss, 'loss with the states exchanged');
    await there.write(weights);
    await here.write(weights);
    assertClose((await gpu.run({ state: there, feeds })).loss, (await cpu.run({ state: here, feeds })).loss, 'again');
    await there.dispose();
  });

  it('keeps a state of whole numbers, and takes neither a cancelled step nor one with a loss that is not finite', async () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', []);
    const total = graph.state('total', 'float32', []);
    const steps = graph.state('steps', 'int64', []);
    graph.update(total, add(total, x));
    graph.update(steps, add(steps, graph.scalar(1, 'int64')));
    graph.output('loss', mul(x, x));
    const program = await runtime.load(serialise(graph), { purpose: 'train', provider: 'webgpu' });
    assert.equal(program.fallbackReason, null);
    const one: TensorValue = { dtype: 'int64', shape: [], data: BigInt64Array.of(1n) };
    const state = await runtime.createState({ total: scalar(2), steps: one });
    const run = (value: number, signal?: AbortSignal) =>
      program.run({ state, feeds: { x: scalar(value) }, ...(signal && { signal }) });
    for (let step = 0; step < 3; step++) await run(1);
    await assert.rejects(run(1e30), { name: 'NonFiniteError' });
    const controller = new AbortController();
    const cancelled = assert.rejects(run(1, controller.signal), { name: 'AbortError' });
    await new Promise(setImmediate);
    controller.abort();
    await cancelled;
    assert.deepEqual(await state.read(), { total: scalar(5), steps: { ...one, data: BigInt64Array.of(4n) } });
  });

  it('says that rows can’t be added in place', async () => {
    const graph = new Graph();
    const cache = graph.state('cache', 'float32', [2]);
    const position = graph.input('position', 'int64', [1]);
    graph.output('row', add(graph.input('x', 'float32', [1]), 0));
    graph.output('sum', add(cache, 0));
    const model = {
      ...serialise(graph),
      appends: [{ state: 'cache', output: 'row', axis: 0, position: position.name }],
    };
    await assert.rejects(runtime.load(model, { purpose: 'decode', provider: 'webgpu' }), {
      name: 'ModelInputError',
      message: /in place only in the host’s memory, not with WebGPU/,
    });
  });
});
