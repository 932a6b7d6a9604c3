/**
 * How long “Attune: Train” takes on the labels of a simulated developer, and how good its reward model is on files it hasn't
 * seen. Everything is counted: features, cross-validation of all kinds, the last fit, and starting the runtime.
 */
import { type FeatureExtractor, featureExtractor } from '../../engine/learn/features/features.ts';
import { fitBayesianLinear } from '../../engine/learn/reward/bayesianLinear.ts';
import { crossValidate } from '../../engine/learn/reward/crossValidation.ts';
import { fitLogisticThumbs } from '../../engine/learn/reward/logisticThumbs.ts';
import { neuralHead } from '../../engine/learn/reward/neuralHead.ts';
import type { RewardModel, Row } from '../../engine/learn/reward/rewardModel.ts';
import { closedForm } from '../../engine/learn/reward/trainer.ts';
import { seeded } from '../../tensor/random.ts';
import type { Runtime } from '../../tensor/runtime/api.ts';
import { startRuntime } from '../../tensor/runtime/runtime.ts';
import { type RatedEdit, ratedStream } from '../simulate/ratedStream.ts';

export interface TrainBench {
  readonly name: 'train';
  readonly labels: number;
  readonly rewardModelMs: number;
  /** Null: no selector was trained. */
  readonly selectorMs: number | null;
  readonly totalMs: number;
  /** Of held-out ratings, by cross-validation grouped by file. */
  readonly spearman: number | null;
  /** Without what chance makes of it. */
  readonly ece: number;
  readonly coverage90: number;
  /** Of this process and the runtime's together. */
  readonly peakRssBytes: number;
}

export interface TrainBenchOptions {
  readonly labels?: number;
  readonly seed?: number;
  /** Trains a selector on what the reward model says; its time is counted. */
  readonly trainSelector?: (runtime: Runtime, model: RewardModel, rows: readonly Row[]) => Promise<void>;
}

export async function benchTrain({
  labels = 500,
  seed = 100,
  trainSelector,
}: TrainBenchOptions = {}): Promise<TrainBench> {
  const edits = ratedStream(seed, labels);
  const runtime = startRuntime({ log: { debug: () => undefined } });
  try {
    const startedAt = performance.now();
    const extractor = featureExtractor();
    const rows = edits.map((edit, i) => rowOf(extractor, edit, i));
    const { blocks } = extractor;
    const trainers = [
      closedForm('bayesianLinear', (training) => fitBayesianLinear(training, { blocks })),
      closedForm('logisticThumbs', (training) => fitLogisticThumbs(training, blocks)),
      neuralHead({ runtime }),
    ] as const;
    const result = await crossValidate(rows, trainers, { random: seeded(seed) });
    if (result === null) throw new RangeError(`${labels} labels are too few to train on.`);
    const rewardModelMs = performance.now() - startedAt;
    const { model, metrics } = result.chosen;
    await trainSelector?.(runtime, model, rows);
    const totalMs = performance.now() - startedAt;
    const { peakRssBytes } = await runtime.measure();
    return {
      name: 'train',
      labels,
      rewardModelMs: Math.round(rewardModelMs),
      selectorMs: trainSelector === undefined ? null : Math.round(totalMs - rewardModelMs),
      totalMs: Math.round(totalMs),
      spearman: metrics.spearman.defined ? metrics.spearman.value : null,
      ece: metrics.calibration.debiased,
      coverage90: metrics.coverage90.value,
      peakRssBytes: peakRssBytes + process.resourceUsage().maxRSS * 1024,
    };
  } finally {
    await runtime.close();
  }
}

/** A simulated judgement as the engine would have it of an edit that was asked for. */
export function rowOf({ featuresOf }: FeatureExtractor, edit: RatedEdit, at: number): Row {
  const { before, after, file, context, rating } = edit;
  const offer = {
    id: null,
    at: at * 60_000,
    kind: 'edit',
    file,
    languageId: file.endsWith('.py') ? 'python' : 'typescript',
    line: 0,
    prefix: '',
    before,
    suffix: '',
    text: after,
    instruction: context.slice(context.indexOf('\n') + 1),
    model: 'openai:simulated',
    probability: null,
    rival: 0,
    similarity: null,
  } as const;
  return {
    features: featuresOf(offer, []),
    target: (rating - 1) / 9,
    weight: 1,
    source: 'rating',
    group: file,
    episodeId: `${at}`,
    at: offer.at,
  };
}
