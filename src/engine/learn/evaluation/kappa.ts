/** Agreement of raters beyond chance: Cohen's κ (1960), weighted (1968), and its mean over pairs of several raters. */
import { type Figure, figure, mean, noFigure } from './interval.ts';

/** How much a disagreement of d categories counts: 1, |d|, or d². Quadratic for the scale of 1 to 10. */
export type KappaWeights = 'none' | 'linear' | 'quadratic';

/** `table[i][j]`: how often the first rater said category i and the second j. */
export function kappaOfTable(table: readonly (readonly number[])[], weights: KappaWeights = 'none'): Figure {
  const total = table.flat().reduce((sum, count) => sum + count, 0);
  if (total === 0) return noFigure('nothing was rated by both');
  const rows = table.map((row) => row.reduce((sum, count) => sum + count, 0));
  const columns = table.map((_, j) => table.reduce((sum, row) => sum + row[j]!, 0));
  let observed = 0;
  let expected = 0;
  for (let i = 0; i < table.length; i += 1) {
    for (let j = 0; j < table.length; j += 1) {
      const weight = weightOf(i - j, weights);
      observed += (weight * table[i]![j]!) / total;
      expected += (weight * rows[i]! * columns[j]!) / total ** 2;
    }
  }
  // Both always said one and the same: no chance to disagree, and nothing to compare with.
  if (expected === 0) return noFigure('both raters used a single category');
  return figure(1 - observed / expected);
}

function weightOf(difference: number, weights: KappaWeights): number {
  switch (weights) {
    case 'none':
      return difference === 0 ? 0 : 1;
    case 'linear':
      return Math.abs(difference);
    case 'quadratic':
      return difference ** 2;
  }
}

/** Two raters' answers to the same items; null: not rated. `categories` in their order, as 1 to 10. */
export function kappa<T>(
  first: readonly (T | null)[],
  second: readonly (T | null)[],
  categories: readonly T[],
  weights: KappaWeights = 'none',
): Figure {
  if (first.length !== second.length) throw new RangeError(`${first.length} answers against ${second.length}.`);
  const table = categories.map(() => categories.map(() => 0));
  first.forEach((answer, i) => {
    const other = second[i] ?? null;
    if (answer === null || other === null) return;
    const [row, column] = [categories.indexOf(answer), categories.indexOf(other)];
    if (row < 0 || column < 0) throw new RangeError('An answer is none of the categories.');
    table[row]![column]! += 1;
  });
  return kappaOfTable(table, weights);
}

export interface Agreement {
  /** The mean over the pairs for which κ is defined. */
  readonly mean: Figure;
  readonly pairs: readonly {
    readonly raters: readonly [string, string];
    readonly items: number;
    readonly kappa: Figure;
  }[];
}

/** κ of each two raters that rated something in common, and the mean. `answers`: by rater, then by item. */
export function agreement<T>(
  answers: ReadonlyMap<string, ReadonlyMap<string, T>>,
  categories: readonly T[],
  weights: KappaWeights = 'quadratic',
): Agreement {
  const raters = [...answers.keys()];
  const pairs: Agreement['pairs'][number][] = [];
  raters.forEach((a, i) => {
    for (const b of raters.slice(i + 1)) {
      const [mine, theirs] = [answers.get(a)!, answers.get(b)!];
      const common = [...mine.keys()].filter((item) => theirs.has(item));
      if (common.length === 0) continue;
      const of = (by: ReadonlyMap<string, T>) => common.map((item) => by.get(item)!);
      pairs.push({ raters: [a, b], items: common.length, kappa: kappa(of(mine), of(theirs), categories, weights) });
    }
  });
  const known = pairs.flatMap(({ kappa: { defined, ...rest } }) => (defined && 'value' in rest ? [rest.value] : []));
  if (pairs.length === 0) return { mean: noFigure('no two raters rated the same'), pairs };
  return { mean: known.length === 0 ? noFigure('κ is undefined for every pair') : figure(mean(known)), pairs };
}
