/** Linear Thompson sampling with forgetting (arXiv:1209.3352): what one draw of the belief would do. */

import { standardNormal } from '../../../tensor/random.ts';
import { dot, factorOf } from '../cholesky.ts';
import { largest, makeFloor } from './floor.ts';
import { forgettingRidge, type LinearSelector, type LinearState, type RidgeOptions } from './forgettingRidge.ts';

export interface LinTsOptions extends RidgeOptions {
  /** Times the belief's deviation; 0.3 in research, 1.2. */
  readonly alpha?: number;
  /** Share of decisions drawn at random. */
  readonly floor?: number;
  /** Goes on from there. */
  readonly from?: LinearState;
  /** Of which propensities are the shares. */
  readonly draws?: number;
  /**
   * Deviations √(xᵀA⁻¹x) above the mean that must not reach the reward of silence either, for any candidate, before it is silent: nothing
   * is learnt of what is not shown. By default draws alone decide.
   */
  readonly doubt?: number;
}

/** Offers the candidate that is best in a draw of the belief where its reward there is above that of silence. */
export function linTs(
  random: () => number,
  { alpha = 0.3, floor: share, from, draws = 256, doubt, ...ridge }: LinTsOptions = {},
): LinearSelector {
  const belief = forgettingRidge(ridge, from?.ridge);
  const floor = makeFloor(share, from?.recent);
  return {
    name: 'lints',
    get state() {
      return { ridge: belief.state, recent: floor.recent };
    },
    probabilities({ candidates, silence = 0 }) {
      const size = candidates.length;
      const means = belief.means(candidates);
      const rows = belief.whitened(candidates);
      // Only the rewards of these few matter: their joint normal is drawn from, not that of all weights.
      const covariance = Float64Array.from({ length: size * size }, (_, i) =>
        dot(rows[Math.floor(i / size)]!, rows[i % size]!),
      );
      // Of features that are all 0 nothing is unsure: the draw is the mean.
      for (let i = 0; i < size; i += 1) covariance[i * size + i]! += 1e-12;
      const factor = factorOf(covariance, size);
      const policy = new Array<number>(size + 1).fill(0);
      const shown = new Array<number>(size).fill(0);
      const noise = new Float64Array(size);
      const rewards = new Float64Array(size);
      for (let draw = 0; draw < draws && size > 0; draw += 1) {
        for (let i = 0; i < size; i += 1) noise[i] = alpha * standardNormal(random);
        for (let i = 0; i < size; i += 1) {
          let reward = means[i]!;
          for (let k = 0; k <= i; k += 1) reward += factor[i * size + k]! * noise[k]!;
          rewards[i] = reward;
        }
        const best = largest(rewards);
        shown[best]! += 1 / draws;
        policy[rewards[best]! > silence ? best : size]! += 1 / draws;
      }
      if (size === 0) policy[0] = 1;
      const isDoubtful =
        doubt !== undefined && rows.some((row, i) => means[i]! + doubt * Math.sqrt(dot(row, row)) > silence);
      return floor.apply({ policy: isDoubtful ? [...shown, 0] : policy, shown });
    },
    learn({ candidates, action, reward }) {
      if (candidates.length === 0) return;
      belief.forget();
      floor.note({ shown: action < candidates.length });
      if (action < candidates.length) belief.observe(candidates[action]!, reward);
    },
  };
}
