/** PPO's pieces in plain numbers: for what is learnt from whole texts, and to hold the graph against. */

/**
 * Generalised advantage estimation (arXiv:1506.02438): δ = r + γV′ − V, A = δ + γλA′, and what V was to be, A + V. The value after
 * the last step is 0. Of one step these are r − V and r: the bandit's.
 */
export function advantagesOf(
  rewards: ArrayLike<number>,
  values: ArrayLike<number>,
  { gamma = 1, lambda = 0.95 }: { readonly gamma?: number; readonly lambda?: number } = {},
): { readonly advantages: Float64Array; readonly returns: Float64Array } {
  const advantages = new Float64Array(rewards.length);
  let later = 0;
  for (let t = rewards.length - 1; t >= 0; t -= 1) {
    later = rewards[t]! + gamma * (values[t + 1] ?? 0) - values[t]! + gamma * lambda * later;
    advantages[t] = later;
  }
  return { advantages, returns: advantages.map((advantage, t) => advantage + values[t]!) };
}

/** (x − mean) / √(variance + 1e-8) with the biased variance; with `shiftMean` false the mean is added back (TRL's `whiten`). */
export function whitened(
  x: ArrayLike<number>,
  { shiftMean = true }: { readonly shiftMean?: boolean } = {},
): Float64Array {
  const values = Float64Array.from(x);
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return values.map((value) => (value - mean) / Math.sqrt(variance + 1e-8) + (shiftMean ? 0 : mean));
}

export interface ClippedTerm {
  readonly loss: number;
  readonly ratio: number;
  readonly clipped: boolean;
}

/** −max(min(ρA, clip(ρ)A), c·min(A, 0)) of one action, with ρ = exp(clamp(ln π − ln π_old, ±20)); c = ∞: PPO without dual clip. */
export function clippedTerm(
  logProbability: number,
  oldLogProbability: number,
  advantage: number,
  { clip = 0.2, dualClip = 3 }: { readonly clip?: number; readonly dualClip?: number } = {},
): ClippedTerm {
  const ratio = Math.exp(Math.min(20, Math.max(-20, logProbability - oldLogProbability)));
  const near = Math.min(1 + clip, Math.max(1 - clip, ratio));
  const surrogate = Math.min(ratio * advantage, near * advantage);
  const bounded = advantage < 0 ? Math.max(surrogate, dualClip * advantage) : surrogate;
  return { loss: -bounded, ratio, clipped: Math.abs(ratio - 1) > clip };
}

/** Estimates of KL(π ‖ other) from an action drawn from π, with d = ln other − ln π (http://joschu.net/blog/kl-approx.html). */
export const klEstimates = (logProbability: number, otherLogProbability: number) => {
  const d = otherLogProbability - logProbability;
  return {
    /** Unbiased, may be negative: for rewards. */
    k1: -d,
    /** Its gradient is that of the divergence: for losses. */
    k2: d ** 2 / 2,
    /** Unbiased and never negative: to watch. */
    k3: Math.exp(d) - 1 - d,
  };
};
