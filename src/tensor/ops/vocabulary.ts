/**
 * The end of a language model: from hidden states to the log-probability of given tokens, without ever keeping all logits.
 * For 256 tokens of a vocabulary of 49 152 one copy of them is 50 MB, and plain softmax cross-entropy keeps three.
 */
import { customGradient } from '../graph/autodiff.ts';
import { GraphError } from '../graph/errors.ts';
import { type Gradient, Tensor } from '../graph/graph.ts';
import { add, div, expand, mul, neg, reshape, sub, sum } from './basic.ts';
import { gatherRows, scatterAdd } from './gather.ts';
import { concat, split, unsqueeze } from './layout.ts';
import { matmul } from './matmul.ts';
import { logSumExp } from './reduce.ts';
import { exp } from './unary.ts';

/** A frozen table of vocabulary rows in parts, as slices of a file, which then are not copied. */
export interface FrozenTable {
  /** [part, d] each, in order. */
  readonly parts: readonly Tensor[];
  /** The rows [.., d] that `index` [..] names. */
  readonly rows: (index: Tensor) => Tensor;
}

export interface VocabularyOptions {
  /**
   * Into how many parts a table that is one tensor is cut. With 1, the default, the logits are kept for the gradient; with more
   * they are computed again.
   */
  readonly parts?: number;
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

const alongRows = { axes: [1], keepDims: true } as const;

/**
 * Of each row of `hidden` [n, d], the log-probability of token `targets` [n] (int64) and the entropy, under
 * softmax(hidden · tableᵀ), `table` [v, d]. Gradients flow to `hidden`, and to `table` when it is a tensor, from either result.
 *
 * With p the probabilities, the gradient of ln p(t) to the logits is [t] − p, and that of the entropy H is −p · (ln p + H). The
 * logits of the gradient are computed transposed: the runtime would otherwise recognise those of the forward pass and keep
 * them alive.
 */
export function tokenStatistics(
  hidden: Tensor,
  table: Tensor | FrozenTable,
  targets: Tensor,
  { parts = 1 }: VocabularyOptions = {},
): TokenStatistics {
  const [n, d] = hidden.shape as [number, number];
  const trained = table instanceof Tensor ? table : null;
  const widths = trained ? [trained] : (table as FrozenTable).parts;
  if (hidden.rank !== 2 || targets.shape.join() !== `${n}` || widths.some((w) => w.rank !== 2 || w.shape[1] !== d)) {
    throw new GraphError('TokenStatistics', [hidden, ...widths, targets], 'expects [n, d], [v, d] and [n].');
  }
  if (trained && !(Number.isInteger(parts) && parts >= 1 && parts <= trained.shape[0]!)) {
    throw new GraphError('TokenStatistics', widths, `the vocabulary can't be cut into ${parts} parts.`);
  }
  const rowsOf = (index: Tensor): Tensor => (trained ? gatherRows(trained, index) : (table as FrozenTable).rows(index));
  let held: readonly Tensor[] = widths;
  let kept: Tensor | null = null;
  let lse!: Tensor;
  let spread!: Tensor;

  const forward = (): readonly Tensor[] => {
    if (trained) held = split(trained, cut(trained.shape[0]!, parts), 0);
    const partial = held.map((part) => {
      const logits = matmul(hidden, part, { transposeB: true });
      if (held.length === 1) kept = logits;
      const total = logSumExp(logits, alongRows);
      // Σ p · ln p within the part, for the entropy; not computed where nobody asks for that.
      const logs = sub(logits, total);
      return { total, mean: sum(mul(exp(logs), logs), alongRows) };
    });
    const totals = partial.map(({ total }) => total);
    lse = logSumExp(concat(totals, 1), alongRows);
    // A part's share of the whole is e^(total − lse). Logits themselves are not summed: the rounding of large ones shows.
    const means = partial.map(({ total, mean }) => {
      const share = sub(total, lse);
      return mul(exp(share), add(mean, share));
    });
    spread = neg(sum(concat(means, 1), alongRows));
    const chosen = sum(mul(hidden, rowsOf(targets)), alongRows);
    return [reshape(sub(chosen, lse), [n]), reshape(spread, [n])];
  };

  const backward: Gradient = ([dLog, dEntropy]) => {
    const column = (x: Tensor): Tensor => reshape(x, [n, 1]);
    const row = (x: Tensor): Tensor => reshape(x, [1, n]);
    // Kept logits lie as [n, part], computed ones as [part, n].
    const across = kept ? column : row;
    const back = held.map((part) => {
      const logs = sub(kept ?? matmul(part, hidden, { transposeB: true }), across(lse));
      const ofLog = dLog && neg(across(dLog));
      const ofEntropy = dEntropy && mul(add(logs, across(spread)), neg(across(dEntropy)));
      const dLogits = mul(exp(logs), ofLog && ofEntropy ? add(ofEntropy, ofLog) : (ofLog ?? ofEntropy)!);
      return {
        hidden: matmul(dLogits, part, { transposeA: !kept }),
        part: matmul(dLogits, hidden, { transposeA: kept !== null }),
      };
    });
    const dHidden = back.map((each) => each.hidden).reduce((a, b) => add(a, b));
    const parted = back.map((each) => each.part);
    if (!dLog) return [dHidden, concat(parted, 0)];
    const positions = expand(unsqueeze(targets, 1), [n, d]);
    return [
      add(dHidden, mul(column(dLog), rowsOf(targets))),
      scatterAdd(concat(parted, 0), positions, mul(column(dLog), hidden), 0),
    ];
  };

  const inputs = trained ? [hidden, trained] : [hidden];
  const [logProbability, entropy] = customGradient('TokenStatistics', inputs, forward, backward);
  return { logProbability: logProbability!, entropy: entropy! };
}

/**
 * Mean −ln p of `targets` under softmax(hidden · tableᵀ), over the tokens whose `mask` (float, [n]) is 1, or weighted by it.
 * Shapes as in tokenStatistics. A scalar.
 */
export function crossEntropy(
  hidden: Tensor,
  table: Tensor | FrozenTable,
  targets: Tensor,
  mask: Tensor,
  options?: VocabularyOptions,
): Tensor {
  const { logProbability } = tokenStatistics(hidden, table, targets, options);
  return neg(div(sum(mul(logProbability, mask)), sum(mask)));
}
