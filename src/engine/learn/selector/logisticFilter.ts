/** The gate that editors are known to run: a logistic model of being accepted, and a threshold (research, 3.1 and 3.2). */
import { fitLogistic, type Posterior, type Prior, predict, type Sample } from '../logistic.ts';
import { largest, makeFloor, only } from './floor.ts';
import type { Outcome, Selector } from './selector.ts';

export interface LogisticFilterOptions {
  /** Standard deviations of the logit that are added to it: optimism keeps feedback coming. */
  readonly optimism?: number;
  /** Where showing pays: penalty / (gain + penalty), 0.25 of 1. */
  readonly threshold?: number;
  /** Weight that is left of an observation after one more decision. */
  readonly forgetting?: number;
  /** Share of decisions drawn at random. */
  readonly floor?: number;
  /** Goes on from there. */
  readonly from?: LogisticFilterState;
}

/** All that it knows. */
export interface LogisticFilterState {
  /** What was shown, oldest first, and at which decision. */
  readonly shown: readonly (Omit<Sample, 'weight' | 'features'> & {
    readonly features: Float64Array;
    readonly decision: number;
  })[];
  readonly decisions: number;
  readonly posterior: Posterior | null;
  /** Of the last decisions: whether each was shown. */
  readonly recent: readonly boolean[];
}

export interface LogisticFilter extends Selector {
  readonly state: LogisticFilterState;
  /** Learns all of them, and fits once: what one after another would come to, in a fraction of the time. */
  learnAll(outcomes: readonly Outcome[]): void;
}

/** Decisions between two fits, and outcomes a fit looks back on. */
const refitEvery = 8;
const remembered = 600;
/** Inverse variance of each weight before anything was learnt. */
const priorPrecision = 2;

/** Offers the likeliest to be accepted where it is likelier than the threshold. */
export function logisticFilter({
  optimism = 0.3,
  threshold = 0.25,
  forgetting = 0.995,
  floor: share,
  from,
}: LogisticFilterOptions = {}): LogisticFilter {
  const floor = makeFloor(share, from?.recent);
  let shownOnes = from?.shown ?? [];
  let decisions = from?.decisions ?? 0;
  let posterior = from?.posterior ?? null;

  function refit(): void {
    const size = shownOnes[0]?.features.length;
    if (size === undefined) return;
    const prior: Prior = {
      mean: new Array<number>(size).fill(0),
      precision: new Array<number>(size).fill(priorPrecision),
    };
    const samples = shownOnes.map((one) => ({ ...one, weight: forgetting ** (decisions - one.decision) }));
    posterior = fitLogistic(prior, samples, posterior?.mean);
  }
  /** False: there was nothing to decide. */
  function note({ candidates, action, reward }: Outcome): boolean {
    if (candidates.length === 0) return false;
    decisions += 1;
    const features = candidates[action];
    floor.note({ shown: features !== undefined });
    if (features) {
      const label = reward > 0 ? 1 : 0;
      shownOnes = [...shownOnes, { features, label, decision: decisions } as const].slice(-remembered);
    }
    return true;
  }
  return {
    name: 'logistic',
    probabilities({ candidates, silence: worth = 0 }) {
      const silence = candidates.length;
      const chances = candidates.map((row) => (posterior ? predict(posterior, row, optimism) : 0.5));
      const best = largest(chances);
      const action = best >= 0 && chances[best]! > threshold + worth ? best : silence;
      return floor.apply({ policy: only(action, silence + 1), shown: only(best, silence) });
    },
    learn(outcome) {
      if (note(outcome) && decisions % refitEvery === 0) refit();
    },
    learnAll(outcomes) {
      for (const outcome of outcomes) note(outcome);
      refit();
    },
    get state() {
      return { shown: shownOnes, decisions, posterior, recent: floor.recent };
    },
  };
}
