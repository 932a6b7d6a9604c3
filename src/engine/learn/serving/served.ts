/** What of the trained versions has a say in decisions. Features are those of `featureExtractor`, unprojected. */
import type { Estimate } from '../reward/rewardModel.ts';
import type { Outcome } from '../selector/selector.ts';

export interface ServedRewardModel {
  /** Of the version. */
  readonly id: string;
  readonly algorithm: string;
  /** Expected target, 0 to 1, and how unsure that is. */
  estimate(features: Float64Array): Estimate;
}

/** A selector that learns from every decision. */
export interface OnlineSelector {
  readonly algorithm: string;
  /** Probability of each candidate and, last, of silence; floors included. `silence`: its reward, as in `Choices`; 0 unless said. */
  probabilities(candidates: readonly Float64Array[], silence?: number): readonly number[];
  /** What became of a decision; of a version's, after it was trained. */
  learn(outcome: Outcome): void | Promise<void>;
  close(): Promise<void>;
}

export interface ServedSelector extends OnlineSelector {
  /** Of the version. */
  readonly id: string;
}

export interface Served {
  readonly rewardModel: ServedRewardModel | null;
  readonly selector: ServedSelector | null;
  /** Decides where nothing else knows anything, and no selector serves; it begins to learn when it is first asked for. */
  readonly anchor: (() => OnlineSelector) | null;
}

export const nothingServed: Served = { rewardModel: null, selector: null, anchor: null };
