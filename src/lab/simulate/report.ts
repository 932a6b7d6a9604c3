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

export interface Ratio extends Interval {
  readonly share: number;
}
/** Relative: 0.1 is 10 % more of what is shown accepted, or 10 % more shown. */
export interface VsNone {
  readonly acceptRelative: number;
  readonly acceptRelativeInterval: Interval;
  readonly shownRelative: number;
  readonly shownRelativeInterval: Interval;
}

export interface PolicyReport {
  /** Summed over the decisions of one developer, mean over developers. */
  readonly regret: number;
  /** Standard deviation between developers; most of it all policies share. */
  readonly regretSd: number;
  /** In decisions 200 to 800, when what can be learnt is learnt and nothing has changed yet. */
  readonly acceptOfShown: number;
  readonly shownShare: number;
  /** Of those two; 95 % by bootstrap over developers, as all intervals here. */
  readonly acceptOfShownInterval: Interval;
  readonly shownShareInterval: Interval;
  /** Per decision, over the whole run. */
  readonly reward: number;
  readonly windows: Readonly<Record<string, Stretch>>;
  /** Regret over random's, of the same developers. */
  readonly ofRandom: Ratio | null;
  /** Regret over that of the bandit which regrets least of all these developers. */
  readonly ofBestBandit: (Ratio & { readonly name: string }) | null;
  readonly vsNone: VsNone | null;
  /** Reward 100 to 400 decisions after the drift over reward before it. */
  readonly afterDrift: Ratio | null;
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

export type Runs = readonly (readonly Played[])[];

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function deviation(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const middle = mean(values);
  return Math.sqrt(sum(values.map((value) => (value - middle) ** 2)) / (values.length - 1));
}

/** Of the decisions of one developer: a figure over developers drawn anew adds these up, not all their decisions. */
interface Sums {
  readonly decisions: number;
  readonly shown: number;
  readonly reward: number;
  readonly acceptance: number;
}

function sumsOf(run: readonly Played[]): Sums {
  const shown = run.filter((played) => played.shown);
  return {
    decisions: run.length,
    shown: shown.length,
    reward: sum(run.map(({ reward }) => reward)),
    acceptance: sum(shown.map(({ acceptance }) => acceptance)),
  };
}

function stretch(developers: readonly Sums[]): Stretch {
  let [decisions, shown, reward, acceptance] = [0, 0, 0, 0];
  for (const one of developers) {
    decisions += one.decisions;
    shown += one.shown;
    reward += one.reward;
    acceptance += one.acceptance;
  }
  return {
    reward: reward / decisions,
    acceptOfShown: shown === 0 ? 0 : acceptance / shown,
    shownShare: shown / decisions,
  };
}

const regretOf = (run: readonly Played[]): number => sum(run.map(({ regret }) => regret));

export interface Compared {
  readonly random: Runs | undefined;
  readonly none: Runs | undefined;
  readonly oracle: Runs | undefined;
  readonly bandits: Readonly<Record<string, Runs>>;
}

export function reportOf(runs: Runs, compared: Compared): PolicyReport {
  const regrets = runs.map(regretOf);
  const steps = runs[0]!.length;
  const stretches: Record<string, Stretch> = {};
  for (const [from, to] of windows) {
    if (steps > from) stretches[`${from}-${to}`] = stretch(runs.map((run) => sumsOf(run.slice(from, to))));
  }
  const whole = runs.map(sumsOf);
  const usual = stretches[settled] ?? stretch(whole);
  const settledRuns = stretches[settled] ? runs.map((run) => sumsOf(run.slice(200, 800))) : whole;
  return {
    regret: mean(regrets),
    regretSd: deviation(regrets),
    acceptOfShown: usual.acceptOfShown,
    shownShare: usual.shownShare,
    acceptOfShownInterval: resampled(settledRuns.length, (drawn) => stretch(taken(settledRuns, drawn)).acceptOfShown),
    shownShareInterval: resampled(settledRuns.length, (drawn) => stretch(taken(settledRuns, drawn)).shownShare),
    reward: stretch(whole).reward,
    windows: stretches,
    ofRandom: compared.random ? ratio(regrets, compared.random.map(regretOf)) : null,
    ofBestBandit: ofBestBandit(regrets, compared.bandits),
    vsNone: compared.none ? vsNone(runs, compared.none) : null,
    afterDrift: steps > 900 ? ratio(rewards(runs, 900, 1200), rewards(runs, 200, 800)) : null,
    fellSilent: compared.oracle ? fellSilent(runs, compared.oracle) : 0,
  };
}

/** Mean reward of each developer. */
const rewards = (runs: Runs, from: number, to: number): number[] =>
  runs.map((run) => mean(run.slice(from, to).map(({ reward }) => reward)));

function ofBestBandit(regrets: readonly number[], bandits: Compared['bandits']): PolicyReport['ofBestBandit'] {
  const ranked = Object.entries(bandits)
    .map(([name, runs]) => ({ name, theirs: runs.map(regretOf) }))
    .sort((one, other) => sum(one.theirs) - sum(other.theirs));
  const [first] = ranked;
  return first ? { name: first.name, ...ratio(regrets, first.theirs) } : null;
}

/** What is accepted of the shown, and how much is shown, against others with the same developers. */
export function vsNone(runs: Runs, none: Runs): VsNone {
  const sums = [runs, none].map((all) => all.map(sumsOf));
  const relative = (of: 'acceptOfShown' | 'shownShare', drawn?: readonly number[]): number => {
    const [mine, theirs] = sums.map((all) => stretch(drawn ? taken(all, drawn) : all)[of]);
    return mine! / theirs! - 1;
  };
  return {
    acceptRelative: relative('acceptOfShown'),
    acceptRelativeInterval: resampled(runs.length, (drawn) => relative('acceptOfShown', drawn)),
    shownRelative: relative('shownShare'),
    shownRelativeInterval: resampled(runs.length, (drawn) => relative('shownShare', drawn)),
  };
}

const shownAtEnd = (run: readonly Played[]): number => mean(run.slice(-200).map(({ shown }) => (shown ? 1 : 0)));

/** Of so much at the end somebody says nothing any more. */
const silent = 0.2;

export const fellSilent = (runs: Runs, oracle: Runs): number =>
  runs.filter((run, developer) => shownAtEnd(run) < silent && shownAtEnd(oracle[developer]!) > silent).length;

const taken = <T>(all: readonly T[], drawn: readonly number[]): T[] => drawn.map((index) => all[index]!);

/** 95 % of a figure over `count` developers, drawn with replacement (Efron's percentile bootstrap); pairs stay together. */
function resampled(count: number, figure: (drawn: readonly number[]) => number, resamples = 2000): Interval {
  const random = seeded(20_261);
  const figures = Array.from({ length: resamples }, () =>
    figure(Array.from({ length: count }, () => Math.floor(random() * count))),
  ).sort((one, other) => one - other);
  const at = (share: number): number => figures[Math.floor(share * (resamples - 1))]!;
  return { low: at(0.025), high: at(0.975) };
}

/** Ratio of two means over the same developers. */
export function ratio(mine: readonly number[], theirs: readonly number[]): Ratio {
  const share = (drawn: readonly number[]): number => sum(taken(mine, drawn)) / sum(taken(theirs, drawn));
  return { share: share(mine.map((_, index) => index)), ...resampled(mine.length, share) };
}
