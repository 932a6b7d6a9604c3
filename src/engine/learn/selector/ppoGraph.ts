/** PPO on decisions of one step as one graph: rollouts, advantages and all minibatches of a refit are a single run. */
import { gradients } from '../../../tensor/graph/autodiff.ts';
import { Graph, type Tensor } from '../../../tensor/graph/graph.ts';
import { sizeOf } from '../../../tensor/graph/types.ts';
import { add, div, mul, reshape, square, sub, sum } from '../../../tensor/ops/basic.ts';
import { argMax, gatherRows, pick } from '../../../tensor/ops/gather.ts';
import { cast, concat, split } from '../../../tensor/ops/layout.ts';
import { loop } from '../../../tensor/ops/loop.ts';
import { matmul } from '../../../tensor/ops/matmul.ts';
import { mean } from '../../../tensor/ops/reduce.ts';
import { clamp, greater, lessOrEqual, maximum, minimum } from '../../../tensor/ops/select.ts';
import { logSoftmax } from '../../../tensor/ops/softmax.ts';
import { abs, exp, sqrt, tanh } from '../../../tensor/ops/unary.ts';
import { type PolicyShape, parameterCount, piecesOf } from './policyNetwork.ts';

/** Sizes are fixed in a graph. */
export interface PpoSizes extends PolicyShape {
  /** Most candidates of a place; fewer are padded. */
  readonly slots: number;
  /** Places that are remembered, padded too. */
  readonly places: number;
  readonly rounds: number;
  /** Decisions of a round. */
  readonly batch: number;
  readonly minibatch: number;
  readonly epochs: number;
}

export interface PpoCoefficients {
  readonly clip: number;
  /** Bound c of what a bad action can be pushed down by (verl's dual clip). */
  readonly dualClip: number;
  readonly valueCoefficient: number;
  readonly entropyCoefficient: number;
  readonly maxGradientNorm: number;
  /** Minibatches stop, before a step, when the policy is 1.5 times this away from that of the rollouts (Stable-Baselines3). */
  readonly targetKl: number;
}

export const coefficients: PpoCoefficients = {
  clip: 0.2,
  dualClip: 3,
  valueCoefficient: 0.5,
  entropyCoefficient: 0,
  maxGradientNorm: 0.5,
  targetKl: 0.02,
};

/** Sums over the steps of a round; divided by `steps` they are means. */
const stepMetrics = [
  'steps',
  'policyLoss',
  'valueLoss',
  'entropy',
  'approxKl',
  'clipFraction',
  'gradientNorm',
] as const;
/**
 * Of the decisions of a round, as it begins: their mean reward (minus what the distance costs), how far the policy is from its
 * reference, in nats, and how much of the rewards the values explain.
 */
const roundMetrics = ['reward', 'kl', 'explainedVariance'] as const;

/** Columns of the graph's `metrics` [rounds, ..]. */
export const metricNames = [...stepMetrics, ...roundMetrics] as const;
/** How many of them, first ones, are sums. */
export const summedMetrics = stepMetrics.length;

/** All of these are [n, ..]; places have slots + 1 rows of features, the last one the mean of the others. */
export interface Places {
  readonly rows: Tensor;
  /** [n, features]: the last of `rows`. */
  readonly centres: Tensor;
  /** [n, slots + 1]: 0, and −1e9 where there is no candidate. */
  readonly absent: Tensor;
}

/** [n, slots + 1] log-probabilities, and [n] values. */
export function network(sizes: PpoSizes, parameters: Tensor, { rows, centres, absent }: Places) {
  const { graph } = parameters;
  const pieces = piecesOf(sizes);
  const parts = split(
    parameters,
    pieces.map(({ shape }) => sizeOf(shape)),
    0,
  );
  const weights = new Map(pieces.map(({ name, shape }, i) => [name, reshape(parts[i]!, shape)]));
  const layer = (x: Tensor, name: string) => add(matmul(x, weights.get(name)!), weights.get(`${name}Bias`)!);
  const inner = (x: Tensor, name: string) => (sizes.hidden === 0 ? x : tanh(layer(x, name)));

  const [n, actions, features] = rows.shape as [number, number, number];
  const scores = reshape(layer(inner(reshape(rows, [n * actions, features]), 'trunk'), 'head'), [n, actions, 2]);
  const column = Array.from({ length: actions }, (_, action) => (action < sizes.slots ? [1, 0] : [0, 1])).flat();
  const logits = sum(mul(scores, graph.constant(column, [actions, 2])), { axes: [-1] });
  return {
    logProbabilities: logSoftmax(add(logits, absent)),
    values: reshape(layer(inner(centres, 'criticTrunk'), 'critic'), [n]),
  };
}

