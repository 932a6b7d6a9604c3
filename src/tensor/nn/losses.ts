/** Losses of rankers, rewards and policies; those of a language model's tokens are in nextToken.ts. All but klEstimate are scalars. */
import type { Tensor } from '../graph/graph.ts';
import { add, div, mul, neg, square, sub, sum } from '../ops/basic.ts';
import { mean } from '../ops/reduce.ts';
import { clamp, maximum, minimum } from '../ops/select.ts';
import { exp, softplus } from '../ops/unary.ts';

/** The mean of `x` weighted by `mask`, of its shape: 1 for what counts, 0 for padding. */
export const maskedMean = (x: Tensor, mask: Tensor): Tensor => div(sum(mul(x, mask)), sum(mask));

/**
 * Mean −(t ln σ(x) + (1 − t) ln(1 − σ(x))) of logits x and targets t in [0, 1], without overflow: ln(1 + eˣ) − t x. Equals
 * PyTorch's binary_cross_entropy_with_logits.
 */
export const binaryCrossEntropy = (logits: Tensor, targets: Tensor): Tensor =>
  mean(sub(softplus(logits), mul(targets, logits)));

/** Mean −ln σ(chosen − rejected): the loss of a reward model on pairs (Bradley and Terry; arXiv:2203.02155, equation 1). */
export const bradleyTerry = (chosen: Tensor, rejected: Tensor): Tensor => mean(softplus(sub(rejected, chosen)));

export interface PolicyTokens {
  /** ln p of the sampled tokens, now and when they were sampled; any one shape. */
  readonly logProbability: Tensor;
  readonly oldLogProbability: Tensor;
  readonly advantage: Tensor;
  /** 1 for what counts. */
  readonly mask: Tensor;
}

/** PPO's clipped surrogate (arXiv:1707.06347, equation 7), negated: −mean min(r A, clip(r, 1 − range, 1 + range) A). */
export function clippedPolicyLoss(tokens: PolicyTokens, range: number): Tensor {
  const { logProbability, oldLogProbability, advantage, mask } = tokens;
  const ratio = exp(sub(logProbability, oldLogProbability));
  const clipped = clamp(ratio, 1 - range, 1 + range);
  return neg(maskedMean(minimum(mul(ratio, advantage), mul(clipped, advantage)), mask));
}

export interface ValuePredictions {
  /** Now, and when the tokens were sampled; any one shape. */
  readonly value: Tensor;
  readonly oldValue: Tensor;
  /** What was to be predicted: the advantage plus the old value. */
  readonly target: Tensor;
  /** 1 for what counts. */
  readonly mask: Tensor;
}

/**
 * Half the mean squared error of values that are let go no further than `range` from the old ones, or of the values as they
 * are where that is more: max((v − R)², (old + clip(v − old, ±range) − R)²), as in OpenAI's ppo2 and TRL.
 */
export function clippedValueLoss({ value, oldValue, target, mask }: ValuePredictions, range: number): Tensor {
  const near = add(oldValue, clamp(sub(value, oldValue), -range, range));
  const worse = maximum(square(sub(value, target)), square(sub(near, target)));
  return mul(maskedMean(worse, mask), 0.5);
}

/**
 * Of each token, an estimate of KL(policy ‖ reference) that is unbiased and never negative: k3 = eᵈ − 1 − d with
 * d = ln p_reference − ln p (http://joschu.net/blog/kl-approx.html). Of the arguments' shape.
 */
export function klEstimate(logProbability: Tensor, referenceLogProbability: Tensor): Tensor {
  const d = sub(referenceLogProbability, logProbability);
  return sub(sub(exp(d), 1), d);
}
