/** Logistic regression on good or bad: what is learnt from thumbs when nothing else was said. */

import { quadratic } from '../cholesky.ts';
import { fitLogistic, type Posterior, predict, type Sample } from '../logistic.ts';
import type { Block } from './bayesianLinear.ts';
import type { RewardModel, Row } from './rewardModel.ts';

/** Standard deviation of a weight before anything was seen; that of the bias is 1. */
const deviation = 0.7;
/** Below and above, a row is bad or good; between it says neither. */
const bad = 0.4;
const good = 0.6;
/** What a certain yes and no are on the scale of ratings. */
const range = [0.1, 0.9] as const;

export interface LogisticThumbs extends RewardModel {
  readonly kind: 'logisticThumbs';
  readonly posterior: Posterior;
}

/** Null: there isn't both good and bad among the rows. Pairs are rows too: of the better minus the worse one, good. */
export function fitLogisticThumbs(rows: readonly Row[], blocks: readonly Block[]): LogisticThumbs | null {
  const samples = rows.flatMap(({ features, target, weight, source }): Sample[] => {
    if (source === 'pair') return [{ features, label: 1, weight }];
    if (target > bad && target < good) return [];
    return [{ features, label: target >= good ? 1 : 0, weight }];
  });
  if (new Set(samples.map(({ label }) => label)).size < 2) return null;
  const size = blocks.at(-1)?.end ?? 0;
  const precision = Array.from({ length: size }, (_, i) => (i === 0 ? 1 : deviation ** -2));
  const posterior = fitLogistic({ mean: precision.map(() => 0), precision }, samples);
  const meanOf = (features: Float64Array): number => expected(posterior, features);
  let [squares, count] = [0, 0];
  for (const { features, target, weight, source } of rows) {
    if (source === 'pair') continue;
    squares += weight * (target - meanOf(features)) ** 2;
    count += weight;
  }
  return logisticThumbsOf(posterior, Math.max(0.05, Math.sqrt(squares / Math.max(count, 1e-9))));
}

const [low, high] = range;
const expected = (posterior: Posterior, features: Float64Array): number =>
  low + (high - low) * predict(posterior, features);

/** The model of a posterior; `noise`: standard deviation of a single rating. */
export function logisticThumbsOf(posterior: Posterior, noise: number): LogisticThumbs {
  return {
    kind: 'logisticThumbs',
    noise,
    posterior,
    estimate(features) {
      const chance = predict(posterior, features);
      // How far one deviation of the logit moves the chance, to first order.
      const slope = (high - low) * chance * (1 - chance);
      return {
        mean: low + (high - low) * chance,
        deviation: slope * Math.sqrt(quadratic(posterior.factor, features.subarray(0, posterior.mean.length))),
      };
    },
  };
}
