import type { Temper } from './developer.ts';
import type { EngineRun } from './enginePath.ts';
import type { KeptResults } from './keptResults.ts';
import type { Played } from './play.ts';
import { bandits, isDirect, type PolicyName, policyNames } from './policies.ts';
import { carryOutAll } from './pool.ts';
import { type PolicyReport, type Ratio, reportOf, type VsNone, vsNone } from './report.ts';
import type { Task, TaskResult } from './tasks.ts';
import type { World } from './world.ts';

export interface SimulateOptions {
  readonly developers: number;
  readonly firstSeed: number;
  readonly steps: number;
  readonly policies?: readonly PolicyName[];
  /** Developers whose tastes interact, on top; 0: none. */
  readonly nonlinear?: number;
  /** Developers whose ratings and reactions have nothing to do with what is offered, for *attune*; and their decisions. */
  readonly shuffled?: number;
  readonly shuffledSteps?: number;
  /** Processes at a time; 0: this one. */
  readonly workers?: number;
  /** With `workers: 0`. */
  readonly world?: World;
  /** Results of an earlier run with the same code that was stopped; those of this one are added. */
  readonly kept?: KeptResults;
  readonly say?: (line: string) => void;
}

/** How the real engine fared, all developers together: what its figures come from. */
export interface EngineReport {
  readonly trainings: number;
  readonly promoted: number;
  /** Trainings that ended so, by layer and verdict: `selector promote`, `rewardModel noSignal`. */
  readonly verdicts: Readonly<Record<string, number>>;
  readonly failures: Readonly<Record<string, number>>;
  readonly shown: Readonly<Record<string, number>>;
  readonly silences: Readonly<Record<string, number>>;
  /** Share of the candidates that filters dropped, by filter. */
  readonly dropped: Readonly<Record<string, number>>;
  /** Share of the examples in prompts that stood there as they were written. */
  readonly readable: number;
  readonly msPerDecision: number;
  readonly msPerTraining: number;
}

export interface SimulateResult {
  readonly developers: number;
  readonly firstSeed: number;
  readonly steps: number;
  readonly policies: Readonly<Partial<Record<PolicyName, PolicyReport>>>;
  /** *attune* against *attune-off*, which is what is shown without memory and learning. */
  readonly vsNone: VsNone | null;
  /** Of *attune*. */
  readonly afterDrift: Ratio | null;
  /** *attune* where there is nothing to learn. `noSignal`: trainings whose report says so of every layer. */
  readonly shuffled: {
    readonly developers: number;
    readonly trainings: number;
    readonly promoted: number;
    readonly noSignal: number;
  };
  readonly nonlinear: { readonly developers: number } & Readonly<
    Partial<Record<PolicyName, { readonly regret: number; readonly ofRandom: number | null }>>
  >;
  readonly engine: EngineReport | null;
}

/** Seeds up to 9 are for choosing constants; figures to be told are from later ones (research/learning.md, 5.1). */
export const simulateDefaults = {
  developers: 20,
  firstSeed: 100,
  steps: 1200,
  nonlinear: 5,
  shuffled: 20,
  shuffledSteps: 300,
  workers: 2,
} as const;

/** Every policy with every developer; what chance decides is the same for all of them. */
export async function simulate(options: SimulateOptions): Promise<SimulateResult> {
  const { developers, firstSeed, steps, say = () => {} } = options;
  const {
    nonlinear = simulateDefaults.nonlinear,
    shuffled = simulateDefaults.shuffled,
    shuffledSteps = simulateDefaults.shuffledSteps,
    workers = options.world ? 0 : simulateDefaults.workers,
  } = options;
  const chosen = policyNames.filter((name) => (options.policies ?? policyNames).includes(name));
  const others = Math.min(nonlinear, developers);
  const blind = chosen.includes('attune') ? Math.min(shuffled, developers) : 0;
  const blindSteps = Math.min(shuffledSteps, steps);
  const tasks = [
    ...tasksOf(chosen, { developers, firstSeed, steps, temper: 'rules' }),
    ...tasksOf(chosen, { developers: others, firstSeed, steps, temper: 'interactions' }),
    ...tasksOf(['attune'], { developers: blind, firstSeed, steps: blindSteps, temper: 'random' }),
  ];
  const results = await carryOutAll(tasks, {
    workers,
    ...(options.world ? { world: options.world } : {}),
    ...(options.kept ? { kept: options.kept } : {}),
    onDone: ({ seed, temper, harness }, ms, done) =>
      say(`${done} of ${tasks.length}: ${harness}, developer ${seed} (${temper}), ${Math.round(ms / 1000)} s`),
  });
  const of = (temper: Temper): readonly TaskResult[] =>
    tasks.flatMap((task, index) => (task.temper === temper ? [results[index]!] : []));
  const [usual, interacting] = [runsOf(of('rules')), runsOf(of('interactions'))];
  const policies = reports(chosen, usual);
  const engines = of('rules').flatMap((result) => (result.harness === 'attune' ? [result.run] : []));
  const blinded = of('random').flatMap((result) => (result.harness === 'attune' ? [result.run] : []));
  const [mine, off] = [usual.attune, usual['attune-off']];
  return {
    developers,
    firstSeed,
    steps,
    policies,
    vsNone: mine && off ? vsNone(mine, off) : null,
    afterDrift: policies.attune?.afterDrift ?? null,
    shuffled: {
      developers: blinded.length,
      trainings: engineReport(blinded)?.trainings ?? 0,
      promoted: blinded.reduce((sum, { promoted }) => sum + promoted, 0),
      noSignal: blinded.flatMap(({ trainings }) => trainings).filter(hasNoSignal).length,
    },
    nonlinear: {
      developers: others,
      ...mapped(reports(chosen, interacting), ({ regret, ofRandom }) => ({
        regret,
        ofRandom: ofRandom?.share ?? null,
      })),
    },
    engine: engineReport(engines),
  };
}

