/** LinUCB with forgetting (arXiv:1003.0146; Russac et al., arXiv:1909.09146): the most that could be true of each, greedily. */

import { dot } from '../cholesky.ts';
import { largest, makeFloor, only } from './floor.ts';
import { forgettingRidge, type LinearSelector, type LinearState, type RidgeOptions } from './forgettingRidge.ts';

export interface LinUcbOptions extends RidgeOptions {
  /** Times √(xᵀA⁻¹x), on top of the mean; 1 was best on fresh developers (research, 1.2). */
  readonly alpha?: number;
  /** Share of decisions drawn at random. */
  readonly floor?: number;
  /** Goes on from there. */
  readonly from?: LinearState;
}

/** Offers the candidate with the highest upper bound where that is above the reward of silence. */
export function linUcb({ alpha = 1, floor: share, from, ...ridge }: LinUcbOptions = {}): LinearSelector {
  const belief = forgettingRidge(ridge, from?.ridge);
  const floor = makeFloor(share, from?.recent);
  return {
    name: 'linucb',
    get state() {
      return { ridge: belief.state, recent: floor.recent };
    },
    probabilities({ candidates, silence: worth = 0 }) {
      const silence = candidates.length;
      const means = belief.means(candidates);
      const bounds = belief.whitened(candidates).map((row, i) => means[i]! + alpha * Math.sqrt(dot(row, row)));
      const best = largest(bounds);
      const action = best >= 0 && bounds[best]! > worth ? best : silence;
      return floor.apply({ policy: only(action, silence + 1), shown: only(best, silence) });
    },
    learn({ candidates, action, reward }) {
      if (candidates.length === 0) return;
      belief.forget();
      floor.note({ shown: action < candidates.length });
      if (action < candidates.length) belief.observe(candidates[action]!, reward);
    },
  };
}
