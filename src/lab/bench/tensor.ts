/**
 * How fast and how exactly `src/tensor` trains and generates. Speeds are the best of several windows, and the ceiling (the
 * runtime's own large matrix product) is taken in the same windows, since the speed of a shared machine changes by the minute.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DecoderConfig } from '../../tensor/files/llamaConfig.ts';
import { openSafetensors } from '../../tensor/files/safetensors.ts';
import { expectedWeights } from '../../tensor/files/weightNames.ts';
import { Graph } from '../../tensor/graph/graph.ts';
import { causalLmLoss } from '../../tensor/nn/causalLm.ts';
import { frozenWeights } from '../../tensor/nn/frozen.ts';
import { Parameters } from '../../tensor/nn/parameters.ts';
import { slice } from '../../tensor/ops/layout.ts';
import { matmul } from '../../tensor/ops/matmul.ts';
import { adamw, initialOptimizerState } from '../../tensor/optim/adamw.ts';
import { seeded } from '../../tensor/random.ts';
import type { Runtime } from '../../tensor/runtime/api.ts';
import { modelFor } from '../../tensor/runtime/compile.ts';
import { startRuntime } from '../../tensor/runtime/runtime.ts';
import { checkAllOps, checkDecoders } from '../../tensor/testing/checkAll.ts';
import { startKit } from '../../tensor/testing/kit.ts';
import { tensorValue } from '../../tensor/value.ts';
import { benchGeneration, type GenerationBench, smollm2Shape, writeRandomModel } from './tensorGeneration.ts';

/** A decoder of 5 million parameters, as small as one that writes code can be. */
export const smallConfig: DecoderConfig = {
  family: 'llama',
  vocabSize: 2048,
  hiddenSize: 256,
  intermediateSize: 704,
  layers: 6,
  heads: 4,
  kvHeads: 2,
  headDim: 64,
  rmsNormEps: 1e-5,
  ropeTheta: 10_000,
  ropeScaling: { type: 'none' },
  qkvBias: false,
  outputBias: false,
  mlpBias: false,
  tiedEmbeddings: true,
  maxPositions: 512,
  bosId: null,
  eosIds: [],
  padId: null,
};

/** Floating-point operations of the matrix products in one training step, as they are computed: attention over full squares. */
function stepFlops(config: DecoderConfig, parameters: number, batch: number, length: number): number {
  const products = 2 * parameters * batch * length;
  const attention = config.layers * 2 * (2 * batch * config.heads * length * length * config.headDim);
  return 3 * (products + attention);
}

function tokenFeeds(vocabSize: number, batch: number, length: number, seed: number) {
  const random = seeded(seed);
  return {
    ids: tensorValue(
      Array.from({ length: batch * length }, () => Math.floor(random() * vocabSize)),
      [batch, length],
      'int64',
    ),
    learnt: tensorValue(new Array<number>(batch * length).fill(1), [batch, length]),
  };
}

const secondsOf = async (run: () => Promise<unknown>): Promise<number> => {
  const startedAt = performance.now();
  await run();
  return (performance.now() - startedAt) / 1000;
};

/** Multiplies square matrices that stay in the runtime, and hands out one number. */
async function matmulProgram(runtime: Runtime, size: number, products: number) {
  const graph = new Graph();
  const [a, b] = [graph.state('a', 'float32', [size, size]), graph.state('b', 'float32', [size, size])];
  let product = a;
  for (let i = 0; i < products; i++) product = matmul(product, b);
  graph.output('corner', slice(slice(product, 0, 0, 1), 1, 0, 1));
  const program = await runtime.load(modelFor(graph), { purpose: 'train' });
  const random = seeded(1);
  const matrix = () =>
    tensorValue(
      Array.from({ length: size * size }, () => (random() - 0.5) / 16),
      [size, size],
    );
  const state = await runtime.createState({ a: matrix(), b: matrix() });
  return {
    flops: products * 2 * size ** 3,
    run: () => program.run({ state, feeds: {} }),
  };
}

async function trainProgram(runtime: Runtime, batch: number, length: number) {
  const graph = new Graph();
  const parameters = new Parameters(graph);
  const decoder = { config: smallConfig, weights: parameters.weights(), adapter: null };
  const loss = causalLmLoss(graph, decoder, { batch, length });
  graph.output('loss', loss);
  adamw(parameters, loss, { learningRate: 3e-4, clipNorm: 1 });
  const program = await runtime.load(modelFor(graph), { purpose: 'train' });
  const initial = { ...parameters.initialState(seeded(2)), ...initialOptimizerState(graph) };
  const state = await runtime.createState(initial);
  const feeds = tokenFeeds(smallConfig.vocabSize, batch, length, 3);
  return {
    flops: stepFlops(smallConfig, parameters.size, batch, length),
    tokens: batch * length,
    run: () => program.run({ state, feeds }),
  };
}

