/** What virtual decisions are rewarded by: a regression on what real ones brought. */
import { type BayesianLinear, type Block, fitBayesianLinear } from '../reward/bayesianLinear.ts';
import type { Row } from '../reward/rewardModel.ts';

/** Of one outcome, against 1 of each weight: what the linear bandits have too (forgettingRidge.ts). */
const precision = 12;

/**
 * Precisions are given, not taken from the evidence. Of few outcomes, all of them chosen by the policy itself, the evidence often
 * says that nothing matters: then there is no doubt left to be optimistic about, nothing new is tried, and it stays so.
 */
export const virtualReward =
  (blocks: readonly Block[]) =>
  (rows: readonly Row[]): BayesianLinear =>
    fitBayesianLinear(rows, { blocks, centre: 0, rounds: 0, start: { blocks: blocks.map(() => 1), noise: precision } });
