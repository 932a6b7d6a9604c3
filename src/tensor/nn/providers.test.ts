import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { softwareVulkan } from '../../../test/softwareVulkan.ts';
import type { DecoderConfig } from '../files/llamaConfig.ts';
import { Graph, type Tensor } from '../graph/graph.ts';
import { gatherRows } from '../ops/gather.ts';
import { adamw, initialOptimizerState } from '../optim/adamw.ts';
import { cosineSchedule } from '../optim/schedule.ts';
import { seeded } from '../random.ts';
import { modelFor } from '../runtime/compile.ts';
import type { Provider } from '../runtime/providers.ts';
import { startRuntime } from '../runtime/runtime.ts';
import { numberIn, tensorValue } from '../value.ts';
import { causalLmLoss } from './causalLm.ts';
import { Parameters } from './parameters.ts';
import { constant, type Weights } from './weights.ts';

const vulkan = softwareVulkan();
const runtime = startRuntime({ log: { debug() {} }, env: vulkan.ok ? vulkan.env : {} });
after(() => runtime.close());

const config: DecoderConfig = {
  family: 'qwen2',
  vocabSize: 40,
  hiddenSize: 32,
  intermediateSize: 48,
  layers: 2,
  heads: 4,
  kvHeads: 2,
  headDim: 8,
  rmsNormEps: 1e-5,
  ropeTheta: 10_000,
  ropeScaling: { type: 'none' },
  qkvBias: true,
  outputBias: false,
  mlpBias: false,
  tiedEmbeddings: true,
  maxPositions: 64,
  bosId: null,
  eosIds: [],
  padId: null,
};
const shape = { batch: 2, length: 12 };
const linear = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'];

/** Weights of a fixed random model inside the graph, as a file would give them. */
function fixedWeights(graph: Graph): Weights {
  const made = new Map<string, Tensor>();
  const random = seeded(11);
  const tensor: Weights['tensor'] = (name, size, initial) => {
    const known = made.get(name) ?? graph.constant([...initial(size, random)], size);
    made.set(name, known);
    return known;
  };
  return {
    tensor,
    rows: (name, size, initial, index) => gatherRows(tensor(name, size, initial), index),
    table: (name, size, initial) => tensor(name, size, initial),
  };
}

/** Losses of 20 steps on `provider`, of all parameters or of an adapter beside frozen ones. */
async function losses(provider: Provider, lora: boolean): Promise<number[]> {
  const graph = new Graph();
  const parameters = new Parameters(graph);
  const frozen = fixedWeights(graph);
  const adapter = { rank: 4, alpha: 8, targets: linear, weights: parameters.weights() };
  const decoder = lora
    ? { config, weights: frozen, adapter }
    : { config, weights: parameters.weights(), adapter: null };
  const loss = causalLmLoss(graph, decoder, shape);
  graph.output('loss', loss);
  const schedule = cosineSchedule({ warmup: 3, total: 20 });
  const { gradientNorm } = adamw(parameters, loss, { learningRate: 0.003, clipNorm: 1, schedule });
  graph.output('gradientNorm', gradientNorm);
  const program = await runtime.load(modelFor(graph), { purpose: 'train', provider });
  assert.equal(program.fallbackReason, null);
  const state = await runtime.createState({
    ...parameters.initialState(seeded(7)),
    ...initialOptimizerState(graph),
  });
  const random = seeded(3);
  const ids = Array.from({ length: shape.batch * shape.length }, () => Math.floor(random() * config.vocabSize));
  const rows = [shape.batch, shape.length];
  const feeds = {
    ids: tensorValue(ids, rows, 'int64'),
    learnt: tensorValue(constant(1)(rows, random), rows),
  };
  const found: number[] = [];
  for (let step = 0; step < 20; step++) found.push(numberIn((await program.run({ state, feeds })).loss));
  await program.dispose();
  await state.dispose();
  return found;
}

/** WebGPU finds SwiftShader where there is no graphics card; the others need theirs. */
for (const provider of ['webgpu', 'cuda', 'dml', 'coreml'] as const) {
  const { ok, reason } =
    provider === 'webgpu' && !vulkan.ok ? vulkan : (await runtime.probe()).find((each) => each.provider === provider)!;
  describe(`training on ${provider}`, { timeout: 180_000, skip: ok ? false : (reason ?? true) }, () => {
    for (const [name, lora] of [
      ['all parameters', false],
      ['LoRA', true],
    ] as const) {
      it(`gives the losses of the CPU over 20 steps: ${name}`, async () => {
        const [there, here] = [await losses(provider, lora), await losses('cpu', lora)];
        const worst = Math.max(...there.map((loss, i) => Math.abs(loss - here[i]!)));
        assert.ok(worst <= 1e-5, `${worst} apart:\n${there.join(' ')}\n${here.join(' ')}`);
        assert.ok(here.at(-1)! < here[0]! - 0.05, `nothing was learnt: ${here.join(' ')}`);
      });
    }
  });
}