/** Training against the ceiling, in turns. */
export async function benchTraining(windows = 8) {
  const runtime = startRuntime({ log: { debug: () => undefined }, threads: availableParallelism() });
  try {
    const ceilings = [await matmulProgram(runtime, 1024, 16), await matmulProgram(runtime, 2048, 2)];
    const training = await trainProgram(runtime, 16, 128);
    let ceiling = 0;
    let fastest = Number.POSITIVE_INFINITY;
    for (let window = 0; window < windows; window++) {
      for (const { flops, run } of ceilings) ceiling = Math.max(ceiling, flops / (await secondsOf(run)));
      for (let i = 0; i < 3; i++) fastest = Math.min(fastest, await secondsOf(training.run));
      for (const { flops, run } of ceilings) ceiling = Math.max(ceiling, flops / (await secondsOf(run)));
    }
    const achieved = training.flops / fastest;
    return {
      ceilingGflops: ceiling / 1e9,
      trainGflops: achieved / 1e9,
      fractionOfCeiling: achieved / ceiling,
      trainTokensPerSecond: training.tokens / fastest,
    };
  } finally {
    await runtime.close();
  }
}

/** Of one step of LoRA on `tokens` in a row: forward, and backward to the activations of a frozen model; the adapter is small. */
function loraFlops(config: DecoderConfig, tokens: number): number {
  const weights = [...expectedWeights(config).values()].filter(({ length }) => length === 2);
  const products = weights.reduce((total, [out = 0, inner = 0]) => total + 2 * tokens * out * inner, 0);
  const attention = config.layers * 2 * (2 * config.heads * tokens * tokens * config.headDim);
  return 2 * products + 3 * attention;
}

/** LoRA of rank 8 on every linear map of a frozen model, in a file of its own; one row of 256 tokens. */
export async function benchLora(config: DecoderConfig, file: string, windows = 8) {
  const runtime = startRuntime({ log: { debug: () => undefined }, threads: availableParallelism() });
  try {
    const { tensors } = await openSafetensors(file);
    const graph = new Graph();
    const parameters = new Parameters(graph);
    const targets = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'];
    const adapter = { rank: 8, alpha: 16, targets, weights: parameters.weights() };
    const decoder = { config, weights: frozenWeights(graph, tensors), adapter };
    const loss = causalLmLoss(graph, decoder, { batch: 1, length: 256 });
    graph.output('loss', loss);
    adamw(parameters, loss, { learningRate: 3e-4, clipNorm: 1 });
    const program = await runtime.load(modelFor(graph), { purpose: 'train' });
    const initial = { ...parameters.initialState(seeded(4)), ...initialOptimizerState(graph) };
    const state = await runtime.createState(initial);
    const feeds = tokenFeeds(config.vocabSize, 1, 256, 5);
    let fastest = Number.POSITIVE_INFINITY;
    for (let i = 0; i < windows; i++) {
      fastest = Math.min(fastest, await secondsOf(() => program.run({ state, feeds })));
    }
    const { peakRssBytes } = await runtime.measure();
    return {
      loraSecondsPerStep: fastest,
      loraGflops: loraFlops(config, 256) / fastest / 1e9,
      loraPeakRssBytes: peakRssBytes,
    };
  } finally {
    await runtime.close();
  }
}

export interface TensorBench extends GenerationBench {
  readonly name: 'tensor';
  /** In float64, of every op and of small whole decoders. */
  readonly gradcheckMaxRelError: number;
  readonly ceilingGflops: number;
  readonly trainGflops: number;
  readonly fractionOfCeiling: number;
  readonly trainTokensPerSecond: number;
  readonly loraSecondsPerStep: number;
  /** The work of a step over its time, to be read beside the ceiling. */
  readonly loraGflops: number;
  readonly loraPeakRssBytes: number;
}

/** Everything, one after the other; takes a few minutes, and 1 GB of the temporary folder for a model. */
export async function benchTensor(): Promise<TensorBench> {
  const folder = await mkdtemp(join(tmpdir(), 'attune-bench-'));
  const kit = startKit();
  try {
    const errors = [await checkAllOps(kit), await checkDecoders(kit)].map(({ maxRelativeError }) => maxRelativeError);
    await kit.close();
    const training = await benchTraining();
    const file = await writeRandomModel(folder, smollm2Shape, 'float32');
    const lora = await benchLora(smollm2Shape, file);
    const generation = await benchGeneration(folder, file);
    return { name: 'tensor', gradcheckMaxRelError: Math.max(...errors), ...training, ...lora, ...generation };
  } finally {
    await kit.close();
    await rm(folder, { recursive: true, force: true });
  }
}
