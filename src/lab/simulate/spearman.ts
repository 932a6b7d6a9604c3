/**
 * How well a reward model foretells what a developer says of edits in files it has not seen, by the number of ratings it learnt from:
 * the product's features, projection and regression, and the ratings of simulated developers.
 */
import { intervalCoverage } from '../../engine/learn/evaluation/coverage.ts';
import { deviation, mean } from '../../engine/learn/evaluation/interval.ts';
import { spearman } from '../../engine/learn/evaluation/spearman.ts';
import { studentQuantile } from '../../engine/learn/evaluation/student.ts';
import { featureExtractor } from '../../engine/learn/features/features.ts';
import { fitProjection, projected, projectedBlocks, rewardProjection } from '../../engine/learn/features/projection.ts';
import { fitBayesianLinear } from '../../engine/learn/reward/bayesianLinear.ts';
import type { Row } from '../../engine/learn/reward/rewardModel.ts';
import { seeded, shuffled } from '../../tensor/random.ts';
import { columns } from './columns.ts';
import type { Temper } from './developer.ts';
import { offerableEdit } from './features.ts';
import { installedWorld, type RatedEdit, ratedStream } from './ratedStream.ts';
import type { World } from './world.ts';

export interface SpearmanOptions {
  readonly developers: number;
  readonly firstSeed: number;
  readonly counts?: readonly number[];
  readonly temper?: Temper;
  readonly world?: World;
  readonly say?: (line: string) => void;
}

/** Mean over developers, with its interval of 95 %. */
export interface Share {
  readonly spearman: number;
  readonly low: number;
  readonly high: number;
  /** Of the held-out ratings, in the intervals that should hold 90 %. */
  readonly coverage90: number;
}

export interface SpearmanResult {
  readonly developers: number;
  readonly firstSeed: number;
  /** Held-out ratings of each developer, on average. */
  readonly heldOut: number;
  /** By the number of ratings. */
  readonly at: Readonly<Record<string, Share>>;
  /** Of one who knows what each developer thinks. */
  readonly ceiling: number;
  /** Of the developer's own ratings of the same edits at another time. */
  readonly retest: number;
}

export const spearmanDefaults = { developers: 20, firstSeed: 100, counts: [50, 100, 200, 500] } as const;
/** Held-out ratings are at least so many. */
const fewestHeldOut = 400;

export function measureSpearman(options: SpearmanOptions): SpearmanResult {
  const { developers, firstSeed, counts = spearmanDefaults.counts, temper = 'rules', say } = options;
  const world = options.world ?? installedWorld();
  const results = Array.from({ length: developers }, (_, i) => {
    const result = developerResult(ratedStream(firstSeed + i, world.places, { world, temper }), counts, firstSeed + i);
    say?.(`Developer ${firstSeed + i}: ${i + 1} of ${developers}`);
    return result;
  });
  const at = counts.map((count, i): [string, Share] => {
    const values = results.map(({ figures }) => figures[i]!.spearman);
    const coverage90 = mean(results.map(({ figures }) => figures[i]!.coverage));
    return [`${count}`, { ...developersMean(values), coverage90 }];
  });
  return {
    developers,
    firstSeed,
    heldOut: mean(results.map(({ heldOut }) => heldOut)),
    at: Object.fromEntries(at),
    ceiling: mean(results.map(({ ceiling }) => ceiling)),
    retest: mean(results.map(({ retest }) => retest)),
  };
}

