/** Cross-validation by groups: near-duplicates in one file must not leak from training to test. */
import { shuffled } from '../../../tensor/random.ts';

export interface Fold {
  readonly training: readonly number[];
  readonly test: readonly number[];
}

/** The fold of each row. Largest groups first, each into the fold that has fewest rows; equal ones in random order. */
export function foldNumbers(groups: readonly string[], folds: number, random: () => number): readonly number[] {
  const sizes = new Map<string, number>();
  for (const group of groups) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  const filled = new Array<number>(folds).fill(0);
  const foldOf = new Map<string, number>();
  for (const [group, size] of shuffled([...sizes], random).sort(([, a], [, b]) => b - a)) {
    const fold = filled.indexOf(Math.min(...filled));
    filled[fold]! += size;
    foldOf.set(group, fold);
  }
  return groups.map((group) => foldOf.get(group)!);
}

/** Up to `folds` of them; fewer where there are fewer groups, none where there is one group. */
export function foldsOf(groups: readonly string[], folds: number, random: () => number): readonly Fold[] {
  const numbers = foldNumbers(groups, folds, random);
  const used = [...new Set(numbers)].sort((a, b) => a - b);
  if (used.length < 2) return [];
  return used.map((fold) => ({
    training: numbers.flatMap((number, i) => (number === fold ? [] : [i])),
    test: numbers.flatMap((number, i) => (number === fold ? [i] : [])),
  }));
}
