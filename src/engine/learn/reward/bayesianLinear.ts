/**
 * Bayesian linear regression with one prior precision for each block of features: rating rows, thumbs, and pairs are rows of
 * the same system. S = (Λ + β Σ w φ φᵀ)⁻¹, m = β S Σ w φ y, with Λ and β from the evidence by MacKay's updates
 * (Neural Computation 4, 1992; Bishop, Pattern Recognition and Machine Learning, 3.5.2).
 */
import { standardNormal } from '../../../tensor/random.ts';
import { backward, dot, factorOf, inverseDiagonal, quadratic, solve, updateFactor } from '../cholesky.ts';
import type { Estimate, RewardModel, Row } from './rewardModel.ts';

/** Features from `start` up to `end`, which share a prior precision. */
export interface Block {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

export interface BayesianLinearOptions {
  /** They cover all features, one after the other. */
  readonly blocks: readonly Block[];
  /** Rounds of evidence updates; 20 by default, fewer when they have settled. 0 keeps what `start` says. */
  readonly rounds?: number;
  /** Each row counts this much less for every row after it; 1 by default. */
  readonly forgetting?: number;
  /** Precisions to begin with, as from an earlier fit; by default 1 for each block, and 1/0.2² of the noise. */
  readonly start?: Precisions;
  /** A target of no features at all; 0.5 by default: the bias then is the deviation from it. Pairs have none. */
  readonly centre?: number;
}

export interface Precisions {
  /** λ of each block, and β of the noise of a row with weight 1. */
  readonly blocks: readonly number[];
  readonly noise: number;
}

export interface BayesianLinear extends RewardModel {
  readonly kind: 'bayesianLinear';
  readonly weights: Float64Array;
  readonly centre: number;
  readonly precisions: Precisions;
  readonly blocks: readonly Block[];
  /** How many parameters the data determined, Σγ: from 0 to the number of features. */
  readonly effectiveParameters: number;
  /** Lower Cholesky factor of S⁻¹, row by row. */
  readonly factor: Float64Array;
  /** β Σ w φ y, from which the weights follow. */
  readonly information: Float64Array;
  /** One draw from the posterior: an expected target for each feature vector, all from the same weights. */
  sample(random: () => number): (features: ArrayLike<number>) => number;
  /** With one more row, and the precisions as they are: n² instead of n³. */
  with(row: Row): BayesianLinear;
}

/** Beyond these nothing is gained: a block is switched off, or as free as it can be. */
const lambdaBounds = [1e-2, 1e6] as const;
/** A scale of 1 to 10 is on [0, 1]: nobody rates with less noise than 0.02, and 0.5 says nothing at all. */
const betaBounds = [1 / 0.5 ** 2, 1 / 0.02 ** 2] as const;
/**
 * What is believed of the noise before anything was seen, as so many rows with such residuals: with more features than rows the
 * evidence alone takes a fit without residuals for a rater without noise (intervals of 90 % then cover 73 % at 20 labels).
 */
const noiseBelief = { rows: 12, deviation: 0.21 };
/** And of the weights in each block. */
const weightBelief = { weights: 0.5, deviation: 0.1 };
const settled = 1e-3;
const firstBeta = 1 / 0.2 ** 2;

const clamp = (value: number, [low, high]: readonly [number, number]): number => Math.min(high, Math.max(low, value));

/** Rows in the order of time; none at all gives the prior. */
export function fitBayesianLinear(rows: readonly Row[], options: BayesianLinearOptions): BayesianLinear {
  const { blocks, rounds = 20, forgetting = 1, centre = 0.5, start } = options;
  const size = blocks.at(-1)?.end ?? 0;
  const weights = rows.map((row, i) => row.weight * forgetting ** (rows.length - 1 - i));
  const targets = rows.map((row) => targetOf(row, centre));
  const { gram, moment } = sumsOf(rows, weights, targets, size);
  const count = weights.reduce((sum, weight) => sum + weight, 0);
  let precisions: Precisions = start ?? { blocks: blocks.map(() => 1), noise: firstBeta };
  let solution = solveFor(gram, moment, blocks, precisions);
  let effective = 0;
  for (let round = 0; round < rounds && count > 0; round += 1) {
    const diagonal = inverseDiagonal(solution.factor, size);
    let squares = 0;
    rows.forEach(({ features }, i) => {
      squares += weights[i]! * (targets[i]! - dot(solution.mean, features)) ** 2;
    });
    effective = 0;
    const next = blocks.map(({ start: from, end }, b) => {
      const lambda = precisions.blocks[b]!;
      let [trace, norm] = [0, 0];
      for (let i = from; i < end; i += 1) {
        trace += diagonal[i]!;
        norm += solution.mean[i]! ** 2;
      }
      const gamma = Math.max(1e-9, end - from - lambda * trace);
      effective += gamma;
      return clamp(
        (gamma + weightBelief.weights) / (norm + weightBelief.weights * weightBelief.deviation ** 2),
        lambdaBounds,
      );
    });
    const determined = Math.max(count - effective, 0) + noiseBelief.rows;
    const noise = clamp(determined / (squares + noiseBelief.rows * noiseBelief.deviation ** 2), betaBounds);
    const change = Math.max(
      Math.abs(Math.log(noise / precisions.noise)),
      ...next.map((lambda, b) => Math.abs(Math.log(lambda / precisions.blocks[b]!))),
    );
    precisions = { blocks: next, noise };
    solution = solveFor(gram, moment, blocks, precisions);
    if (change < settled) break;
  }
  return bayesianLinearOf({ ...solution, precisions, blocks, centre, effectiveParameters: effective });
}

/** Pairs tell of a difference, in which the centre cancels out. */
const targetOf = ({ source, target }: Row, centre: number): number => (source === 'pair' ? target : target - centre);

/** Σ w φ φᵀ, its lower half, and Σ w φ y. */
function sumsOf(rows: readonly Row[], weights: readonly number[], targets: readonly number[], size: number) {
  const gram = new Float64Array(size * size);
  const moment = new Float64Array(size);
  rows.forEach(({ features }, at) => {
    if (features.length !== size) throw new RangeError(`A row has ${features.length} features, the blocks ${size}.`);
    for (let i = 0; i < size; i += 1) {
      const scaled = weights[at]! * features[i]!;
      if (scaled === 0) continue;
      moment[i]! += scaled * targets[at]!;
      const row = i * size;
      for (let j = 0; j <= i; j += 1) gram[row + j]! += scaled * features[j]!;
    }
  });
  return { gram, moment };
}

function solveFor(
  gram: Float64Array,
  moment: Float64Array,
  blocks: readonly Block[],
  { blocks: lambdas, noise }: Precisions,
) {
  const size = moment.length;
  const precision = gram.map((value) => noise * value);
  blocks.forEach(({ start, end }, b) => {
    for (let i = start; i < end; i += 1) precision[i * size + i]! += lambdas[b]!;
  });
  const factor = factorOf(precision, size);
  const information = moment.map((value) => noise * value);
  return { factor, information, mean: solve(factor, information) };
}

/** Enough to make the model of. */
export interface BayesianLinearParts
  extends Pick<BayesianLinear, 'precisions' | 'blocks' | 'centre' | 'effectiveParameters' | 'factor' | 'information'> {
  /** The weights. */
  readonly mean: Float64Array;
}

/** The model again, as it was. */
export function bayesianLinearOf(parts: BayesianLinearParts): BayesianLinear {
  const { factor, mean, information, precisions, blocks, centre, effectiveParameters } = parts;
  return {
    kind: 'bayesianLinear',
    noise: 1 / Math.sqrt(precisions.noise),
    weights: mean,
    centre,
    precisions,
    blocks,
    effectiveParameters,
    factor,
    information,
    estimate: (features): Estimate => ({
      mean: centre + dot(mean, features),
      deviation: Math.sqrt(quadratic(factor, features)),
    }),
    sample(random) {
      // L⁻ᵀ z has the covariance (L Lᵀ)⁻¹.
      const spread = backward(
        factor,
        Float64Array.from(mean, () => standardNormal(random)),
      );
      const drawn = mean.map((value, i) => value + spread[i]!);
      return (features) => centre + dot(drawn, features);
    },
    with(row) {
      const scale = precisions.noise * row.weight;
      const next = Float64Array.from(factor);
      updateFactor(
        next,
        row.features.map((value) => Math.sqrt(scale) * value),
      );
      const target = targetOf(row, centre);
      const sum = information.map((value, i) => value + scale * target * row.features[i]!);
      return bayesianLinearOf({ ...parts, factor: next, information: sum, mean: solve(next, sum) });
    },
  };
}
