import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { CheckpointNotes } from '../files/checkpointManifest.ts';
import { Graph } from '../graph/graph.ts';
import { serialise } from '../graph/serialise.ts';
import type { TensorValue } from '../model.ts';
import { Parameters } from '../nn/parameters.ts';
import { constant } from '../nn/weights.ts';
import { square, sub } from '../ops/basic.ts';
import { matmul } from '../ops/matmul.ts';
import { mean } from '../ops/reduce.ts';
import { adamw } from '../optim/adamw.ts';
import type { Program, State } from './api.ts';
import { startRuntime } from './runtime.ts';
import { float, numbers, scalar } from './testModels.ts';

const folder = mkdtempSync(join(tmpdir(), 'attune-saved-'));
const log = { debug() {} };
const runtime = startRuntime({ log });
after(async () => {
  await runtime.close();
  rmSync(folder, { recursive: true, force: true });
});

const notes = (step: number): CheckpointNotes => ({
  created: '2026-01-01T00:00:00.000Z',
  step,
  hyperParameters: { learningRate: 0.01 },
  resume: { seed: 7 },
  extra: null,
});

const graph = new Graph();
const parameters = new Parameters(graph);
const weight = parameters.create('layer.weight', [3, 2], constant(0.1));
const gain = parameters.create('head.weight', [2, 1], constant(0.2));
const x = graph.input('x', 'float32', [4, 3]);
const loss = mean(square(sub(matmul(matmul(x, weight), gain), 1)));
adamw(parameters, loss, { learningRate: 0.01 });
graph.output('loss', loss);
const model = serialise(graph);
const layouts = parameters.packs();
const feeds = (step: number) => ({
  x: float(
    [4, 3],
    Array.from({ length: 12 }, (_, i) => Math.sin(i + step * 5)),
  ),
});

/** Every state tensor a bit different from zero, so that one that is forgotten is seen. */
const start = (): { readonly [name: string]: TensorValue } =>
  Object.fromEntries(
    model.state.map(({ name, shape }) => [
      name,
      float(
        shape,
        Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => (name.includes('.step') ? 0 : 0.1 + i / 50)),
      ),
    ]),
  );

async function train(program: Program, state: State, from: number, to: number): Promise<number[]> {
  const losses: number[] = [];
  for (let step = from; step < to; step++)
    losses.push(...numbers((await program.run({ state, feeds: feeds(step) })).loss));
  return losses;
}

describe('checkpoints of a state', { timeout: 60_000 }, () => {
  it('let a training go on in another process as if it had not stopped, bit for bit', async () => {
    const program = await runtime.load(model, { purpose: 'train' });
    const state = await runtime.createState(start());
    await train(program, state, 0, 3);
    const place = join(folder, 'run');
    const written = await state.save(place, layouts, notes(3));
    const straight = await train(program, state, 3, 6);
    const expected = await state.read();

    const other = startRuntime({ log });
    try {
      const { state: restored, manifest } = await other.restore(place, layouts, 'The run');
      assert.deepEqual(manifest, written);
      assert.deepEqual([manifest.step, manifest.resume], [3, { seed: 7 }]);
      const again = await other.load(model, { purpose: 'train' });
      assert.deepEqual(await train(again, restored, 3, 6), straight);
      assert.deepEqual(await restored.read(Object.keys(expected)), expected);
    } finally {
      await other.close();
    }
  });

  it('name what is wrong with a file, and leave the state as it is', async () => {
    const state = await runtime.createState(start());
    const before = await state.read();
    const failure = (message: RegExp) => (error: Error & { readonly file?: string }) => {
      assert.equal(error.name, 'CheckpointFileError');
      assert.match(error.message, message);
      assert.ok(error.file?.startsWith(folder));
      return true;
    };
    await assert.rejects(runtime.restore(join(folder, 'absent'), layouts), failure(/“absent” is not there\./));
    const place = join(folder, 'damaged');
    await state.save(place, layouts, notes(1));
    writeFileSync(join(place, 'model.safetensors'), 'no tensors');
    await assert.rejects(runtime.restore(place, layouts), failure(/“damaged” is damaged: its model\.safetensors/));

    writeFileSync(join(folder, 'file'), '');
    await assert.rejects(state.save(join(folder, 'file', 'run'), layouts, notes(1)), failure(/could not be written/));
    const foreign = await runtime.createState({ total: scalar(1) });
    await assert.rejects(foreign.save(join(folder, 'foreign'), layouts, notes(1)), {
      name: 'ModelInputError',
      message: /parameters\.\w+ is missing/,
    });
    assert.deepEqual(await state.read(), before);
  });
});
