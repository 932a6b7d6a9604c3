/**
 * A small neural network on the features, trained through src/tensor: one hidden layer of 64, dropout 0.1, squared error on
 * [0, 1] and Bradley–Terry on pairs, weight decay 1e-5. The folds of a cross-validation share one program, since their rows
 * are all there and weights of 0 mask those left out; what is used is the ensemble of the folds' networks.
 */
import { Graph, type Tensor } from '../../../tensor/graph/graph.ts';
import { Parameters, parametersIn } from '../../../tensor/nn/parameters.ts';
import { constant, fanIn } from '../../../tensor/nn/weights.ts';
import { dropout, silu } from '../../../tensor/ops/activation.ts';
import { add, mul, neg, reshape, square, sub, sum } from '../../../tensor/ops/basic.ts';
import { affine } from '../../../tensor/ops/matmul.ts';
import { sigmoid, softplus } from '../../../tensor/ops/unary.ts';
import { adamw, initialOptimizerState } from '../../../tensor/optim/adamw.ts';
import { linearSchedule } from '../../../tensor/optim/schedule.ts';
import type { Runtime, State } from '../../../tensor/runtime/api.ts';
import { modelFor } from '../../../tensor/runtime/compile.ts';
import { tensorValue } from '../../../tensor/value.ts';
import type { Fold } from '../evaluation/folds.ts';
import { deviation, mean } from '../evaluation/interval.ts';
import type { RewardModel, Row } from './rewardModel.ts';
import type { Fits, RewardTrainer } from './trainer.ts';

export interface NeuralHead extends RewardModel {
  readonly kind: 'neuralHead';
  /** Of the folds; the mean of what they expect is expected. */
  readonly networks: readonly Network[];
}

export interface NeuralHeadOptions {
  readonly runtime: Runtime;
  /** Of full batches; 150 by default: with few hundred rows more of them learn the noise. */
  readonly steps?: number;
  readonly learningRate?: number;
  /** After every so many steps of each fold's network: the loss, without which nobody sees whether it learns. */
  readonly onLoss?: (fold: number, step: number, loss: number) => void;
}

/** Units of the hidden layer. */
export const hidden = 64;
const dropoutRate = 0.1;
const weightDecay = 1e-5;
/** Of the pairs' loss beside that of the ratings. */
const pairShare = 0.1;
/** Rows are padded to a multiple, so that a few more labels need no other program. */
const padding = 64;
const leastNoise = 0.02;
/** Steps from one loss that is told to the next. */
const lossEvery = 10;

/** One network, as it is served: no process is needed for a few thousand products. */
export interface Network {
  /** [hidden, features], [hidden], [hidden], [] */
  readonly weight: Float32Array;
  readonly bias: Float32Array;
  readonly out: Float32Array;
  readonly offset: number;
}

export function neuralHead({ runtime, steps = 150, learningRate = 3e-3, onLoss }: NeuralHeadOptions): RewardTrainer {
  return {
    kind: 'neuralHead',
    async fit(rows, folds, { random, signal }) {
      const size = rows[0]?.features.length ?? 0;
      const single = rows.flatMap(({ source }, i) => (source === 'pair' ? [] : [i]));
      const pairs = rows.flatMap(({ source }, i) => (source === 'pair' ? [i] : []));
      if (single.length === 0 || folds.length < 2) return null;
      const shape = { size, rows: padded(single.length), pairs: padded(pairs.length) };
      const { graph, parameters } = trainingGraph(shape, steps, learningRate);
      const call = signal === undefined ? {} : { signal };
      const program = await runtime.load(modelFor(graph), { purpose: 'train', ...call });
      try {
        const x = matrix(rows, single, shape.rows, size);
        const differences = matrix(rows, pairs, shape.pairs, size);
        const y = column(
          single.map((i) => rows[i]!.target),
          shape.rows,
        );
        const networks: Network[] = [];
        for (const [fold, { training }] of folds.entries()) {
          const within = new Set(training);
          const weightsOf = (indices: readonly number[], length: number) =>
            normalised(
              indices.map((i) => (within.has(i) ? rows[i]!.weight : 0)),
              length,
            );
          const feeds = {
            x,
            y,
            differences,
            weights: weightsOf(single, shape.rows),
            pairWeights: weightsOf(pairs, shape.pairs),
          };
          const state = await runtime.createState(
            { ...parameters.initialState(random), ...initialOptimizerState(graph) },
            'The reward network',
          );
          try {
            for (let step = 0; step < steps; step += 1) {
              const noise = tensorValue(uniform(shape.rows * hidden, random), [shape.rows, hidden]);
              const pairNoise = tensorValue(uniform(shape.pairs * hidden, random), [shape.pairs, hidden]);
              const { loss } = await program.run({ state, feeds: { ...feeds, noise, pairNoise }, ...call });
              if ((step + 1) % lossEvery === 0) onLoss?.(fold, step + 1, Number(loss!.data[0]));
            }
            networks.push(await networkIn(state, parameters));
          } finally {
            await state.dispose();
          }
        }
        return fitsOf(rows, single, folds, networks);
      } finally {
        await program.dispose();
      }
    },
  };
}

const padded = (count: number): number => Math.max(1, Math.ceil(count / padding)) * padding;

/** Padded rows and pairs, and features of each. */
export interface HeadShape {
  readonly size: number;
  readonly rows: number;
  readonly pairs: number;
}

/** [hidden, features], [hidden], [1, hidden], [1] */
export interface HeadWeights {
  readonly weight: Tensor;
  readonly bias: Tensor;
  readonly out: Tensor;
  readonly offset: Tensor;
}

