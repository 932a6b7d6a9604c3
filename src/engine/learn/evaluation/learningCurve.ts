/** What more labels would bring: a figure on held-out rows, trained on fewer and more. */
import { shuffled } from '../../../tensor/random.ts';
import { foldsOf } from './folds.ts';
import { type Interval, meanInterval } from './interval.ts';

export interface CurvePoint {
  readonly labels: number;
  /** Mean over folds and repetitions; the interval is that of the mean. */
  readonly figure: Interval;
}

export interface CurveOptions {
  /** Of each row: rows of one group are never split between training and test. */
  readonly groups: readonly string[];
  /** Label counts; those above what a training fold holds are left out. */
  readonly counts: readonly number[];
  readonly random: () => number;
  readonly folds?: number;
  /** How often it is done anew; 1 by default. */
  readonly repetitions?: number;
}

/** `measure`: a figure on the test rows after training on others; null where it isn't defined. */
export async function learningCurve(
  { groups, counts, random, folds = 5, repetitions = 1 }: CurveOptions,
  measure: (training: readonly number[], test: readonly number[]) => number | null | Promise<number | null>,
): Promise<readonly CurvePoint[]> {
  const figures = new Map<number, number[]>();
  for (let repetition = 0; repetition < repetitions; repetition += 1) {
    for (const { training, test } of foldsOf(groups, folds, random)) {
      const order = shuffled(training, random);
      for (const count of counts) {
        if (count > order.length) continue;
        const one = await measure(order.slice(0, count), test);
        if (one !== null) figures.set(count, [...(figures.get(count) ?? []), one]);
      }
    }
  }
  return [...figures].sort(([a], [b]) => a - b).map(([labels, values]) => ({ labels, figure: meanInterval(values) }));
}
