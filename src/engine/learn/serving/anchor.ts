/**
 * Who decides before anything was trained. Answers of a model that doesn't say how sure it is differ by how they are written, which the
 * gate doesn't see; Thompson sampling over the features of a trained selector finds out which of them are wanted, from the first
 * decision on, and its propensities let training judge a selector by decisions that it didn't make.
 */
import { seeded } from '../../../tensor/random.ts';
import type { FeatureExtractor } from '../features/features.ts';
import { fitProjection, projected, selectorProjection } from '../features/projection.ts';
import type { LinearSelector, LinearState } from '../selector/forgettingRidge.ts';
import { linTs } from '../selector/linTs.ts';
import type { OnlineSelector } from './served.ts';

/** Several that may be offered, of which the model didn't say how likely they are: nothing else can tell them apart. */
export const isUnsure = (offers: readonly { readonly probability?: number }[]): boolean =>
  offers.filter(({ probability }) => probability === undefined).length > 1;

/**
 * Less weight of one decision than a trained selector gives it (12), and silence only where there is little doubt: it has nothing else to
 * go by. With neither, two unlucky offers in the beginning are followed by silence, in which nothing is learnt (developers 0 to 9 of the
 * simulation: of each at least 96 % of the first 120 decisions are shown, not 47 %). It forgets twice as fast as one that was trained: where
 * answers follow examples, what there is to learn is soon learnt anew, and after a turn of taste what was learnt before stands in the way
 * (developers 0 to 9, 100 to 400 decisions after the turn: 90 % of the former reward, with .995 75 % of 0 to 3; the same regret in all).
 */
const careful = { precision: 4, doubt: 1, forgetting: 0.99 } as const;

/** Knows nothing yet. The same decisions in the same order make the same of it. */
export function openAnchor({ blocks }: Pick<FeatureExtractor, 'blocks'>): OnlineSelector {
  const projection = fitProjection([], blocks, selectorProjection);
  let selector: LinearSelector | null = null;
  function begun(rows: readonly Float64Array[]): LinearSelector {
    selector ??= linTs(seeded(1), { ...careful, from: beliefIn(rows) });
    return selector;
  }
  const seen = (rows: readonly Float64Array[]): readonly Float64Array[] =>
    rows.map((row) => projected(projection, row));
  return {
    algorithm: 'lints',
    probabilities(candidates, silence = 0) {
      const rows = seen(candidates);
      return begun(rows).probabilities({ candidates: rows, silence });
    },
    learn(outcome) {
      const candidates = seen(outcome.candidates);
      return begun(candidates).learn({ ...outcome, candidates });
    },
    async close() {},
  };
}

/**
 * Before the first decision: that somewhat more than a third of what is shown is taken, as of inline suggestions in general, said by five
 * offers like the first ones. Short answers differ so little that all there is to learn from the first verdicts is what they share.
 */
const prior = { observations: 5, reward: 0.1 };

function beliefIn(rows: readonly Float64Array[]): LinearState {
  const size = rows[0]?.length ?? 0;
  const { observations, reward } = prior;
  const usual = Float64Array.from({ length: size }, (_, i) =>
    rows.reduce((sum, row) => sum + row[i]! / rows.length, 0),
  );
  const moments = new Float64Array(size * size);
  // Its lower half, as the belief keeps it.
  for (let i = 0; i < size; i += 1) {
    for (let j = 0; j <= i; j += 1) moments[i * size + j] = observations * usual[i]! * usual[j]!;
  }
  return { ridge: { size, moments, products: usual.map((value) => observations * reward * value) }, recent: [] };
}