/**
 * A scalar: Σ w (σ(f(x)) − y)² + a tenth of Σ w ln(1 + e^−lift) over pairs. Fed: `x` [rows, size], `y` and `weights` [rows],
 * `differences` [pairs, size], `pairWeights` [pairs]; `noise` [rows, hidden] and `pairNoise` [pairs, hidden], uniform, of the dropout.
 */
export function headLoss({ weight, bias, out, offset }: HeadWeights, shape: HeadShape): Tensor {
  const { graph } = weight;
  const { float } = graph;
  const inputOf = (name: string, rows: number, columns: number) => graph.input(name, float, [rows, columns]);

  const logits = (name: string, noise: string, rows: number) => {
    const layer = dropout(
      silu(affine(inputOf(name, rows, shape.size), weight, bias)),
      inputOf(noise, rows, hidden),
      dropoutRate,
    );
    return reshape(affine(layer, out, offset), [rows]);
  };
  const target = graph.input('y', float, [shape.rows]);
  const weights = graph.input('weights', float, [shape.rows]);
  const error = sum(mul(square(sub(sigmoid(logits('x', 'noise', shape.rows)), target)), weights));

  // Rows of pairs are differences of features: how far they lift the logit above that of no features at all.
  const origin = affine(silu(reshape(bias, [1, hidden])), out, offset);
  const lift = sub(logits('differences', 'pairNoise', shape.pairs), reshape(origin, [1]));
  const disorder = sum(mul(softplus(neg(lift)), graph.input('pairWeights', float, [shape.pairs])));
  return add(error, mul(disorder, pairShare));
}

function trainingGraph(shape: HeadShape, steps: number, learningRate: number) {
  const graph = new Graph();
  const parameters = new Parameters(graph);
  const weights = {
    weight: parameters.create('weight', [hidden, shape.size], fanIn),
    bias: parameters.create('bias', [hidden], constant(0)),
    out: parameters.create('out', [1, hidden], fanIn),
    offset: parameters.create('offset', [1], constant(0)),
  };
  const loss = headLoss(weights, shape);
  graph.output('loss', loss);
  adamw(parameters, loss, {
    learningRate,
    weightDecay,
    schedule: linearSchedule({ total: steps, final: 0.1 }),
    clipNorm: 1,
  });
  return { graph, parameters };
}

function matrix(rows: readonly Row[], indices: readonly number[], length: number, size: number) {
  const data = new Float32Array(length * size);
  indices.forEach((i, at) => {
    data.set(rows[i]!.features, at * size);
  });
  return tensorValue(data, [length, size]);
}

function column(values: readonly number[], length: number) {
  const data = new Float32Array(length);
  data.set(values);
  return tensorValue(data, [length]);
}

/** They add up to 1, or are all 0. */
function normalised(weights: readonly number[], length: number) {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return column(
    weights.map((weight) => (total === 0 ? 0 : weight / total)),
    length,
  );
}

/** A loop: making an array from an iterator would take longer than the step it is for. */
function uniform(count: number, random: () => number): Float32Array {
  const values = new Float32Array(count);
  for (let i = 0; i < count; i += 1) values[i] = random();
  return values;
}

async function networkIn(state: State, parameters: Parameters): Promise<Network> {
  const names = parameters.layouts.map(({ pack }) => `parameters.${pack}`);
  const tensors = await state.read(names);
  const found = new Map(
    parametersIn(parameters.layouts, tensors).map(({ name, data }) => [name, Float32Array.from(data as Float32Array)]),
  );
  return {
    weight: found.get('weight')!,
    bias: found.get('bias')!,
    out: found.get('out')!,
    offset: found.get('offset')![0]!,
  };
}

/** The expected target, 0 to 1. */
function expectedBy({ weight, bias, out, offset }: Network, features: ArrayLike<number>): number {
  let logit = offset;
  for (let unit = 0; unit < hidden; unit += 1) {
    let value = bias[unit]!;
    const row = unit * features.length;
    for (let i = 0; i < features.length; i += 1) value += weight[row + i]! * features[i]!;
    logit += out[unit]! * (value / (1 + Math.exp(-value)));
  }
  return 1 / (1 + Math.exp(-logit));
}

function fitsOf(
  rows: readonly Row[],
  single: readonly number[],
  folds: readonly Fold[],
  networks: readonly Network[],
): Fits {
  const foldOf = new Map(folds.flatMap(({ test }, fold) => test.map((i) => [i, fold] as const)));
  const squares = new Map(
    single.map((i) => [i, (rows[i]!.target - expectedBy(networks[foldOf.get(i)!]!, rows[i]!.features)) ** 2]),
  );
  // A fold's own test rows must not tell how sure its model is: what follows is judged on them.
  const noiseWithout = (fold: number | null): number => {
    let [total, weight] = [0, 0];
    for (const i of single) {
      if (foldOf.get(i) === fold) continue;
      total += rows[i]!.weight * squares.get(i)!;
      weight += rows[i]!.weight;
    }
    return Math.max(leastNoise, Math.sqrt(total / Math.max(weight, 1e-9)));
  };
  return {
    folds: networks.map((network, fold) => neuralHeadOf([network], noiseWithout(fold))),
    final: neuralHeadOf(networks, noiseWithout(null)),
  };
}

/** The ensemble of these networks; `noise`: standard deviation of a single rating. */
export const neuralHeadOf = (networks: readonly Network[], noise: number): NeuralHead => ({
  kind: 'neuralHead',
  noise,
  networks,
  estimate(features) {
    const values = networks.map((network) => expectedBy(network, features));
    return { mean: mean(values), deviation: deviation(values) };
  },
});
