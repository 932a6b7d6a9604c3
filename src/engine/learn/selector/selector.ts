/** Which candidate to offer, or none: what all selectors have in common. */

/** What may be offered at one place. Silence is one more action, after the last candidate. */
export interface Choices {
  /** Features of each candidate, all of one length. */
  readonly candidates: readonly Float64Array[];
  /**
   * Reward of silence; 0 unless said, and −∞ where something must be offered. To be shown at a chance t of being accepted is worth
   * ¾t − ¼(1 − t) = t − ¼: with that as the reward of silence, showing pays from t on.
   */
  readonly silence?: number;
}

/** A choice that was made, and what came of it. */
export interface Outcome extends Choices {
  /** Index into `candidates`; their number: silence. */
  readonly action: number;
  /** Of each action, silence last, when it was made; they add up to 1. */
  readonly probabilities: readonly number[];
  /** +0.75 accepted, −0.25 shown and not accepted (more for larger edits), 0 silent. */
  readonly reward: number;
}

export interface Selector {
  readonly name: string;
  /** Probability of each action, silence last. Each is at least the floor over the number of actions. */
  probabilities(choices: Choices): readonly number[];
  learn(outcome: Outcome): void | Promise<void>;
  close?(): Promise<void>;
}
