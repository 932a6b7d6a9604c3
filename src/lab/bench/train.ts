/**
 * How long “Attune: Train” takes on the labels of a simulated developer, and how good its reward model is on files it hasn't
 * seen. Everything is counted: features, cross-validation of all kinds, the last fit, the selector, and starting the runtime.
 */
import { type FeatureExtractor, featureExtractor } from '../../engine/learn/features/features.ts';
import {
  fitProjection,
  projected,
  projectedBlocks,
  rewardProjection,
  selectorProjection,
} from '../../engine/learn/features/projection.ts';
import { type Block, fitBayesianLinear } from '../../engine/learn/reward/bayesianLinear.ts';
import { crossValidate } from '../../engine/learn/reward/crossValidation.ts';
import { fitLogisticThumbs } from '../../engine/learn/reward/logisticThumbs.ts';
import { neuralHead } from '../../engine/learn/reward/neuralHead.ts';
import type { Row } from '../../engine/learn/reward/rewardModel.ts';
import { closedForm } from '../../engine/learn/reward/trainer.ts';
import { ppo } from '../../engine/learn/selector/ppo.ts';
import { seeded } from '../../tensor/random.ts';
import type { Runtime } from '../../tensor/runtime/api.ts';
import { startRuntime } from '../../tensor/runtime/runtime.ts';
import { type RatedEdit, ratedStream } from '../simulate/ratedStream.ts';

export interface TrainBench {
  readonly name: 'train';
  readonly labels: number;
  readonly rewardModelMs: number;
  /** Of the selector’s graph, and of one refit on virtual decisions at the places of the labels. */
  readonly selectorMs: number;
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
}

export async function benchTrain({ labels = 500, seed = 100 }: TrainBenchOptions = {}): Promise<TrainBench> {
  const edits = ratedStream(seed, labels);
  const runtime = startRuntime({ log: { debug: () => undefined } });
  try {
    const startedAt = performance.now();
    const extractor = featureExtractor();
    const labelled = edits.map((edit, i) => rowOf(extractor, edit, i));
    const places = labelled.map(({ features }) => [features]);
    const projection = fitProjection(places, extractor.blocks, rewardProjection);
    const rows = labelled.map((row) => ({ ...row, features: projected(projection, row.features) }));
    const blocks = projectedBlocks(extractor.blocks, projection);
    const trainers = [
      closedForm('bayesianLinear', (training) => fitBayesianLinear(training, { blocks })),
      closedForm('logisticThumbs', (training) => fitLogisticThumbs(training, blocks)),
      neuralHead({ runtime }),
    ] as const;
    const result = await crossValidate(rows, trainers, { random: seeded(seed) });
    if (result === null) throw new RangeError(`${labels} labels are too few to train on.`);
    const rewardModelMs = performance.now() - startedAt;
    const { metrics } = result.chosen;
    const narrow = fitProjection(places, extractor.blocks, selectorProjection);
    const offers = labelled.map(({ features }) => projected(narrow, features));
    await trainSelector(runtime, offers, edits, projectedBlocks(extractor.blocks, narrow), seed);
    const totalMs = performance.now() - startedAt;
    const { peakRssBytes } = await runtime.measure();
    return {
      name: 'train',
      labels,
      rewardModelMs: Math.round(rewardModelMs),
      selectorMs: Math.round(totalMs - rewardModelMs),
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

/** PPO as “Train” would refit it once: each edit is a place with that candidate and silence, shown and accepted or not. */
async function trainSelector(
  runtime: Runtime,
  offers: readonly Float64Array[],
  edits: readonly RatedEdit[],
  blocks: readonly Block[],
  seed: number,
): Promise<void> {
  const fitReward = (shown: readonly Row[]) => fitBayesianLinear(shown, { blocks, centre: 0 });
  let refits = 0;
  const selector = ppo({
    runtime,
    random: seeded(seed),
    hidden: 0,
    refitEvery: offers.length,
    fitReward,
    onRefit: () => {
      refits += 1;
    },
  });
  for (const [i, features] of offers.entries()) {
    const reward = edits[i]!.accepted ? 0.75 : -0.25;
    await selector.learn({ candidates: [features], action: 0, probabilities: [0.975, 0.025], reward });
  }
  await selector.close?.();
  if (refits !== 1) throw new Error(`The selector was fitted ${refits} times, not once.`);
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
