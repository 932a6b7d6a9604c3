/**
 * PPO actor-critic over candidates and silence, trained by tensor. On real feedback alone it needs more decisions than one developer
 * makes; so by default it is refitted every few decisions on virtual ones, rewarded by what a reward model expects and a third of a
 * deviation on top: what this policy gets wrong is corrected by feedback (research, 1.2).
 */

import { serialise } from '../../../tensor/graph/serialise.ts';
import type { TensorValue } from '../../../tensor/model.ts';
import { shuffled } from '../../../tensor/random.ts';
import type { Program, Runtime } from '../../../tensor/runtime/api.ts';
import type { Provider } from '../../../tensor/runtime/providers.ts';
import { tensorValue } from '../../../tensor/value.ts';
import type { RewardModel, Row } from '../reward/rewardModel.ts';
import { makeFloor } from './floor.ts';
import { initialParameters, judge, type PolicyShape, parameterCount } from './policyNetwork.ts';
import { coefficients, metricNames, type PpoCoefficients, type PpoSizes, ppoGraph, summedMetrics } from './ppoGraph.ts';
import { absentOf, rowsOf } from './ppoPlaces.ts';
import type { Outcome, Selector } from './selector.ts';

/** A policy that can be kept and served. */
export interface TrainedPolicy {
  readonly shape: PolicyShape;
  readonly parameters: Float32Array;
}

/** Of one round of a refit, by metricNames: means over its steps, of which there were `steps`, and of its decisions. */
export type PpoMetrics = Readonly<Record<(typeof metricNames)[number], number>>;

/** All that it knows. */
export interface PpoState extends Weights {
  readonly shape: PolicyShape;
  /** What a refit looks back on, oldest first, and which decision each was. */
  readonly outcomes: readonly (Outcome & { readonly decision: number })[];
  readonly decisions: number;
  /** Of the last decisions: whether each was shown. */
  readonly recent: readonly boolean[];
}

export interface PpoSelector extends Selector {
  /** Null before the first decision. */
  readonly policy: TrainedPolicy | null;
  readonly state: PpoState | null;
  /** Learns all of them, and refits `refits` times at the end. Rejects as `learn` does. */
  learnAll(outcomes: readonly Outcome[], refits: number): Promise<void>;
}

export interface PpoOptions {
  readonly runtime: Pick<Runtime, 'load'>;
  readonly provider?: Provider;
  /** The same draws, the same policy. */
  readonly random: () => number;
  readonly feedback?: 'virtual' | 'real';
  /** Fits targets reward + 0.25. Not needed for real feedback alone. */
  readonly fitReward?: (rows: readonly Row[]) => RewardModel;
  /** Units of the hidden layer; 0: linear scores. */
  readonly hidden?: number;
  /** Places with more candidates are not trained on. */
  readonly slots?: number;
  /** Deviations of the reward model that are added to its mean. */
  readonly optimism?: number;
  /** Decisions between two refits: 8; on real feedback alone 32, of which each makes one batch. */
  readonly refitEvery?: number;
  /** Weight that is left of an outcome after one more decision, to the reward model. */
  readonly forgetting?: number;
  /** The last promoted policy, and what a nat away from it costs. */
  readonly reference?: TrainedPolicy;
  readonly beta?: number;
  /** Of the first and the last round of a refit. */
  readonly learningRate?: readonly [number, number];
  readonly coefficients?: Partial<PpoCoefficients>;
  /** Share of decisions drawn at random. */
  readonly floor?: number;
  readonly onRefit?: (rounds: readonly PpoMetrics[]) => void;
  /** Goes on from there. */
  readonly from?: PpoState;
}

/** Of virtual feedback: the last 600 places, 12 rounds of 256 decisions, 3 epochs of minibatches of 64. */
const virtualSizes = { places: 600, rounds: 12, batch: 256, minibatch: 64, epochs: 3 } as const;
const penalty = 0.25;

interface Training {
  readonly sizes: PpoSizes;
  readonly program: Program;
}

interface Weights {
  readonly parameters: Float32Array;
  /** Adam's moments, and the steps that were made. */
  readonly first: Float32Array;
  readonly second: Float32Array;
  readonly step: number;
}

/**
 * Of each candidate, silence last, as they are where silence is worth `silence`. The network has learnt what to do where it is worth
 * nothing; from the chance t on at which showing pays then, the odds of silence are as many times larger as those of t against ¼.
 */
