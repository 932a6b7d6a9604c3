import type { Selector } from '../../engine/learn/selector/selector.ts';
import { indexOfLargest, surely } from './policy.ts';

/**
 * Ridge regression on the rewards of what was shown; shows the best when it promises more than silence. Never explores: it is
 * here because it falls silent for ever with some developers (the silence trap). The penalty is that of the other linear policies
 * (research/learning.md, 1.2: A = I + 12 Σxxᵀ). The first few are shown whatever they promise: one rejection would end it.
 */
export function greedyRidge(penalty = 1 / 12, shownAnyway = 20): Selector {
  let seen = 0;
  let inverse: Float64Array[] = [];
  let sums = new Float64Array(0);
  let weights = new Float64Array(0);
  const dot = (one: Float64Array, other: Float64Array): number =>
    one.reduce((sum, value, at) => sum + value * other[at]!, 0);
  return {
    name: 'ridge',
    probabilities({ candidates }) {
      const promised = candidates.map((features) => (weights.length === 0 ? 0 : dot(weights, features)));
      if (seen < shownAnyway) return surely(seen % candidates.length, candidates.length + 1);
      return surely(indexOfLargest([...promised, 0]), candidates.length + 1);
    },
    learn({ candidates, action, reward }) {
      seen += 1;
      const x = candidates[action];
      if (!x) return;
      const size = x.length;
      if (inverse.length === 0) {
        inverse = Array.from({ length: size }, (_, row) => {
          const values = new Float64Array(size);
          values[row] = 1 / penalty;
          return values;
        });
        sums = new Float64Array(size);
      }
      // Sherman and Morrison: the inverse after one more row.
      const along = Float64Array.from(inverse, (row) => dot(row, x));
      const scale = 1 / (1 + dot(along, x));
      for (let row = 0; row < size; row += 1) {
        const factor = along[row]! * scale;
        const values = inverse[row]!;
        for (let column = 0; column < size; column += 1) values[column]! -= factor * along[column]!;
        sums[row]! += reward * x[row]!;
      }
      weights = Float64Array.from(inverse, (row) => dot(row, sums));
    },
  };
}
