/** CUSUM (Page 1954): an alarm when rewards fall, for going back to the version before. On real rewards only. */

export interface CusumOptions {
  /** What rewards were, and their standard deviation, above 0. */
  readonly mean: number;
  readonly deviation: number;
  /** Falls of less than twice this many deviations are let pass. */
  readonly slack?: number;
  /** Deviations that have to add up. */
  readonly threshold?: number;
}

export interface Cusum {
  /** Whether rewards have fallen; once they have, it stays so. */
  add(reward: number): boolean;
  /** How far they have fallen, in deviations beyond the slack, added up. */
  readonly fallen: number;
}

/**
 * S ← max(0, S + (mean − reward)/σ − k), alarm at S > h. With k = ½ and h = 5, of normal rewards: a fall by σ is noticed after 10
 * decisions on average, and without any fall there is an alarm every 930.
 */
export function cusum({ mean, deviation, slack = 0.5, threshold = 5 }: CusumOptions): Cusum {
  if (!(deviation > 0)) throw new RangeError(`A deviation of ${deviation} leaves nothing to compare rewards with.`);
  let fallen = 0;
  let alarm = false;
  return {
    get fallen() {
      return fallen;
    },
    add(reward) {
      fallen = Math.max(0, fallen + (mean - reward) / deviation - slack);
      alarm ||= fallen > threshold;
      return alarm;
    },
  };
}
