/** What a decision would have brought, estimated without having seen it: needed wherever an estimate leans on a model. */
import { dot, factorOf, solve } from '../cholesky.ts';

/** What was offered at a decision, and what came of it. */
export interface Shown {
  readonly features: Float64Array;
  readonly reward: number;
}

/** From what was offered to the expected reward of what might be. */
export type FitReward = (shown: readonly Shown[]) => (features: Float64Array) => number;

/** Ridge regression with an unpenalised mean; features are taken to be of the order of 1. */
export const ridgeReward: FitReward = (shown) => {
  const size = shown[0]?.features.length ?? 0;
  const mean = shown.reduce((sum, { reward }) => sum + reward, 0) / Math.max(1, shown.length);
  if (size === 0) return () => mean;
  const moments = new Float64Array(size * size);
  const products = new Float64Array(size);
  for (const { features, reward } of shown) {
    for (let i = 0; i < size; i += 1) {
      products[i]! += features[i]! * (reward - mean);
      for (let j = 0; j <= i; j += 1) moments[i * size + j]! += features[i]! * features[j]!;
    }
  }
  // Variance of a reward over that of a weight, both of research's simulated developers: about 0.2 / 0.05.
  const penalty = 4;
  for (let i = 0; i < size; i += 1) moments[i * size + i]! += penalty;
  const factor = factorOf(moments, size);
  const weights = solve(factor, products);
  return (features) => mean + dot(weights, features);
};