function developerResult(all: readonly RatedEdit[], counts: readonly number[], seed: number) {
  const { training, heldOut } = splitByFile(all, Math.max(...counts), seed);
  const { featuresOf, blocks } = featureExtractor();
  const featuresFor = (edit: RatedEdit, after: string): Float64Array => {
    const [, instruction = ''] = edit.context.split('\n');
    return featuresOf(offerableEdit({ ...edit, after, instruction }), []);
  };
  const places = training.map((edit) => edit.offered.map((text) => featuresFor(edit, text)));
  const rows = training.map(
    (edit, at): Row => ({
      features: places[at]![edit.offered.indexOf(edit.after)]!,
      target: targetOf(edit.rating),
      weight: 1,
      source: 'rating',
      group: edit.file,
      episodeId: `${at}`,
      at,
    }),
  );
  const questions = heldOut.map((edit) => featuresFor(edit, edit.after));
  const answers = heldOut.map(({ rating }) => targetOf(rating));
  const figures = counts.map((count) => {
    const projection = fitProjection(places.slice(0, count), blocks, rewardProjection);
    const seen = rows.slice(0, count).map((row) => ({ ...row, features: projected(projection, row.features) }));
    const model = fitBayesianLinear(seen, { blocks: projectedBlocks(blocks, projection) });
    const foretold = questions.map((features) => {
      const estimate = model.estimate(projected(projection, features));
      return { mean: estimate.mean, deviation: Math.hypot(estimate.deviation, model.noise) };
    });
    return {
      spearman: correlation(
        foretold.map((one) => one.mean),
        answers,
      ),
      coverage: intervalCoverage(foretold, answers).value,
    };
  });
  return {
    figures,
    heldOut: heldOut.length,
    ceiling: correlation(
      heldOut.map(({ utility }) => utility),
      answers,
    ),
    retest: correlation(
      heldOut.map(({ again }) => again),
      answers,
    ),
  };
}

/** With Student's interval of 95 %: there are few developers. */
function developersMean(values: readonly number[]) {
  const value = mean(values);
  if (values.length < 2) return { spearman: value, low: -1, high: 1 };
  const half = (studentQuantile(0.975, values.length - 1) * deviation(values)) / Math.sqrt(values.length);
  return { spearman: value, low: value - half, high: value + half };
}

const targetOf = (rating: number): number => (rating - 1) / 9;

/** 0 where all are the same: nothing was learnt. */
function correlation(one: readonly number[], other: readonly number[]): number {
  const figure = spearman(one, other);
  return figure.defined ? figure.value : 0;
}

/** Whole files are held out, as many as it takes; in the order of time. Throws a RangeError when too little is left to train on. */
function splitByFile(edits: readonly RatedEdit[], wanted: number, seed: number) {
  const sizes = new Map<string, number>();
  for (const { file } of edits) sizes.set(file, (sizes.get(file) ?? 0) + 1);
  const kept = new Set<string>();
  let count = 0;
  for (const file of shuffled([...sizes.keys()], seeded(seed + 41))) {
    if (count >= fewestHeldOut) break;
    kept.add(file);
    count += sizes.get(file)!;
  }
  const training = edits.filter(({ file }) => !kept.has(file)).slice(0, wanted);
  if (training.length < wanted || count < fewestHeldOut) {
    throw new RangeError(`${edits.length} edits are too few to train on ${wanted} and hold out ${fewestHeldOut}.`);
  }
  return { training, heldOut: edits.filter(({ file }) => kept.has(file)) };
}

/** The result for a person. */
export function spearmanTable(result: SpearmanResult): string {
  const { at, developers, firstSeed, heldOut, ceiling, retest } = result;
  const rows = Object.entries(at).map(([count, { spearman: rho, low, high, coverage90 }]) => [
    count,
    rho.toFixed(3),
    `${low.toFixed(3)} to ${high.toFixed(3)}`,
    `${(100 * coverage90).toFixed(1)} %`,
  ]);
  return [
    `${developers} developers from seed ${firstSeed}; ${Math.round(heldOut)} ratings in other files held out of each. Means, 95 % intervals:`,
    columns(['ratings', 'Spearman', '', 'in 90 % intervals'], rows),
    `The developers themselves, rating again: ${retest.toFixed(3)}. One who knows what they think: ${ceiling.toFixed(3)}.`,
  ].join('\n');
}
