/** The reward model of a training: which kind foretells ratings best, whether there is anything to learn, and what was learnt. */
import type { Figure, TrainingRun, TrainLayer } from '../../../protocol/training.ts';
import { seeded } from '../../../tensor/random.ts';
import type { Runtime } from '../../../tensor/runtime/api.ts';
import { type CurvePoint, learningCurve } from '../evaluation/learningCurve.ts';
import { spearman } from '../evaluation/spearman.ts';
import { offerableOf, offerablesOf } from '../features/offerable.ts';
import { fitProjection, rewardProjection } from '../features/projection.ts';
import { featureVersion } from '../features/table.ts';
import { type GateVerdict, gate, gateLimits } from '../registry/gate.ts';
import { type BayesianLinear, fitBayesianLinear } from '../reward/bayesianLinear.ts';
import { type CrossValidation, crossValidate, type Validated } from '../reward/crossValidation.ts';
import { judgedIndex } from '../reward/judgements.ts';
import { fitLogisticThumbs } from '../reward/logisticThumbs.ts';
import { neuralHead } from '../reward/neuralHead.ts';
import type { Row } from '../reward/rewardModel.ts';
import { closedForm, type RewardTrainer } from '../reward/trainer.ts';
import { bare, figureOf } from './figures.ts';
import { improvement, levelled } from './improvement.ts';
import { type ModelFiles, rewardModelFiles } from './modelFiles.ts';
import { type ModelSpace, modelSpace } from './modelSpace.ts';
import { signalOf } from './signal.ts';
import type { TrainingData } from './trainingData.ts';
import { type JudgedEdit, learntWords } from './words.ts';

/** A number that was just measured. Tags are `<who>/<metric>`, metrics those of `metrics.ts`. */
export interface Measured {
  readonly tag: string;
  readonly step: number;
  readonly value: number;
}

export interface StageOptions {
  readonly seed: number;
  /** Null: this machine has none; closed forms do without. */
  readonly runtime: Runtime | null;
  readonly signal: AbortSignal;
  /** How much of the stage is done, 0 to 1. */
  readonly onShare: (share: number, message: string) => void;
  readonly onMeasured: (measured: readonly Measured[]) => void;
}

/** What serves and was trained on other data: what it had seen, so that the comparison is fair. Null: nothing serves. */
export interface Incumbent {
  readonly algorithm: string;
  readonly stale: boolean;
  /** Episodes it was trained on. */
  readonly episodes: ReadonlySet<string>;
}

/** What is registered of a layer, and what is told of it. */
export interface StageResult {
  readonly run: Omit<TrainingRun, 'id' | 'scalars'>;
  /** Null: there was too little to make a model of. */
  readonly version: {
    readonly files: ModelFiles;
    readonly hyperParameters: unknown;
    readonly metrics: Readonly<Record<string, Figure>>;
    readonly featureVersion: number;
  } | null;
  /** Sentences for the report: what was left out, and why. */
  readonly notes: readonly string[];
  /** How far it would have decided otherwise in the past: a sentence; null: that is not known. */
  readonly effect: string | null;
}

const folds = 5;
const middle = 0.5;
const curveCounts = [10, 20, 50, 100, 200, 500, 1000, 2000];
const mostReranked = 8;
const snippetCharacters = 160;

