/**
 * Does it help? Two arms with shares of accepted decisions, looked at as often as one likes: intervals that hold the truth at all
 * times at once (confidence sequences by the method of mixtures: Robbins 1970; Howard et al., arXiv:1810.08240).
 */

/** What an arm has seen so far. Fractions are allowed, for what might be seen. */
export interface Arm {
  readonly accepted: number;
  readonly decisions: number;
}

/** Of `treated` over `control`: 0.09 is 9 % more accepted. `high` may be infinite: nothing is known of the control arm. */
export interface RelativeInterval {
  readonly low: number;
  readonly high: number;
}

export type Verdict =
  | ({ readonly kind: 'helps' | 'harms' } & RelativeInterval)
  /** `more`: decisions until it would be known if both arms go on as they are; null: more than can be waited for. */
  | ({ readonly kind: 'notYet'; readonly more: number | null } & RelativeInterval);

const confidence = 0.95;
/** Beyond these there is no number to give: half a year of decisions. */
const longestWait = 20_000;
/** Of the control arm's rate that are tried: the ends are exact to better than a hundredth of the interval. */
const gridSize = 200;

/** ln Γ(x), x > 0 (Lanczos, g = 7; 15 digits). */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const z = x - 1;
  const t = z + 7.5;
  const series = lanczos.reduce((sum, c, i) => (i === 0 ? c : sum + c / (z + i)), 0);
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(t) - t + Math.log(series);
}
const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/**
 * ln of how much better a bet on all rates alike (Beta(½, ½)) has done than one on `rate`: a martingale under the true rate, so by
 * Ville's inequality it ever passes ln 1/α with probability α at most.
 */
export const evidenceAgainst = (arm: Arm, rate: number): number => mixtureOf(arm) - likelihoodOf(arm, rate);

const mixtureOf = ({ accepted, decisions }: Arm): number =>
  logGamma(accepted + 0.5) + logGamma(decisions - accepted + 0.5) - logGamma(decisions + 1) - Math.log(Math.PI);

const likelihoodOf = ({ accepted, decisions }: Arm, rate: number): number => {
  const at = (count: number, p: number) => (count === 0 ? 0 : count * Math.log(p));
  return at(accepted, rate) + at(decisions - accepted, 1 - rate);
};

/** Where rates are not refuted by more than `budget`, around the share seen; null: none is. */
function ratesWithin(arm: Arm, budget: number): readonly [number, number] | null {
  const seen = arm.decisions === 0 ? 0.5 : arm.accepted / arm.decisions;
  const mixture = mixtureOf(arm);
  const within = (rate: number): boolean => mixture - likelihoodOf(arm, rate) <= budget;
  if (!within(seen)) return null;
  const edge = (end: 0 | 1): number => {
    let [inside, outside] = [seen, end as number];
    if (within(end)) return end;
    for (let i = 0; i < 40; i += 1) {
      const middle = (inside + outside) / 2;
      if (within(middle)) inside = middle;
      else outside = middle;
    }
    return inside;
  };
  return [edge(0), edge(1)];
}

/** True at all times at once with probability 95 %, however arms were assigned so far: both arms share one budget of evidence. */
export function relativeLift(treated: Arm, control: Arm): RelativeInterval {
  const budget = Math.log(1 / (1 - confidence));
  const seen = treated.decisions === 0 ? 0.5 : treated.accepted / treated.decisions;
  const range = ratesWithin(control, budget - evidenceAgainst(treated, seen));
  let [low, high] = [Number.POSITIVE_INFINITY, -1];
  if (!range) return { low: -1, high: Number.POSITIVE_INFINITY };
  for (let i = 0; i <= gridSize; i += 1) {
    const rate = range[0] + ((range[1] - range[0]) * i) / gridSize;
    const rates = ratesWithin(treated, budget - evidenceAgainst(control, rate));
    if (!rates) continue;
    low = Math.min(low, rate === 0 ? Number.POSITIVE_INFINITY : rates[0] / rate - 1);
    high = Math.max(high, rate === 0 ? Number.POSITIVE_INFINITY : rates[1] / rate - 1);
  }
  return { low, high };
}

const decided = ({ low, high }: RelativeInterval): boolean => low > 0 || high < 0;

const grown = ({ accepted, decisions }: Arm, factor: number): Arm => ({
  accepted: accepted * factor,
  decisions: decisions * factor,
});

/** How many more decisions, shared between the arms as so far, until it would be known. */
function stillNeeded(treated: Arm, control: Arm): number | null {
  const total = treated.decisions + control.decisions;
  const known = (factor: number) => decided(relativeLift(grown(treated, factor), grown(control, factor)));
  if (total === 0 || treated.decisions === 0 || control.decisions === 0) return null;
  let high = 2;
  while (!known(high)) {
    if ((high - 1) * total > longestWait) return null;
    high *= 2;
  }
  let low = high / 2;
  for (let i = 0; i < 12; i += 1) {
    const middle = (low + high) / 2;
    if (known(middle)) high = middle;
    else low = middle;
  }
  const more = Math.ceil((high - 1) * total);
  return more > longestWait ? null : more;
}

export function verdictOf(treated: Arm, control: Arm): Verdict {
  const interval = relativeLift(treated, control);
  if (interval.low > 0) return { kind: 'helps', ...interval };
  if (interval.high < 0) return { kind: 'harms', ...interval };
  return { kind: 'notYet', more: stillNeeded(treated, control), ...interval };
}

/** “helps: 9 % to 31 % more accepted”, “not enough yet: about 140 more”. */
export function verdictText(verdict: Verdict): string {
  const percent = (share: number) => `${Math.round(100 * share)} %`;
  switch (verdict.kind) {
    case 'helps':
      return Number.isFinite(verdict.high)
        ? `helps: ${percent(verdict.low)} to ${percent(verdict.high)} more accepted`
        : `helps: at least ${percent(verdict.low)} more accepted`;
    case 'harms':
      return `harms: ${percent(-verdict.high)} to ${percent(-verdict.low)} fewer accepted`;
    case 'notYet': {
      if (verdict.more === null) return 'not enough yet: no difference to be seen so far';
      const step = verdict.more < 100 ? 10 : verdict.more < 1_000 ? 20 : 100;
      return `not enough yet: about ${Math.ceil(verdict.more / step) * step} more`;
    }
  }
}
