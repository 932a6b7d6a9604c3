/** What trains a kind of reward model: for each fold without its test rows, and for use. */
import type { Fold } from '../evaluation/folds.ts';
import type { RewardModel, Row } from './rewardModel.ts';

export interface Fits {
  /** One for each fold, of its training rows. */
  readonly folds: readonly RewardModel[];
  /** Of all rows. */
  readonly final: RewardModel;
}

export interface RewardTrainer {
  readonly kind: string;
  /** Null: these rows aren't of the kind it learns from. Rejects with the signal's reason. */
  fit(rows: readonly Row[], folds: readonly Fold[], options: FitOptions): Promise<Fits | null>;
}

export interface FitOptions {
  readonly random: () => number;
  readonly signal?: AbortSignal;
}

/** A trainer of a model that is fitted at once. */
export function closedForm(kind: string, modelOf: (rows: readonly Row[]) => RewardModel | null): RewardTrainer {
  return {
    kind,
    async fit(rows, folds, { signal }) {
      const models: RewardModel[] = [];
      for (const { training } of folds) {
        signal?.throwIfAborted();
        const model = modelOf(training.map((i) => rows[i]!));
        if (model === null) return null;
        models.push(model);
        // Others have their turn between folds.
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
      const final = modelOf(rows);
      return final && { folds: models, final };
    },
  };
}
