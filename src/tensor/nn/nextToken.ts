/** What a language model learns from: each token, given those before it. */
import type { Tensor } from '../graph/graph.ts';
import { mul, neg, reshape, sum } from '../ops/basic.ts';
import { slice } from '../ops/layout.ts';
import { crossEntropy, type FrozenTable, type TokenStatistics, tokenStatistics } from '../ops/vocabulary.ts';

export interface NextTokens {
  /** Of all tokens, [batch · length, d], as `decode` gives them. */
  readonly hidden: Tensor;
  /** languageHead's. */
  readonly table: Tensor | FrozenTable;
  /** [batch, length], int64. */
  readonly ids: Tensor;
  /** Into how many parts a trained table is cut: see tokenStatistics. */
  readonly parts?: number;
}

/** Hidden states that see a next token, [batch · (length − 1), d], and those tokens, [batch · (length − 1)]. */
function shifted({ hidden, ids }: NextTokens): { readonly hidden: Tensor; readonly targets: Tensor } {
  const [batch, length] = ids.shape as [number, number];
  const size = hidden.shape.at(-1)!;
  const seeing = slice(reshape(hidden, [batch, length, size]), 1, 0, length - 1);
  return { hidden: reshape(seeing, [-1, size]), targets: reshape(slice(ids, 1, 1, length), [-1]) };
}

/** Of each token but the first of a row, given those before it: all [batch, length − 1]. */
export function nextTokenStatistics(tokens: NextTokens): TokenStatistics {
  const [batch, length] = tokens.ids.shape as [number, number];
  const { hidden, targets } = shifted(tokens);
  const { logProbability, entropy } = tokenStatistics(hidden, tokens.table, targets, tokens);
  const rows = [batch, length - 1];
  return { logProbability: reshape(logProbability, rows), entropy: reshape(entropy, rows) };
}

/**
 * Mean −ln p of the tokens, a scalar. `learnt` (float, [batch, length]) weights each token as one to predict: 0 for a prompt
 * and for padding; the first column counts for nothing. All count alike when it is missing.
 */
export function nextTokenLoss(tokens: NextTokens, learnt?: Tensor): Tensor {
  const { hidden, targets } = shifted(tokens);
  if (learnt) {
    const mask = reshape(slice(learnt, 1, 1, learnt.shape[1]!), [-1]);
    return crossEntropy(hidden, tokens.table, targets, mask, tokens);
  }
  const { logProbability } = tokenStatistics(hidden, tokens.table, targets, tokens);
  return neg(mul(sum(logProbability), 1 / targets.size));
}
