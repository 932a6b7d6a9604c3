/** Ridge regression that forgets: what the linear bandits believe of the reward of an edit, from its features. */
import { dot, factorOf, forward, solve } from '../cholesky.ts';
import type { Selector } from './selector.ts';

export interface RidgeOptions {
  /** Weight that is left of an observation after one more decision. */
  readonly forgetting?: number;
  /** Of one observation, against 1 of the prior. */
  readonly precision?: number;
}

/** All that it knows: sums over what was observed, faded. */
export interface RidgeState {
  /** Features; 0: nothing was observed. */
  readonly size: number;
  /** Σ γᵃxxᵀ, its lower half, row by row. */
  readonly moments: Float64Array;
  /** Σ γᵃx·reward */
  readonly products: Float64Array;
}

/** Of a linear bandit: its belief, and which of the last decisions were shown. */
export interface LinearState {
  readonly ridge: RidgeState;
  readonly recent: readonly boolean[];
}

export interface LinearSelector extends Selector {
  readonly state: LinearState;
}

export interface ForgettingRidge {
  /** A copy. */
  readonly state: RidgeState;
  /** One more decision was made, whether it told something or not. */
  forget(): void;
  observe(features: Float64Array, reward: number): void;
  /** Expected reward of each. */
  means(rows: readonly Float64Array[]): Float64Array;
  /** L⁻¹x of each: dot products are covariances xᵀA⁻¹x′ of their expected rewards, in units of the prior. */
  whitened(rows: readonly Float64Array[]): readonly Float64Array[];
}

/**
 * A = I + 12·Σ γᵃxxᵀ, a an observation's age in decisions (the scale research's α is measured in). The prior does not fade,
 * as it would in a recursion over A⁻¹; so A is factored anew when it is asked for: 0.2 ms at 90 features. Silent decisions
 * count as age: the longer nothing was shown, the less is known, and the more optimism draws out of the silence.
 */
export function forgettingRidge(
  { forgetting = 0.995, precision = 12 }: RidgeOptions = {},
  from?: RidgeState,
): ForgettingRidge {
  let size = from?.size ?? 0;
  let moments = Float64Array.from(from?.moments ?? []);
  let products = Float64Array.from(from?.products ?? []);
  let fitted: { readonly factor: Float64Array; readonly mean: Float64Array } | null = null;

  function grow(features: Float64Array): void {
    if (size === features.length) return;
    size = features.length;
    moments = new Float64Array(size * size);
    products = new Float64Array(size);
    fitted = null;
  }
  function solution() {
    if (fitted) return fitted;
    const a = moments.map((value) => precision * value);
    for (let i = 0; i < size; i += 1) a[i * size + i]! += 1;
    const factor = factorOf(a, size);
    const right = products.map((value) => precision * value);
    fitted = { factor, mean: solve(factor, right) };
    return fitted;
  }
  return {
    get state() {
      return { size, moments: moments.slice(), products: products.slice() };
    },
    forget() {
      for (let i = 0; i < moments.length; i += 1) moments[i]! *= forgetting;
      for (let i = 0; i < size; i += 1) products[i]! *= forgetting;
      fitted = null;
    },
    observe(features, reward) {
      grow(features);
      for (let i = 0; i < size; i += 1) {
        const value = features[i]!;
        if (value === 0) continue;
        products[i]! += value * reward;
        for (let j = 0; j <= i; j += 1) moments[i * size + j]! += value * features[j]!;
      }
      fitted = null;
    },
    means(rows) {
      if (rows[0]) grow(rows[0]);
      const { mean } = solution();
      return Float64Array.from(rows, (row) => dot(mean, row));
    },
    whitened(rows) {
      if (rows[0]) grow(rows[0]);
      const { factor } = solution();
      return rows.map((row) => forward(factor, row));
    },
  };
}