type Runs = Partial<Record<PolicyName, (readonly Played[])[]>>;

/** All of one developer together: what is computed once for a place serves all. */
function tasksOf(
  chosen: readonly PolicyName[],
  given: { readonly developers: number; readonly firstSeed: number; readonly steps: number; readonly temper: Temper },
): Task[] {
  const { steps, temper } = given;
  const direct = chosen.filter(isDirect);
  return Array.from({ length: given.developers }, (_, index) => given.firstSeed + index).flatMap((seed): Task[] => [
    ...(direct.length > 0 ? [{ harness: 'direct' as const, policies: direct, seed, steps, temper }] : []),
    ...(['attune', 'attune-off'] as const).flatMap((harness): Task[] =>
      chosen.includes(harness) ? [{ harness, seed, steps, temper }] : [],
    ),
  ]);
}

function runsOf(results: readonly TaskResult[]): Runs {
  const runs: Runs = {};
  const add = (name: PolicyName, played: readonly Played[]): void => {
    runs[name] = [...(runs[name] ?? []), played];
  };
  for (const result of results) {
    if (result.harness === 'direct') {
      for (const [name, played] of Object.entries(result.runs)) add(name as PolicyName, played);
    } else add(result.harness, result.run.played);
  }
  return runs;
}

function reports(chosen: readonly PolicyName[], runs: Runs): Partial<Record<PolicyName, PolicyReport>> {
  const { random, none, oracle } = runs;
  const known = bandits.flatMap((name) => (runs[name] ? [[name, runs[name]] as const] : []));
  const compared = { random, none, oracle, bandits: Object.fromEntries(known) };
  const ordered = Object.fromEntries(chosen.flatMap((name) => (runs[name] ? [[name, runs[name]]] : []))) as Runs;
  return mapped(ordered, (played) => reportOf(played, compared));
}

const hasNoSignal = ({ verdicts }: EngineRun['trainings'][number]): boolean =>
  verdicts.length > 0 && verdicts.every(({ kind }) => kind === 'noSignal');

function engineReport(runs: readonly EngineRun[]): EngineReport | null {
  if (runs.length === 0) return null;
  const trainings = runs.flatMap((run) => run.trainings);
  const candidates = runs.reduce((sum, run) => sum + run.candidates, 0);
  const examples = runs.reduce((sum, run) => sum + run.examples, 0);
  const unreadable = runs.reduce((sum, run) => sum + run.unreadable, 0);
  const mean = (values: readonly number[]): number =>
    values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    trainings: trainings.length,
    promoted: runs.reduce((sum, { promoted }) => sum + promoted, 0),
    verdicts: counted(trainings.flatMap(({ verdicts }) => verdicts.map(({ layer, kind }) => `${layer} ${kind}`))),
    failures: counted(trainings.flatMap(({ failure }) => failure ?? [])),
    shown: added(runs.map(({ shown }) => shown)),
    silences: added(runs.map(({ silences }) => silences)),
    dropped: shares(added(runs.map(({ dropped }) => dropped)), candidates),
    readable: examples === 0 ? 1 : 1 - unreadable / examples,
    msPerDecision: mean(runs.map(({ msPerDecision }) => msPerDecision)),
    msPerTraining: mean(trainings.map(({ ms }) => ms)),
  };
}

const counted = (names: readonly string[]): Record<string, number> => added(names.map((name) => ({ [name]: 1 })));

function added(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const one of all) for (const [name, count] of Object.entries(one)) sums[name] = (sums[name] ?? 0) + count;
  return sums;
}

const shares = (counts: Readonly<Record<string, number>>, all: number): Record<string, number> =>
  Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, count / all]));

function mapped<Key extends string, From, To>(
  from: Readonly<Partial<Record<Key, From>>>,
  change: (value: From) => To,
): Partial<Record<Key, To>> {
  const result: Partial<Record<Key, To>> = {};
  for (const [name, value] of Object.entries(from) as [Key, From][]) result[name] = change(value);
  return result;
}
