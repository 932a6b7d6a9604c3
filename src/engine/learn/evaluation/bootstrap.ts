/** The percentile bootstrap (Efron, 1979): how much a figure would differ with other data of the same kind. */
import type { Interval } from './interval.ts';

export interface BootstrapOptions {
  readonly random: () => number;
  /** 1000 by default. */
  readonly resamples?: number;
  /** 0.95 by default. */
  readonly level?: number;
  /** The group of each item: whole groups are drawn, since what belongs together does not vary alone. */
  readonly groups?: readonly string[];
}

/**
 * `statistic` of the items with the given indices; null where it isn't defined for them. Null when it isn't for all of them, or
 * for most of the resamples.
 */
export function bootstrap(
  items: number,
  statistic: (indices: readonly number[]) => number | null,
  { random, resamples = 1000, level = 0.95, groups }: BootstrapOptions,
): Interval | null {
  const all = Array.from({ length: items }, (_, i) => i);
  const value = items === 0 ? null : statistic(all);
  if (value === null) return null;
  const blocks = groups === undefined ? all.map((i) => [i]) : blocksOf(groups);
  const values: number[] = [];
  for (let count = 0; count < resamples; count += 1) {
    const drawn = blocks.flatMap(() => blocks[Math.floor(random() * blocks.length)]!);
    const one = statistic(drawn);
    if (one !== null) values.push(one);
  }
  if (values.length < resamples / 2) return null;
  values.sort((a, b) => a - b);
  return { value, low: quantileOf(values, (1 - level) / 2), high: quantileOf(values, (1 + level) / 2), level };
}

function blocksOf(groups: readonly string[]): readonly (readonly number[])[] {
  const blocks = new Map<string, number[]>();
  groups.forEach((group, i) => {
    const block = blocks.get(group);
    if (block) block.push(i);
    else blocks.set(group, [i]);
  });
  return [...blocks.values()];
}

/** Of values in ascending order, linear between two of them (type 7 of Hyndman and Fan, as in NumPy). NaN of none. */
export function quantileOf(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) return Number.NaN;
  const at = Math.min(1, Math.max(0, share)) * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(sorted.length - 1, below + 1);
  return sorted[below]! + (at - below) * (sorted[above]! - sorted[below]!);
}
