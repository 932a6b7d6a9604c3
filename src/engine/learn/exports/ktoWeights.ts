/** Weights of KTO (arXiv:2402.01306): λ_D n_D : λ_U n_U is to lie between 1 and 4/3. The larger side counts 1. */
export interface KtoWeights {
  readonly desirable_weight: number;
  readonly undesirable_weight: number;
}

/** The middle of what is recommended, so that a split of the data stays within. */
const ratio = 7 / 6;
const lowest = 1;
const highest = 4 / 3;

/** Null where one side is empty: no weight helps there. Rounded to three digits after the point. */
export function ktoWeights(desirable: number, undesirable: number): KtoWeights | null {
  if (desirable === 0 || undesirable === 0) return null;
  const now = desirable / undesirable;
  if (now >= lowest && now <= highest) return { desirable_weight: 1, undesirable_weight: 1 };
  const rounded = (weight: number): number => Math.round(weight * 1000) / 1000;
  return now < lowest
    ? { desirable_weight: rounded(ratio / now), undesirable_weight: 1 }
    : { desirable_weight: 1, undesirable_weight: rounded(now / ratio) };
}
