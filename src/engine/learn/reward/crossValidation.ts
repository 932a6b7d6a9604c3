/**
 * Which kind of reward model foretells ratings in files it hasn't seen, and how well: cross-validation grouped by file; the kind
 * with the highest held-out log-likelihood is chosen.
 */
import { bootstrap } from '../evaluation/bootstrap.ts';
import {
  type Bin,
  brier,
  type DebiasedError,
  debiasedCalibrationError,
  reliability,
} from '../evaluation/calibration.ts';
import { chanceAbove, intervalCoverage, logDensity, type Prediction } from '../evaluation/coverage.ts';
import { type Fold, foldsOf } from '../evaluation/folds.ts';
import { type Figure, type Interval, noFigure } from '../evaluation/interval.ts';
import { spearman, spearmanInterval } from '../evaluation/spearman.ts';
import { downWeighted, type Outliers, outliersAmong } from './outliers.ts';
import type { RewardModel, Row } from './rewardModel.ts';
import type { RewardTrainer } from './trainer.ts';

export interface CrossValidationOptions {
  readonly random: () => number;
  readonly folds?: number;
  readonly signal?: AbortSignal;
  /** After each kind. */
  readonly onProgress?: (done: number, all: number) => void;
}

/** All on held-out rows. */
export interface Metrics {
  /** Rows that are no pairs. */
  readonly count: number;
  /** Mean of the log density, by weight. */
  readonly logLikelihood: number;
  readonly spearman: Figure;
  /** Resampled by files. Null: it isn't defined. */
  readonly spearmanInterval: Interval | null;
  /** Of 90 % intervals. */
  readonly coverage90: Interval;
  /** Of the chance that a rating is above the middle of the scale. */
  readonly calibration: DebiasedError;
  readonly reliability: readonly Bin[];
  readonly brier: number;
  /** Share of the pairs that are ordered rightly; null: there are none. */
  readonly pairAccuracy: number | null;
}

export interface Validated {
  readonly kind: string;
  readonly model: RewardModel;
  readonly metrics: Metrics;
  /** Of each row, by the model of the fold that left it out. */
  readonly predictions: readonly Prediction[];
}

export interface CrossValidation {
  readonly chosen: Validated;
  readonly all: readonly Validated[];
  /** `episode`: there are too few files, so that near-duplicates may have leaked. */
  readonly groupedBy: 'file' | 'episode';
  readonly outliers: Outliers;
  readonly folds: readonly Fold[];
}

const middle = 0.5;
/** With fewer files episodes are the groups. */
const fewestFiles = 3;

/** `trainers`: the first one, on which the outliers are found, has to be sure to fit. Null: fewer than two episodes. */
export async function crossValidate(
  rows: readonly Row[],
  trainers: readonly [RewardTrainer, ...RewardTrainer[]],
  { random, folds: count = 5, signal, onProgress }: CrossValidationOptions,
): Promise<CrossValidation | null> {
  const byFile = foldsOf(
    rows.map(({ group }) => group),
    count,
    random,
  );
  const groupedBy = byFile.length >= Math.min(count, fewestFiles) ? 'file' : 'episode';
  const folds =
    groupedBy === 'file'
      ? byFile
      : foldsOf(
          rows.map(({ episodeId }) => episodeId),
          count,
          random,
        );
  if (folds.length === 0) return null;
  const options = { random, ...(signal && { signal }) };

  const first = await trainers[0].fit(rows, folds, options);
  if (first === null) return null;
  const outliers = outliersAmong(rows, heldOut(rows, folds, first.folds));
  const weighted = downWeighted(rows, outliers);

  const all: Validated[] = [];
  for (const trainer of trainers) {
    signal?.throwIfAborted();
    const fits = await trainer.fit(weighted, folds, options);
    onProgress?.(all.length + 1, trainers.length);
    if (fits === null) continue;
    // Judged by all rows as they came: an outlier is doubted, not disproved.
    const predictions = heldOut(rows, folds, fits.folds);
    all.push({ kind: trainer.kind, model: fits.final, metrics: metricsOf(rows, predictions, random), predictions });
  }
  const chosen = all.toSorted((a, b) => b.metrics.logLikelihood - a.metrics.logLikelihood)[0];
  return chosen === undefined ? null : { chosen, all, groupedBy, outliers, folds };
}

/** Of each row, what the model of the fold that left it out foretells. Pairs: of the difference of two ratings. */
export function heldOut(
  rows: readonly Row[],
  folds: readonly Fold[],
  models: readonly RewardModel[],
): readonly Prediction[] {
  const predictions = new Array<Prediction>(rows.length);
  folds.forEach(({ test }, fold) => {
    const model = models[fold]!;
    for (const i of test) predictions[i] = predictionOf(model, rows[i]!);
  });
  return predictions;
}

function predictionOf(model: RewardModel, { features, source }: Row): Prediction {
  const { mean, deviation } = model.estimate(features);
  if (source !== 'pair') return { mean, deviation: Math.hypot(deviation, model.noise) };
  // What no features at all give cancels out in a difference.
  const origin = model.estimate(new Float64Array(features.length)).mean;
  return { mean: mean - origin, deviation: Math.hypot(deviation, model.noise) };
}

export function metricsOf(rows: readonly Row[], predictions: readonly Prediction[], random: () => number): Metrics {
  const single = rows.flatMap(({ source }, i) => (source === 'pair' ? [] : [i]));
  const pairs = rows.flatMap(({ source }, i) => (source === 'pair' ? [i] : []));
  const foretold = single.map((i) => predictions[i]!);
  const targets = single.map((i) => rows[i]!.target);
  const means = foretold.map(({ mean }) => mean);
  const rho = spearman(means, targets);
  const chances = foretold.map((one) => chanceAbove(one, middle));
  const outcomes = targets.map((target) => (target > middle ? 1 : 0));
  let [density, weight] = [0, 0];
  single.forEach((i, at) => {
    density += rows[i]!.weight * logDensity(foretold[at]!, targets[at]!);
    weight += rows[i]!.weight;
  });
  const right = pairs.filter((i) => predictions[i]!.mean > 0).length;
  return {
    count: single.length,
    logLikelihood: weight === 0 ? Number.NEGATIVE_INFINITY : density / weight,
    spearman: single.length === 0 ? noFigure('there are only pairs') : rho,
    spearmanInterval: rho.defined ? byFiles(rows, single, means, targets, rho.value, random) : null,
    coverage90: intervalCoverage(foretold, targets),
    calibration: debiasedCalibrationError(chances, outcomes, { random }),
    reliability: reliability(chances, outcomes),
    brier: brier(chances, outcomes),
    pairAccuracy: pairs.length === 0 ? null : right / pairs.length,
  };
}

/** By resampled files; of few files that is too narrow, so Fisher's interval is the least. */
function byFiles(
  rows: readonly Row[],
  single: readonly number[],
  means: readonly number[],
  targets: readonly number[],
  rho: number,
  random: () => number,
): Interval {
  const fisher = spearmanInterval(rho, single.length);
  const resampled = bootstrap(
    single.length,
    (indices) => {
      const one = spearman(
        indices.map((i) => means[i]!),
        indices.map((i) => targets[i]!),
      );
      return one.defined ? one.value : null;
    },
    { random, resamples: 300, groups: single.map((i) => rows[i]!.group) },
  );
  if (resampled === null) return fisher;
  return { ...fisher, low: Math.min(fisher.low, resampled.low), high: Math.max(fisher.high, resampled.high) };
}
