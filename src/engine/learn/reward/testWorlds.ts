/** Small made-up raters for the tests of reward models. */
import { seeded, standardNormal } from '../../../tensor/random.ts';
import type { Block } from './bayesianLinear.ts';
import type { LabelSource, Row } from './rewardModel.ts';

export interface World {
  readonly blocks: readonly Block[];
  readonly rows: readonly Row[];
  /** The expected target of each row. */
  readonly truth: Float64Array;
}

export interface WorldOptions {
  readonly seed: number;
  readonly count: number;
  readonly noise?: number;
  /** Adds what no linear model sees: two features that only matter together. */
  readonly interaction?: number;
  readonly weights?: number;
  /** Targets in tenths, as a scale has them. */
  readonly steps?: boolean;
}

/** A bias, 8 cheap features of which 3 matter, and 24 features of an edit that all matter a little. */
export const worldBlocks: readonly Block[] = [
  { name: 'bias', start: 0, end: 1 },
  { name: 'cheap', start: 1, end: 9 },
  { name: 'edit', start: 9, end: 33 },
];

export function world(options: WorldOptions): World {
  const { seed, count, noise = 0.12, interaction = 0, weights = 1, steps = false } = options;
  const random = seeded(seed);
  const truth = new Float64Array(count);
  const slopes = Float64Array.from(
    { length: 33 },
    (_, i) =>
      weights * (i === 0 ? 0.1 : i < 4 ? 0.1 * standardNormal(random) : i < 9 ? 0 : 0.12 * standardNormal(random)),
  );
  const rows = Array.from({ length: count }, (_, at): Row => {
    const features = Float64Array.from({ length: 33 }, (_, i) =>
      i === 0 ? 1 : i < 9 ? standardNormal(random) : 0.4 * standardNormal(random),
    );
    let value = 0.5 + interaction * Math.sign(features[5]!) * Math.sign(features[6]!);
    for (let i = 0; i < 33; i += 1) value += slopes[i]! * features[i]!;
    truth[at] = value;
    const noisy = value + noise * standardNormal(random);
    const source: LabelSource = 'rating';
    return {
      features,
      target: steps ? Math.min(1, Math.max(0, Math.round(noisy * 9) / 9)) : noisy,
      weight: 1,
      source,
      group: `src/file${at % 20}.ts`,
      episodeId: `${at}`,
      at,
    };
  });
  return { blocks: worldBlocks, rows, truth };
}