/** Of a minibatch, all [n]. */
export interface Rollout {
  /** int64 */
  readonly actions: Tensor;
  readonly oldLogProbabilities: Tensor;
  readonly advantages: Tensor;
  readonly rewards: Tensor;
}

/**
 * The loss and its parts, scalars. −mean max(min(ρA, clip(ρ)A), c·min(A, 0)), ρ = exp(clamp(ln π − ln π_old, ±20)) (arXiv:1707.06347,
 * equation 7; dual clip and clamp: verl's core_algos.py), + the value's squared error − entropy, times their coefficients.
 */
export function ppoLoss(
  output: { readonly logProbabilities: Tensor; readonly values: Tensor },
  { actions, oldLogProbabilities, advantages, rewards }: Rollout,
  { clip, dualClip, valueCoefficient, entropyCoefficient }: PpoCoefficients,
) {
  const { logProbabilities, values } = output;
  const change = clamp(sub(pick(logProbabilities, actions), oldLogProbabilities), -20, 20);
  const ratio = exp(change);
  const clipped = minimum(mul(ratio, advantages), mul(clamp(ratio, 1 - clip, 1 + clip), advantages));
  const policyLoss = mul(mean(maximum(clipped, mul(minimum(advantages, 0), dualClip))), -1);
  const valueLoss = mean(square(sub(values, rewards)));
  const entropy = mul(mean(sum(mul(exp(logProbabilities), logProbabilities), { axes: [-1] })), -1);
  const withValue = add(policyLoss, mul(valueLoss, valueCoefficient));
  return {
    loss: entropyCoefficient === 0 ? withValue : sub(withValue, mul(entropy, entropyCoefficient)),
    policyLoss,
    valueLoss,
    entropy,
    approxKl: mean(sub(sub(ratio, 1), change)),
    clipFraction: mean(cast(greater(abs(sub(ratio, 1)), clip), ratio.dtype)),
  };
}

/** (x − mean) / √(variance + 1e-8), the variance that of the batch itself. */
export function whiten(x: Tensor): Tensor {
  const centred = sub(x, mean(x));
  return div(centred, sqrt(add(mean(square(centred)), 1e-8)));
}

/** 1 − the variance of what is left over that of `returns`: 1 all is explained, 0 nothing. 0 where there is nothing to explain. */
function explainedVariance(returns: Tensor, values: Tensor): Tensor {
  const variance = (x: Tensor): Tensor => mean(square(sub(x, mean(x))));
  const total = variance(returns);
  const explained = sub(1, div(variance(sub(returns, values)), maximum(total, 1e-8)));
  return mul(explained, cast(greater(total, 1e-8), returns.dtype));
}

const line = (values: readonly Tensor[]): Tensor =>
  concat(
    values.map((value) => reshape(value, [1])),
    0,
  );

/** What a step changes. */
type Learnt = Readonly<Record<'parameters' | 'first' | 'second' | 'step', Tensor>>;

/** One step of Adam (ε = 1e-5, as OpenAI's) on the gradient of `loss`, unless `alive` is 0. */
function adamStep(
  loss: Tensor,
  { parameters, first, second, step }: Learnt,
  rate: Tensor,
  alive: Tensor,
  maxNorm: number,
): { readonly next: Learnt; readonly norm: Tensor } {
  const [gradient] = gradients(loss, [parameters]) as [Tensor];
  const norm = sqrt(sum(square(gradient)));
  const clipped = mul(gradient, minimum(div(maxNorm, add(norm, 1e-6)), 1));
  const nextStep = add(step, alive);
  const nextFirst = add(first, mul(sub(clipped, first), mul(alive, 0.1)));
  const nextSecond = add(second, mul(sub(square(clipped), second), mul(alive, 0.001)));
  const correction = (beta: number) => sub(1, exp(mul(nextStep, Math.log(beta))));
  const root = sqrt(maximum(correction(0.999), 1e-12));
  const scale = mul(mul(rate, alive), div(root, maximum(correction(0.9), 1e-12)));
  const change = mul(div(nextFirst, add(sqrt(nextSecond), mul(root, 1e-5))), scale);
  const next = { parameters: sub(parameters, change), first: nextFirst, second: nextSecond, step: nextStep };
  return { next, norm };
}

/**
 * The graph of a refit. Fed: `parameters`, `first`, `second` [p] and `step`; `rows`, `absent` of all places; `rates` [rounds];
 * `order` [rounds, steps, minibatch]. Virtual: `index` and `noise` (Gumbel's) of the decisions to be drawn, `rewards` of each action,
 * the `reference` policy and how much it weighs, `beta`. Real: the `actions`, `oldLogProbabilities` and `rewards` of `places`
 * decisions, in one round. Gives the state after it, and of each round the metrics, [rounds, ..].
 */
