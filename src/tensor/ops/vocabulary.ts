/**
 * The end of a language model: from hidden states to the log-probability of given tokens, without ever keeping all logits.
 * For 256 tokens of a vocabulary of 49 152 one copy of them is 50 MB, and plain softmax cross-entropy keeps three.
 */
import { customGradient } from '../graph/autodiff.ts';
import { GraphError } from '../graph/errors.ts';
import type { Tensor } from '../graph/graph.ts';
import { add, div, expand, mul, neg, reshape, sub, sum } from './basic.ts';
import { gatherRows, scatterAdd } from './gather.ts';
import { concat, split, unsqueeze } from './layout.ts';
import { matmul } from './matmul.ts';
import { logSumExp } from './reduce.ts';
import { exp } from './unary.ts';

export interface VocabularyOptions {
  /**
   * The rows of `weight` in parts, if it is held in parts already (slices of a file, which then are not copied); or the number
   * of parts to cut it into. With 1, the default, the logits are kept for the gradient; with more they are computed again.
   */
  readonly parts?: readonly Tensor[] | number;
}

export interface TokenStatistics {
  /** ln p(target), [n]. */
  readonly logProbability: Tensor;
  /** −Σ p ln p over the vocabulary, in nats, [n]. */
  readonly entropy: Tensor;
}

/** Near-equal whole parts of `size`. */
const cut = (size: number, parts: number): number[] =>
  Array.from({ length: parts }, (_, i) => Math.floor(((i + 1) * size) / parts) - Math.floor((i * size) / parts));

/**
 * Of each row of `hidden` [n, d], the log-probability of token `targets` [n] (int64) and the entropy, under
 * softmax(hidden · weightᵀ), `weight` [v, d]. Gradients flow to `hidden` and `weight`, from either result.
 *
 * With p the probabilities, the gradient of ln p(t) to the logits is [t] − p, and that of the entropy H is −p · (ln p + H). The
 * logits of the gradient are computed transposed: the runtime would otherwise recognise those of the forward pass and keep
 * them alive.
 */
export function tokenStatistics(
  hidden: Tensor,
  weight: Tensor,
  targets: Tensor,
  { parts = 1 }: VocabularyOptions = {},
): TokenStatistics {
  const [n, d] = hidden.shape as [number, number];
  const [v] = weight.shape as [number];
  if (hidden.rank !== 2 || weight.rank !== 2 || weight.shape[1] !== d || targets.shape.join() !== `${n}`) {
    throw new GraphError('TokenStatistics', [hidden, weight, targets], 'expects [n, d], [v, d] and [n].');
  }
  const given = typeof parts === 'number' ? cut(v, parts) : parts.map(({ shape }) => shape[0]!);
  if (given.some((size) => !(size >= 1)) || given.reduce((a, b) => a + b, 0) !== v) {
    throw new GraphError('TokenStatistics', [weight], `[${given.join(', ')}] rows are not its parts.`);
  }
  const rows = { axes: [1], keepDims: true } as const;
  let lse!: Tensor;
  let spread!: Tensor;
  let kept: Tensor | null = null;
  let tables: readonly Tensor[] = [];

  const forward = (): readonly Tensor[] => {
    tables = typeof parts === 'number' ? split(weight, given, 0) : parts;
    const partial = tables.map((table) => {
      const logits = matmul(hidden, table, { transposeB: true });
      if (tables.length === 1) kept = logits;
      const total = logSumExp(logits, rows);
      // Σ p · logit within the part, for the entropy.
      return { total, mean: sum(mul(exp(sub(logits, total)), logits), rows) };
    });
    lse = logSumExp(
      concat(
        partial.map(({ total }) => total),
        1,
      ),
      rows,
    );
    const means = partial.map(({ total, mean }) => mul(exp(sub(total, lse)), mean));
    spread = sub(lse, sum(concat(means, 1), rows));
    const chosen = sum(mul(hidden, gatherRows(weight, targets)), rows);
    return [reshape(sub(chosen, lse), [n]), reshape(spread, [n])];
  };

  const [logProbability, entropy] = customGradient('TokenStatistics', [hidden, weight], forward, ([dLog, dEntropy]) => {
    const column = (x: Tensor): Tensor => reshape(x, [n, 1]);
    const row = (x: Tensor): Tensor => reshape(x, [1, n]);
    // Kept logits lie as [n, part], computed ones as [part, n].
    const across = kept ? column : row;
    const back = tables.map((table) => {
      const logits = kept ?? matmul(table, hidden, { transposeB: true });
      const logs = sub(logits, across(lse));
      const ofEntropy = dEntropy && mul(add(logs, across(spread)), across(dEntropy));
      const slope = dLog ? (ofEntropy ? add(ofEntropy, across(dLog)) : across(dLog)) : ofEntropy!;
      const d = neg(mul(exp(logs), slope));
      return {
        hidden: matmul(d, table, { transposeA: !kept }),
        weight: matmul(d, hidden, { transposeA: kept !== null }),
      };
    });
    let dHidden = back.map((part) => part.hidden).reduce((a, b) => add(a, b));
    let dWeight = concat(
      back.map((part) => part.weight),
      0,
    );
    if (dLog) {
      dHidden = add(dHidden, mul(column(dLog), gatherRows(weight, targets)));
      const positions = expand(unsqueeze(targets, 1), [n, d]);
      dWeight = scatterAdd(dWeight, positions, mul(column(dLog), hidden), 0);
    }
    return [dHidden, dWeight];
  });
  return { logProbability: logProbability!, entropy: entropy! };
}

/**
 * Mean −ln p of `targets` under softmax(hidden · weightᵀ), over the tokens whose `mask` (float, [n]) is 1, or weighted by it.
 * Shapes as in tokenStatistics. A scalar.
 */
export function crossEntropy(
  hidden: Tensor,
  weight: Tensor,
  targets: Tensor,
  mask: Tensor,
  options?: VocabularyOptions,
): Tensor {
  const { logProbability } = tokenStatistics(hidden, weight, targets, options);
  return neg(div(sum(mul(logProbability, mask)), sum(mask)));
}
