/** Spearman's rank correlation, with ties. */
import { type Figure, figure, type Interval, noFigure, zOf } from './interval.ts';

/** Ranks from 1; equal values share the mean of theirs. */
export function ranksOf(values: ArrayLike<number>): Float64Array {
  const order = Array.from({ length: values.length }, (_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const ranks = new Float64Array(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && values[order[end]!] === values[order[start]!]) end += 1;
    for (let i = start; i < end; i += 1) ranks[order[i]!] = (start + 1 + end) / 2;
    start = end;
  }
  return ranks;
}

export function pearson(a: ArrayLike<number>, b: ArrayLike<number>): Figure {
  if (a.length !== b.length) throw new RangeError(`${a.length} values against ${b.length}.`);
  if (a.length < 2) return noFigure('fewer than two values');
  const count = a.length;
  let [meanA, meanB] = [0, 0];
  for (let i = 0; i < count; i += 1) {
    meanA += a[i]! / count;
    meanB += b[i]! / count;
  }
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < count; i += 1) {
    const [x, y] = [a[i]! - meanA, b[i]! - meanB];
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  if (aa < 1e-24 * count || bb < 1e-24 * count) return noFigure('all values are the same');
  return figure(Math.max(-1, Math.min(1, ab / Math.sqrt(aa * bb))));
}

/** Pearson's correlation of the ranks; the short formula with Σd² is wrong where there are ties. */
export const spearman = (a: ArrayLike<number>, b: ArrayLike<number>): Figure => pearson(ranksOf(a), ranksOf(b));

/** Spearman of `a` and `b` among what has the same `given` (a length): the partial correlation of the ranks. */
export function partialSpearman(a: ArrayLike<number>, b: ArrayLike<number>, given: ArrayLike<number>): Figure {
  const [ab, ag, bg] = [spearman(a, b), spearman(a, given), spearman(b, given)];
  if (!ab.defined) return ab;
  if (!ag.defined || !bg.defined) return ab;
  const rest = Math.sqrt((1 - ag.value ** 2) * (1 - bg.value ** 2));
  return rest < 1e-9 ? noFigure('it is the same as what is given') : figure((ab.value - ag.value * bg.value) / rest);
}

/** Fisher's z with the standard error √((1 + ρ²/2) / (n − 3)) of Bonett and Wright (Psychometrika 65, 2000). */
export function spearmanInterval(rho: number, count: number, level = 0.95): Interval {
  if (count <= 3) return { value: rho, low: -1, high: 1, level };
  const z = Math.atanh(Math.max(-0.999999, Math.min(0.999999, rho)));
  const half = zOf(level) * Math.sqrt((1 + rho ** 2 / 2) / (count - 3));
  return { value: rho, low: Math.tanh(z - half), high: Math.tanh(z + half), level };
}