export function ppoGraph(
  sizes: PpoSizes,
  source: 'virtual' | 'real',
  given: PpoCoefficients = coefficients,
  graph: Graph = new Graph(),
): Graph {
  const { slots, places, features, rounds, batch, minibatch, epochs } = sizes;
  const { float } = graph;
  const actions = slots + 1;
  const size = parameterCount(sizes);
  const steps = (epochs * batch) / minibatch;
  const state: Learnt = {
    parameters: graph.input('parameters', float, [size]),
    first: graph.input('first', float, [size]),
    second: graph.input('second', float, [size]),
    step: graph.input('step', float, []),
  };
  const rows = graph.input('rows', float, [places, actions, features]);
  const all: Places = {
    rows,
    centres: reshape(split(rows, [slots, 1], 1)[1]!, [places, features]),
    absent: graph.input('absent', float, [places, actions]),
  };
  const rates = graph.input('rates', float, [rounds]);
  const order = graph.input('order', 'int64', [rounds, steps, minibatch]);
  const at = ({ rows: r, centres, absent }: Places, index: Tensor): Places => ({
    rows: gatherRows(r, index),
    centres: gatherRows(centres, index),
    absent: gatherRows(absent, index),
  });

  /** Rollouts of a round, by the policy as it is at its beginning. */
  let rollouts: (
    parameters: Tensor,
    round: Tensor,
  ) => { readonly seen: Places; readonly rollout: Rollout; readonly values: Tensor; readonly kl: Tensor };
  if (source === 'virtual') {
    const index = graph.input('index', 'int64', [rounds, batch]);
    const noise = graph.input('noise', float, [rounds, batch, actions]);
    const rewards = graph.input('rewards', float, [places, actions]);
    const beta = graph.input('beta', float, []);
    const reference = network(sizes, graph.input('reference', float, [size]), all).logProbabilities;
    rollouts = (parameters, round) => {
      const drawn = gatherRows(index, round);
      const seen = at(all, drawn);
      const { logProbabilities, values } = network(sizes, parameters, seen);
      const chosen = reshape(argMax(add(logProbabilities, gatherRows(noise, round))), [batch]);
      const old = pick(logProbabilities, chosen);
      // KL in the reward, by its unbiased estimate ln π − ln π_ref: gradients of it in the loss would be biased.
      const kl = sub(old, pick(gatherRows(reference, drawn), chosen));
      const earned = sub(pick(gatherRows(rewards, drawn), chosen), mul(kl, beta));
      const advantages = whiten(sub(earned, values));
      const rollout = { actions: chosen, oldLogProbabilities: old, advantages, rewards: earned };
      return { seen, rollout, values, kl: mean(kl) };
    };
  } else {
    const rollout = {
      actions: graph.input('actions', 'int64', [batch]),
      oldLogProbabilities: graph.input('oldLogProbabilities', float, [batch]),
      rewards: graph.input('rewards', float, [batch]),
    };
    rollouts = (parameters) => {
      const { values } = network(sizes, parameters, all);
      const advantages = whiten(sub(rollout.rewards, values));
      return { seen: all, rollout: { ...rollout, advantages }, values, kl: graph.constant([0], []) };
    };
  }

  const noSums = graph.constant(new Array<number>(summedMetrics).fill(0), [summedMetrics]);
  const after = loop(graph, rounds, state, (before, round) => {
    const { seen, rollout, values, kl } = rollouts(before.parameters, round);
    const rate = gatherRows(rates, round);
    const mine = gatherRows(order, round);
    const beginning = { ...before, sums: noSums };
    const { sums, ...carried } = loop(before.parameters.graph, steps, beginning, (now, turn) => {
      const some = gatherRows(mine, turn);
      const output = network(sizes, now.parameters, at(seen, some));
      const found = ppoLoss(
        output,
        {
          actions: gatherRows(rollout.actions, some),
          oldLogProbabilities: gatherRows(rollout.oldLogProbabilities, some),
          advantages: gatherRows(rollout.advantages, some),
          rewards: gatherRows(rollout.rewards, some),
        },
        given,
      );
      const goOn = lessOrEqual(found.approxKl, 1.5 * given.targetKl);
      const alive = cast(goOn, float);
      const { next, norm } = adamStep(found.loss, now, rate, alive, given.maxGradientNorm);
      const { policyLoss, valueLoss, entropy, approxKl, clipFraction } = found;
      const shown = [alive, policyLoss, valueLoss, entropy, approxKl, clipFraction, norm];
      return { carried: { ...next, sums: add(now.sums, mul(line(shown), alive)) }, goOn };
    });
    const begun = line([mean(rollout.rewards), kl, explainedVariance(rollout.rewards, values)]);
    return { carried, collected: { metrics: concat([sums, begun], 0) } };
  });
  for (const [name, tensor] of Object.entries(after)) graph.output(`next.${name}`, tensor);
  return graph;
}
