import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Graph } from '../graph/graph.ts';
import { Parameters } from '../nn/parameters.ts';
import { constant } from '../nn/weights.ts';
import { mul, sum } from '../ops/basic.ts';
import { matmul } from '../ops/matmul.ts';
import { adamw } from '../optim/adamw.ts';
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { notesOf } from './testCheckpoints.ts';
import { fromCheckpointTensors, type States, toCheckpointTensors } from './trainingState.ts';
import { WeightsError } from './weightNames.ts';

/** A graph that trains, and a state of it in which no two numbers are the same. */
function training(): { readonly parameters: Parameters; readonly states: States } {
  const graph = new Graph();
  const parameters = new Parameters(graph);
  const w = parameters.create('layer.weight', [2, 3], constant(0));
  const gain = parameters.create('norm.weight', [3], constant(0));
  const u = parameters.create('head.weight', [3, 1], constant(0), { rate: 10 });
  adamw(parameters, sum(mul(matmul(w, u), sum(gain))), { learningRate: 1e-3, accumulate: 4 });
  let next = 1;
  const states = Object.fromEntries(
    graph.states.map(({ input: { name, shape, size } }) => {
      const data = Float32Array.from({ length: size }, () => next++ / 3);
      return [name, { dtype: 'float32' as const, shape, data }];
    }),
  );
  return { parameters, states };
}

test('a whole training goes into a checkpoint by parameter and comes back, bit for bit', async () => {
  const { parameters, states } = training();
  const layouts = parameters.packs();
  const root = await mkdtemp(join(tmpdir(), 'attune-training-'));
  try {
    await writeCheckpoint(join(root, 'run'), toCheckpointTensors(layouts, states), notesOf(3));
    const read = await readCheckpoint(join(root, 'run'));
    assert.deepEqual(fromCheckpointTensors('run', layouts, read), states);
    assert.deepEqual(
      read.optimizer!.map(({ name }) => name).sort(),
      ['accumulated', 'exp_avg', 'exp_avg_sq']
        .flatMap((kind) => ['head.weight', 'layer.weight', 'norm.weight'].map((name) => `${kind}.${name}`))
        .concat('runs', 'step')
        .sort(),
    );
  } finally {
    await rm(root, { recursive: true, force: true });
  }
});

test('tensors of a checkpoint are views of the state', () => {
  const { parameters, states } = training();
  const tensors = toCheckpointTensors(parameters.packs(), states);
  const buffers = new Set(Object.values(states).map(({ data }) => data.buffer));
  for (const { data } of [...tensors.parameters, ...tensors.optimizer!]) assert.ok(buffers.has(data.buffer));
});

test('a checkpoint of another model is refused, whichever part is wrong', () => {
  const { parameters, states } = training();
  const layouts = parameters.packs();
  const tensors = toCheckpointTensors(layouts, states);
  const without = (name: string) => ({
    parameters: tensors.parameters.filter((one) => one.name !== name),
    optimizer: tensors.optimizer!.filter((one) => one.name !== name),
  });
  for (const name of ['norm.weight', 'exp_avg.head.weight', 'accumulated.norm.weight']) {
    assert.throws(() => fromCheckpointTensors('/runs/run', layouts, without(name)), WeightsError, name);
  }
});

test('a state that is missing or of something else is the caller’s mistake', () => {
  const { parameters, states } = training();
  const layouts = parameters.packs();
  const { 'optimizer.first.plain': _, ...incomplete } = states;
  assert.throws(() => toCheckpointTensors(layouts, incomplete), /State optimizer\.first\.plain is missing/);
  const cache = { dtype: 'float32', shape: [1], data: new Float32Array(1) } as const;
  assert.throws(() => toCheckpointTensors(layouts, { ...states, cache }), /State cache does not belong/);
});