export async function trainRewardModel(
  data: TrainingData,
  incumbent: Incumbent | null,
  options: StageOptions,
): Promise<StageResult> {
  const { seed, runtime, onShare } = options;
  const space = modelSpace(data.extractor, fitProjection(data.places, data.extractor.blocks, rewardProjection));
  const rows = data.labels.rows.map((row) => ({ ...row, features: space.of(row.features) }));
  const random = seeded(seed);
  onShare(0.05, 'Comparing reward models');
  const trainers = trainersFor(space, runtime, options);
  const validated = await crossValidate(rows, trainers, {
    random,
    folds,
    signal: options.signal,
    onProgress: (done, all) => onShare(0.05 + (0.7 * done) / all, 'Comparing reward models'),
  });
  const notes = runtime
    ? []
    : ['The neural head was left out: it needs ONNX Runtime, which has no build for this machine.'];
  const groups = new Set(rows.map(({ group }) => group)).size;
  if (validated === null) {
    const verdict = gate({ labels: rows.length, groups, spearman: null, difference: null }, gateLimits.rewardModel);
    return { run: emptyRun('rewardModel', verdictOf(verdict)), version: null, notes, effect: null };
  }
  if (validated.groupedBy === 'episode') {
    notes.push(
      'The labels come from fewer than 3 files, so that models were tested on files they had seen: figures may flatter.',
    );
  }
  const { chosen } = validated;
  const linear = validated.all.find(({ kind }) => kind === 'bayesianLinear')!.model as BayesianLinear;
  onShare(0.8, 'Learning curve');
  const curve = await curveOf(rows, space, linear, random);
  onShare(0.95, 'What was learnt');
  const strata = strataOf(rows, data);
  const atLevel = (predictions: readonly number[]) => levelled(rows, predictions, validated.folds, strata);
  const foretold = atLevel(chosen.predictions.map(({ mean }) => mean));
  const versus = atLevel(comparisonOf(rows, validated, incumbent, space));
  // The best of several looks better than it is: its interval allows for all that were tried.
  const level = 1 - 0.05 / validated.all.length;
  const difference = improvement(rows, foretold, versus, { random, level });
  const found = signalOf(rows, chosen.predictions, strata, random);
  const verdict = gate({ labels: rows.length, groups, spearman: found, difference }, gateLimits.rewardModel);
  // What chance made of labels without a signal is no taste.
  const learnt = verdict.type !== 'reject' || verdict.why !== 'noSignal';
  const { reranked, effect } = rerankedBy(data, (features) => chosen.model.estimate(space.of(features)));
  const run: StageResult['run'] = {
    layer: 'rewardModel',
    verdict: verdictOf(verdict),
    models: validated.all.map((one) => modelRow(one, one === chosen)),
    reliability: chosen.metrics.reliability.map(({ predicted, observed, count }) => ({ predicted, observed, count })),
    learningCurve: curve.map(({ labels, figure }) => ({ labels, figure: figureOf(figure) })),
    offPolicy: [],
    words: learnt ? learntWords(linear, space, data.extractor.names, editsOf(data)).map((word) => ({ ...word })) : [],
    reranked: learnt ? [...reranked] : [],
    outliers: outliersIn(rows, validated),
  };
  tellMeasured(options, run, chosen);
  const { metrics } = chosen;
  return {
    run,
    notes,
    effect,
    version: {
      files: rewardModelFiles(chosen.model, space),
      featureVersion,
      hyperParameters: {
        algorithm: chosen.kind,
        folds,
        groupedBy: validated.groupedBy,
        labelVersion: data.labels.version,
        projection: space.stored.projection,
        ...(chosen.kind === 'bayesianLinear' ? { precisions: linear.precisions } : {}),
      },
      metrics: {
        spearman: figureOf(metrics.spearmanInterval),
        signal: figureOf(found),
        coverage90: figureOf(metrics.coverage90),
        ece: bare(metrics.calibration.debiased),
        brier: bare(metrics.brier),
        logLikelihood: bare(metrics.logLikelihood),
        gain: figureOf(difference),
      },
    },
  };
}

function trainersFor(
  { blocks }: ModelSpace,
  runtime: Runtime | null,
  { onMeasured }: StageOptions,
): readonly [RewardTrainer, ...RewardTrainer[]] {
  const closed = [
    closedForm('bayesianLinear', (rows) => fitBayesianLinear(rows, { blocks })),
    closedForm('logisticThumbs', (rows) => fitLogisticThumbs(rows, blocks)),
  ] as const;
  if (runtime === null) return closed;
  const steps = 150;
  const onLoss = (fold: number, step: number, value: number): void =>
    onMeasured([{ tag: 'neuralHead/train/loss', step: fold * steps + step, value }]);
  return [...closed, neuralHead({ runtime, steps, onLoss })];
}

/** The precisions of all rows are near those of some: two rounds from there instead of twenty. */
async function curveOf(
  rows: readonly Row[],
  { blocks }: ModelSpace,
  { precisions }: BayesianLinear,
  random: () => number,
): Promise<readonly CurvePoint[]> {
  const groups = rows.map(({ group }) => group);
  return learningCurve({ groups, counts: curveCounts, random, folds }, (training, test) => {
    const model = fitBayesianLinear(
      training.toSorted((a, b) => a - b).map((i) => rows[i]!),
      { blocks, start: precisions, rounds: 2 },
    );
    const single = test.filter((i) => rows[i]!.source !== 'pair');
    const rho = spearman(
      single.map((i) => model.estimate(rows[i]!.features).mean),
      single.map((i) => rows[i]!.target),
    );
    return rho.defined ? rho.value : null;
  });
}

/**
 * What the candidate has to be better than. Nothing serves, or what serves has become stale: one that knows no edit from another. Else what
 * serves, fitted on what it was trained on without the file in question: as it is, it has seen most of what it would be judged by.
 */
function comparisonOf(
  rows: readonly Row[],
  { folds: parts }: CrossValidation,
  incumbent: Incumbent | null,
  { blocks }: ModelSpace,
): readonly number[] {
  if (incumbent === null || incumbent.stale) return rows.map(() => middle);
  const predictions = new Array<number>(rows.length).fill(0);
  for (const { training, test } of parts) {
    const known = training.map((i) => rows[i]!).filter(({ episodeId }) => incumbent.episodes.has(episodeId));
    const logistic = incumbent.algorithm === 'logisticThumbs' ? fitLogisticThumbs(known, blocks) : null;
    const model = logistic ?? fitBayesianLinear(known, { blocks });
    for (const i of test) predictions[i] = model.estimate(rows[i]!.features).mean;
  }
  return predictions;
}

