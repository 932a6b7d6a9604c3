/** sampling.ts in a graph: a token for each row of logits. */
import type { Tensor } from '../graph/graph.ts';
import { add, div, mul, sub, sum } from '../ops/basic.ts';
import { argMax, gatherElements, topK as largest, pick } from '../ops/gather.ts';
import { cast, slice, squeeze, unsqueeze } from '../ops/layout.ts';
import { cumulativeSum, logSumExp } from '../ops/reduce.ts';
import { less, lessOrEqual, minimum, where } from '../ops/select.ts';
import { softmax } from '../ops/softmax.ts';
import { log } from '../ops/unary.ts';
import type { Sampling } from './sampling.ts';

export interface SampledTokens {
  /** int64 [n] */
  readonly token: Tensor;
  /** [n]: as in SampledToken. */
  readonly logProbability: Tensor;
  /** [n]: as in SampledToken. */
  readonly samplingLogProbability: Tensor;
}

/** What is fixed when the graph is built. `greedy` takes the largest logit. */
export type GraphSampling = Pick<Sampling, 'topK' | 'topP'> & { readonly greedy?: boolean };

const last = { axes: [-1], keepDims: true } as const;

/** Of each row the first place where `cumulative` [n, v] exceeds `limit` [n, 1], or the last before `count` [n, 1]; int64 [n, 1]. */
const firstAbove = (cumulative: Tensor, limit: Tensor, count: Tensor): Tensor =>
  minimum(sum(cast(lessOrEqual(cumulative, limit), 'int64'), last), sub(count, 1));

/**
 * From `logits` [n, v], `uniform` [n] (in [0, 1)) and `temperature` (a scalar above 0) the tokens that sampling.ts names, save
 * for rounding where `uniform` falls on the border of two.
 */
export function sampleTokens(
  logits: Tensor,
  uniform: Tensor,
  temperature: Tensor,
  { topK, topP = 1, greedy = false }: GraphSampling,
): SampledTokens {
  const { graph } = logits;
  const vocabulary = logits.shape.at(-1)!;
  const total = logSumExp(logits, last);
  if (greedy || topK === 1) {
    const token = argMax(logits);
    const logProbability = sub(pick(logits, token), squeeze(total, -1));
    return { token, logProbability, samplingLogProbability: mul(logProbability, 0) };
  }
  const filtered = topP < 1 || (topK !== undefined && topK < vocabulary);
  const count = filtered ? Math.min(topK ?? vocabulary, vocabulary) : vocabulary;
  const sorted = filtered ? largest(logits, count) : null;
  const candidates = sorted ? sorted.values : logits;
  const scaled = div(candidates, temperature);
  const probabilities = softmax(scaled);
  const cumulative = cumulativeSum(probabilities, -1);

  let mass = slice(cumulative, -1, count - 1, count);
  let kept: Tensor | null = null;
  if (topP < 1) {
    // Sorted, so that those that stay are the first ones.
    const stays = less(sub(cumulative, probabilities), topP);
    kept = sum(cast(stays, 'int64'), last);
    mass = sum(where(stays, probabilities, 0), last);
  }
  const place = firstAbove(cumulative, mul(unsqueeze(uniform, 1), mass), kept ?? graph.scalar(count, 'int64'));
  const token = sorted ? gatherElements(sorted.indices, place, -1) : place;
  const chosen = gatherElements(candidates, place, -1);
  const ofSampling = sub(div(chosen, temperature), add(logSumExp(scaled, last), log(mass)));
  const flat = (x: Tensor): Tensor => squeeze(x, -1);
  return {
    token: flat(token),
    logProbability: flat(sub(chosen, total)),
    samplingLogProbability: flat(ofSampling),
  };
}