export function withSilenceWorth(probabilities: readonly number[], silence: number): readonly number[] {
  if (silence === 0) return probabilities;
  const pays = Math.min(1, Math.max(0, penalty + silence));
  const odds = (share: number): number => share / (1 - share);
  const quiet = probabilities.at(-1)!;
  const shown = 1 - quiet;
  const next = pays === 0 || pays === 1 ? pays : 1 / (1 + (shown * odds(penalty)) / (quiet * odds(pays)));
  return probabilities.map((p, action) =>
    action === probabilities.length - 1
      ? next
      : shown > 0
        ? (p / shown) * (1 - next)
        : (1 - next) / (probabilities.length - 1),
  );
}

/** Rejections of `learn` are those of the runtime; the policy then is that of before, and outcomes are kept for the next refit. */
export function ppo(options: PpoOptions): PpoSelector {
  const { runtime, random, provider, feedback = 'virtual', fitReward, hidden = 64, slots = 8 } = options;
  const { optimism = 0.3, forgetting = 0.995, reference, beta = reference ? 0.01 : 0 } = options;
  const virtual = feedback === 'virtual';
  if (virtual && !fitReward) throw new TypeError('Virtual feedback needs a reward model: give fitReward.');
  const refitEvery = options.refitEvery ?? (virtual ? 8 : 32);
  const slow = hidden === 0 ? ([1e-2, 1e-3] as const) : ([1e-3, 3e-4] as const);
  const real = hidden === 0 ? ([3e-2, 3e-2] as const) : ([3e-3, 3e-3] as const);
  const [firstRate, lastRate] = options.learningRate ?? (virtual ? slow : real);
  const given = { ...coefficients, ...(virtual ? {} : { entropyCoefficient: 0.01 }), ...options.coefficients };
  const { from = null } = options;
  const floor = makeFloor(options.floor, from?.recent);

  let shape: PolicyShape | null = from?.shape ?? null;
  let weights: Weights | null = from;
  let training: Promise<Training> | null = null;
  let outcomes: PpoState['outcomes'] = from?.outcomes ?? [];
  let decisions = from?.decisions ?? 0;

  function weightsFor(features: number): { readonly shape: PolicyShape; readonly weights: Weights } {
    shape ??= { features, hidden };
    const size = parameterCount(shape);
    weights ??= {
      parameters: initialParameters(shape, random),
      first: new Float32Array(size),
      second: new Float32Array(size),
      step: 0,
    };
    return { shape, weights };
  }

  async function load(shapeNow: PolicyShape): Promise<Training> {
    const one = { places: refitEvery, rounds: 1, batch: refitEvery, minibatch: refitEvery, epochs: 3 };
    const sizes: PpoSizes = { ...shapeNow, slots, ...(virtual ? virtualSizes : one) };
    const model = serialise(ppoGraph(sizes, feedback, given));
    return { sizes, program: await runtime.load(model, { purpose: 'train', ...(provider && { provider }) }) };
  }

  /** Tables of the places, and what each action there is expected to bring. */
  function virtualFeeds(sizes: PpoSizes): Record<string, TensorValue> {
    const { places, rounds, batch } = sizes;
    const actions = slots + 1;
    const rows = outcomes.flatMap(({ candidates, action, reward, decision }): Row[] => {
      const features = candidates[action];
      const weight = forgetting ** (decisions - decision);
      const common = { source: 'event', group: `${decision}`, episodeId: `${decision}`, at: decision } as const;
      return features ? [{ ...common, features, target: reward + penalty, weight }] : [];
    });
    const model = fitReward!(rows);
    const rewards = new Float32Array(places * actions);
    for (const [place, { candidates }] of outcomes.entries()) {
      for (const [i, features] of candidates.entries()) {
        const { mean, deviation } = model.estimate(features);
        rewards[place * actions + i] = mean + optimism * deviation - penalty;
      }
    }
    const draws = rounds * batch;
    const index = Array.from({ length: draws }, () => Math.floor(random() * outcomes.length));
    const noise = Float32Array.from({ length: draws * actions }, () => -Math.log(-Math.log(random() + 1e-12)));
    const anchor = reference && reference.parameters.length === parameterCount(sizes) ? reference : null;
    return {
      rewards: tensorValue(rewards, [places, actions]),
      index: tensorValue(index, [rounds, batch], 'int64'),
      noise: tensorValue(noise, [rounds, batch, actions]),
      reference: tensorValue((anchor ?? weights!).parameters, [parameterCount(sizes)]),
      beta: tensorValue([anchor ? beta : 0], []),
    };
  }

  function realFeeds(sizes: PpoSizes): Record<string, TensorValue> {
    const { batch } = sizes;
    const actions = outcomes.map(({ action, candidates }) => (action < candidates.length ? action : slots));
    // Of the policy itself: it has not changed since, and the floor above it is not its choice.
    const old = outcomes.map(({ candidates, action }) =>
      Math.log(judge(shape!, weights!.parameters, candidates).probabilities[action]!),
    );
    return {
      actions: tensorValue(actions, [batch], 'int64'),
      oldLogProbabilities: tensorValue(old, [batch]),
      rewards: tensorValue(
        outcomes.map(({ reward }) => reward),
        [batch],
      ),
    };
  }

  async function refit(): Promise<void> {
    const now = weights!;
    training ??= load(shape!);
    const { sizes, program } = await training.catch((error: unknown) => {
      training = null;
      throw error;
    });
    const { rounds, batch, minibatch, epochs, places } = sizes;
    const size = parameterCount(sizes);
    const positions = Array.from({ length: batch }, (_, i) => i);
    const order = Array.from({ length: rounds * epochs }, () => shuffled(positions, random)).flat();
    const rates = Array.from({ length: rounds }, (_, round) =>
      rounds === 1 ? firstRate : firstRate + ((lastRate - firstRate) * round) / (rounds - 1),
    );
    const feeds = {
      parameters: tensorValue(now.parameters, [size]),
      first: tensorValue(now.first, [size]),
      second: tensorValue(now.second, [size]),
      step: tensorValue([now.step], []),
      rows: tensorValue(rowsOf(outcomes, sizes), [places, slots + 1, sizes.features]),
      absent: tensorValue(absentOf(outcomes, sizes), [places, slots + 1]),
      rates: tensorValue(rates, [rounds]),
      order: tensorValue(order, [rounds, (epochs * batch) / minibatch, minibatch], 'int64'),
      ...(virtual ? virtualFeeds(sizes) : realFeeds(sizes)),
    };
    const results = await program.run({ feeds });
    const vector = (name: string) => results[`next.${name}`]!.data as Float32Array;
    weights = {
      parameters: vector('parameters'),
      first: vector('first'),
      second: vector('second'),
      step: Number(vector('step')[0]),
    };
    if (!virtual) outcomes = [];
    options.onRefit?.(roundsOf(vector('metrics'), rounds));
  }

  /** False: there was nothing to decide, or more than is trained on. */
  function note(outcome: Outcome): boolean {
    const { candidates, action } = outcome;
    if (candidates.length === 0) return false;
    weightsFor(candidates[0]!.length);
    floor.note({ shown: action < candidates.length });
    decisions += 1;
    if (candidates.length > slots) return false;
    outcomes = [...outcomes, { ...outcome, decision: decisions }].slice(virtual ? -virtualSizes.places : -refitEvery);
    return true;
  }

  return {
    name: virtual ? 'ppo-virtual' : 'ppo-real',
    get policy() {
      return shape && weights ? { shape, parameters: weights.parameters } : null;
    },
    probabilities({ candidates, silence = 0 }) {
      const [row] = candidates;
      if (!row) return [1];
      const now = weightsFor(row.length);
      const judged = judge(now.shape, now.weights.parameters, candidates).probabilities;
      const probabilities = withSilenceWorth(judged, silence);
      const showing = 1 - probabilities.at(-1)!;
      const shown = probabilities.slice(0, -1).map((p) => (showing > 0 ? p / showing : 1 / candidates.length));
      return floor.apply({ policy: probabilities, shown });
    },
    get state() {
      if (!shape || !weights) return null;
      const { parameters, first, second, step } = weights;
      return { shape, parameters, first, second, step, outcomes, decisions, recent: floor.recent };
    },
    async learn(outcome) {
      if (!note(outcome)) return;
      const due = virtual ? decisions % refitEvery === 0 : outcomes.length === refitEvery;
      if (due) await refit();
    },
    async learnAll(all, refits) {
      for (const outcome of all) note(outcome);
      if (outcomes.length > 0) for (let turn = 0; turn < refits; turn += 1) await refit();
    },
    async close() {
      const loaded = await training?.catch(() => null);
      await loaded?.program.dispose();
    },
  };
}

/** `metrics`: [rounds, ..], as the graph gives them. */
function roundsOf(metrics: Float32Array, rounds: number): readonly PpoMetrics[] {
  const width = metricNames.length;
  return Array.from({ length: rounds }, (_, round) => {
    const values = metrics.subarray(round * width, (round + 1) * width);
    const steps = Math.max(1, values[0]!);
    const means = metricNames.map((name, i) => [name, i > 0 && i < summedMetrics ? values[i]! / steps : values[i]!]);
    return Object.fromEntries(means) as PpoMetrics;
  });
}