/** Where a label comes from, which says nothing of taste. */
function strataOf(rows: readonly Row[], { entries }: TrainingData): readonly string[] {
  const kinds = new Map(entries.map(({ episode }) => [episode.id, episode.kind]));
  return rows.map(({ source, episodeId }) => `${source} ${kinds.get(episodeId)}`);
}

export function verdictOf(verdict: GateVerdict): TrainingRun['verdict'] {
  const { reason } = verdict;
  if (verdict.type === 'promote') return { kind: 'promote', reason };
  if (verdict.type === 'notEnough') return { kind: 'notEnough', reason };
  return { kind: verdict.why === 'noSignal' ? 'noSignal' : 'reject', reason };
}

/** What is told of a layer of which nothing was measured. */
export const emptyRun = (layer: TrainLayer, verdict: TrainingRun['verdict']): StageResult['run'] => ({
  layer,
  verdict,
  models: [],
  reliability: [],
  learningCurve: [],
  offPolicy: [],
  words: [],
  reranked: [],
  outliers: [],
});

function modelRow({ kind, metrics }: Validated, chosen: boolean): TrainingRun['models'][number] {
  const { spearmanInterval, coverage90, calibration, brier, logLikelihood, pairAccuracy } = metrics;
  const maybe = (value: number | null): number | null => bare(value).value;
  return {
    algorithm: kind,
    chosen,
    spearman: figureOf(spearmanInterval),
    coverage90: figureOf(coverage90),
    ece: maybe(calibration.debiased),
    brier: maybe(brier),
    logLikelihood: maybe(logLikelihood),
    pairAccuracy: maybe(pairAccuracy),
  };
}

/** On the scale of 1 to 10, one for each episode. */
function outliersIn(rows: readonly Row[], { outliers, all }: CrossValidation): TrainingRun['outliers'] {
  const { predictions } = all[0]!;
  const found = new Map<string, TrainingRun['outliers'][number]>();
  rows.forEach(({ episodeId, target, source }, i) => {
    if (!outliers.flags[i] || (source !== 'rating' && source !== 'thumb')) return;
    const expected = Math.min(1, Math.max(0, predictions[i]!.mean));
    found.set(episodeId, { episodeId, said: round(1 + 9 * target), expected: round(1 + 9 * expected) });
  });
  return [...found.values()];
}
const round = (value: number): number => Math.round(value * 10) / 10;

function editsOf({ entries, featuresOf, labels }: TrainingData): readonly JudgedEdit[] {
  const labelled = new Set(labels.rows.map(({ episodeId }) => episodeId));
  return entries.flatMap(({ episode, events }) => {
    const index = labelled.has(episode.id) ? judgedIndex(episode, events) : null;
    if (index === null) return [];
    const features = featuresOf(offerableOf(episode, index));
    return [{ features, before: episode.before, after: episode.candidates[index]!.text }];
  });
}

/** Where it is more than one deviation surer of another candidate than of the one that was offered; the surest first. */
function rerankedBy(
  { entries, featuresOf }: TrainingData,
  estimate: (features: Float64Array) => { readonly mean: number; readonly deviation: number },
): { readonly reranked: TrainingRun['reranked']; readonly effect: string | null } {
  let choices = 0;
  const found = entries.flatMap(({ episode }) => {
    const { offered } = episode;
    const offers = offerablesOf(episode);
    if (offered === null || offers.length < 2 || !offers.some(({ index }) => index === offered)) return [];
    choices += 1;
    const judged = offers.map(({ index, offerable }) => ({ index, ...estimate(featuresOf(offerable)) }));
    const best = judged.reduce((a, b) => (b.mean > a.mean ? b : a));
    const first = judged.find(({ index }) => index === offered)!;
    const margin = best.mean - first.mean;
    if (best.index === offered || margin < Math.hypot(best.deviation, first.deviation)) return [];
    const text = (index: number): string => episode.candidates[index]!.text.trim().slice(0, snippetCharacters);
    const row = { episodeId: episode.id, file: episode.file, offered: text(offered), instead: text(best.index) };
    return [{ margin, row }];
  });
  const reranked = found
    .sort((a, b) => b.margin - a.margin)
    .slice(0, mostReranked)
    .map(({ row }) => row);
  const effect =
    choices === 0
      ? null
      : `Of ${choices} past proposals with several candidates it would surely have put another one first in ${found.length}.`;
  return { reranked, effect };
}

function tellMeasured({ onMeasured }: StageOptions, run: StageResult['run'], { metrics }: Validated): void {
  const curve = run.learningCurve.flatMap(({ labels, figure }) =>
    figure.value === null ? [] : [{ tag: 'rewardModel/eval/spearman', step: labels, value: figure.value }],
  );
  const at = metrics.count;
  onMeasured([
    ...curve,
    { tag: 'rewardModel/eval/ece', step: at, value: metrics.calibration.debiased },
    { tag: 'rewardModel/eval/brier', step: at, value: metrics.brier },
    { tag: 'rewardModel/eval/coverage90', step: at, value: metrics.coverage90.value },
  ]);
}
