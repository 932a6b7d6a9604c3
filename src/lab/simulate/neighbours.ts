/** Policies without a model: what was shown before decides what is shown now. */

import { largest, only } from '../../engine/learn/selector/floor.ts';
import type { Selector } from '../../engine/learn/selector/selector.ts';

interface Shown {
  readonly direction: Float64Array;
  readonly reward: number;
}

/** Of length 1, without the features that all candidates of one place share. */
function directionOf(features: Float64Array): Float64Array {
  const length = Math.hypot(...features) || 1;
  return features.map((value) => value / length);
}

function cosine(one: Float64Array, other: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < one.length; at += 1) sum += one[at]! * other[at]!;
  return sum;
}

/** What is most like the last few that were accepted; always shown. */
export function recency(remembered = 5): Selector {
  const accepted: Float64Array[] = [];
  return {
    name: 'recency',
    probabilities({ candidates }) {
      const likeness = candidates
        .map(directionOf)
        .map((direction) => accepted.reduce((sum, kept) => sum + cosine(kept, direction), 0));
      return only(largest(likeness), candidates.length + 1);
    },
    learn({ candidates, action, reward }) {
      const shown = candidates[action];
      if (!shown || reward <= 0) return;
      accepted.push(directionOf(shown));
      if (accepted.length > remembered) accepted.shift();
    },
  };
}

/** What the nearest that were shown brought in decides, nearer ones more; silent where that was less than nothing. */
export function nearest(neighbours = 15): Selector {
  const memory: Shown[] = [];
  /** Nothing known is worth a try. */
  const hope = { weight: 1, reward: 0.1 } as const;
  function expected(features: Float64Array): number {
    const direction = directionOf(features);
    const near = memory
      .map(({ direction: kept, reward }) => ({ likeness: cosine(kept, direction), reward }))
      .sort((one, other) => other.likeness - one.likeness)
      .slice(0, neighbours);
    let [weights, sum] = [hope.weight, hope.weight * hope.reward];
    for (const { likeness, reward } of near) {
      const weight = Math.max(0, likeness) ** 4;
      weights += weight;
      sum += weight * reward;
    }
    return sum / weights;
  }
  return {
    name: 'knn',
    probabilities: ({ candidates }) => only(largest([...candidates.map(expected), 0]), candidates.length + 1),
    learn({ candidates, action, reward }) {
      const shown = candidates[action];
      if (shown) memory.push({ direction: directionOf(shown), reward });
    },
  };
}
