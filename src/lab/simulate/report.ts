import { seeded } from '../../tensor/random.ts';
import type { Played } from './play.ts';

/** Means over the decisions of a stretch, and over developers. */
export interface Stretch {
  readonly reward: number;
  /** Of what is shown; 0 where nothing is. */
  readonly acceptOfShown: number;
  readonly shownShare: number;
}
export interface Interval {
  readonly low: number;
  readonly high: number;
}

export interface PolicyReport {
  /** Summed over the decisions of one developer, mean over developers. */
  readonly regret: number;
  /** Standard deviation between developers; most of it all policies share. */
  readonly regretSd: number;
  /** In decisions 200 to 800, when what can be learnt is learnt and nothing has changed yet. */
  readonly acceptOfShown: number;
  readonly shownShare: number;
  /** Per decision, over the whole run. */
  readonly reward: number;
  readonly windows: Readonly<Record<string, Stretch>>;
  /** Regret over random's, of the same developers; 95 % by bootstrap over developers. */
  readonly ofRandom: (Interval & { readonly share: number }) | null;
  readonly vsNone: { readonly acceptRelative: number; readonly shownRelative: number } | null;
  /** Reward 100 to 400 decisions after the drift over reward before it. */
  readonly afterDrift: { readonly share: number } | null;
  /** Developers who are shown less than a fifth at the end, although the best policy would show them more. */
  readonly fellSilent: number;
}

const windows = [
  [0, 50],
  [50, 200],
  [200, 800],
  [800, 900],
  [900, 1200],
] as const;
const settled = '200-800';

type Runs = readonly (readonly Played[])[];

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function deviation(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const middle = mean(values);
  return Math.sqrt(sum(values.map((value) => (value - middle) ** 2)) / (values.length - 1));
}

function stretch(runs: Runs): Stretch {
  const all = runs.flat();
  const shown = all.filter((played) => played.shown);
  return {
    reward: mean(all.map(({ reward }) => reward)),
    acceptOfShown: shown.length === 0 ? 0 : mean(shown.map(({ acceptance }) => acceptance)),
    shownShare: shown.length / all.length,
  };
}

const regretOf = (run: readonly Played[]): number => sum(run.map(({ regret }) => regret));

export interface Compared {
  readonly random: Runs | undefined;
  readonly none: Runs | undefined;
  readonly oracle: Runs | undefined;
}

export function reportOf(runs: Runs, compared: Compared): PolicyReport {
  const regrets = runs.map(regretOf);
  const steps = runs[0]!.length;
  const stretches: Record<string, Stretch> = {};
  for (const [from, to] of windows) {
    if (steps > from) stretches[`${from}-${to}`] = stretch(runs.map((run) => run.slice(from, to)));
  }
  const usual = stretches[settled] ?? stretch(runs);
  return {
    regret: mean(regrets),
    regretSd: deviation(regrets),
    acceptOfShown: usual.acceptOfShown,
    shownShare: usual.shownShare,
    reward: stretch(runs).reward,
    windows: stretches,
    ofRandom: compared.random ? ratio(regrets, compared.random.map(regretOf)) : null,
    vsNone: compared.none ? relative(runs, compared.none) : null,
    afterDrift:
      steps > 900 ? { share: stretches['900-1200']!.reward / Math.max(1e-9, stretches[settled]!.reward) } : null,
    fellSilent: compared.oracle ? fellSilent(runs, compared.oracle) : 0,
  };
}

function relative(runs: Runs, none: Runs): { readonly acceptRelative: number; readonly shownRelative: number } {
  const [mine, theirs] = [stretch(runs), stretch(none)];
  return {
    acceptRelative: mine.acceptOfShown / theirs.acceptOfShown - 1,
    shownRelative: mine.shownShare / theirs.shownShare - 1,
  };
}

const shownAtEnd = (run: readonly Played[]): number => mean(run.slice(-200).map(({ shown }) => (shown ? 1 : 0)));

const fellSilent = (runs: Runs, oracle: Runs): number =>
  runs.filter((run, developer) => shownAtEnd(run) < 0.2 && shownAtEnd(oracle[developer]!) > 0.2).length;

/** Ratio of two means over the same developers (Efron's percentile bootstrap of pairs). */
export function ratio(
  mine: readonly number[],
  theirs: readonly number[],
  resamples = 2000,
): Interval & { readonly share: number } {
  const random = seeded(20_261);
  const shares = Array.from({ length: resamples }, () => {
    let [above, below] = [0, 0];
    for (let draw = 0; draw < mine.length; draw += 1) {
      const developer = Math.floor(random() * mine.length);
      above += mine[developer]!;
      below += theirs[developer]!;
    }
    return above / below;
  }).sort((one, other) => one - other);
  const at = (share: number): number => shares[Math.floor(share * (resamples - 1))]!;
  return { share: sum(mine) / sum(theirs), low: at(0.025), high: at(0.975) };
}
