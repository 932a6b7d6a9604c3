/** What all reward models have in common: rows in, estimates with their uncertainty out. */

/** Where a label came from; each has its own noise, and a table of weights. */
export type LabelSource = 'rating' | 'thumb' | 'event' | 'pair';

/** One judgement, as a row of a regression. */
export interface Row {
  /** Of the candidate; of a pair, those of the better one minus those of the worse one. */
  readonly features: Float64Array;
  /** 0 to 1 for a candidate; of a pair, how much better one is than the other. */
  readonly target: number;
  readonly weight: number;
  readonly source: LabelSource;
  /** Rows of one group (a file) are never split between training and test: near-duplicates would leak. */
  readonly group: string;
  readonly episodeId: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** What is believed of the expected target. */
export interface Estimate {
  readonly mean: number;
  /** How unsure the mean is: the standard deviation of the belief, without the noise of a single rating. */
  readonly deviation: number;
}

export interface RewardModel {
  readonly kind: string;
  /** Standard deviation of a single rating around its expectation. */
  readonly noise: number;
  estimate(features: Float64Array): Estimate;
}
