import { linTs } from '../../engine/learn/selector/linTs.ts';
import { linUcb } from '../../engine/learn/selector/linUcb.ts';
import type { Selector } from '../../engine/learn/selector/selector.ts';
import { seeded } from '../../tensor/random.ts';
import type { Temper } from './developer.ts';
import { type Features, featuresIn } from './features.ts';
import { greedyRidge } from './greedyRidge.ts';
import { nearest, recency } from './neighbours.ts';
import { type Played, play } from './play.ts';
import { none, oracle, type Policy, random, selectorPolicy } from './policy.ts';
import { ppoPolicy } from './ppoPolicies.ts';
import { installedWorld } from './ratedStream.ts';
import { type PolicyReport, reportOf } from './report.ts';
import { decisionsOf } from './stream.ts';
import type { World } from './world.ts';

const selector = (create: (seed: number) => Selector | Promise<Selector>) => async (seed: number, features: Features) =>
  selectorPolicy(await create(seed), features);

/** By name, in the order of the report; `seed` is the developer's. */
const policies = {
  none: async () => none(),
  random: async () => random(),
  recency: selector(() => recency()),
  knn: selector(() => nearest()),
  ridge: selector(() => greedyRidge()),
  linucb: selector(() => linUcb()),
  lints: selector((seed) => linTs(seeded(seed + 1))),
  'ppo-real': selector((seed) => ppoPolicy(seed, 'real')),
  'ppo-virtual': selector((seed) => ppoPolicy(seed, 'virtual')),
  oracle: async () => oracle(),
} satisfies Record<string, (seed: number, features: Features) => Promise<Policy>>;
export type PolicyName = keyof typeof policies;

export const policyNames = Object.keys(policies) as readonly PolicyName[];
export const isPolicyName = (name: string): name is PolicyName => name in policies;

export interface SimulateOptions {
  readonly developers: number;
  readonly firstSeed: number;
  readonly steps: number;
  readonly policies?: readonly PolicyName[];
  /** Developers whose tastes interact, on top; 0: none. */
  readonly nonlinear?: number;
  readonly world?: World;
  readonly say?: (line: string) => void;
}

export interface SimulateResult {
  readonly developers: number;
  readonly firstSeed: number;
  readonly steps: number;
  readonly policies: Readonly<Partial<Record<PolicyName, PolicyReport>>>;
  readonly nonlinear: { readonly developers: number } & Readonly<
    Partial<Record<PolicyName, { readonly regret: number; readonly ofRandom: number | null }>>
  >;
}

/** Seeds up to 9 are for choosing constants; figures to be told are from later ones (research/learning.md, 5.1). */
export const simulateDefaults = { developers: 20, firstSeed: 100, steps: 1200, nonlinear: 5 } as const;

/** Every policy with every developer; what chance decides is the same for all of them. */
export async function simulate(options: SimulateOptions): Promise<SimulateResult> {
  const { developers, firstSeed, steps, nonlinear = simulateDefaults.nonlinear, say = () => {} } = options;
  const world = options.world ?? installedWorld();
  const chosen = options.policies ?? policyNames;
  const runs = await playAll(world, chosen, { developers, firstSeed, steps, temper: 'rules', say });
  const others = Math.min(nonlinear, developers);
  const interacting =
    others === 0
      ? null
      : await playAll(world, chosen, { developers: others, firstSeed, steps, temper: 'interactions', say });
  return {
    developers,
    firstSeed,
    steps,
    policies: reports(runs),
    nonlinear: {
      developers: others,
      ...(interacting
        ? mapped(reports(interacting), ({ regret, ofRandom }) => ({ regret, ofRandom: ofRandom?.share ?? null }))
        : {}),
    },
  };
}

type Runs = Partial<Record<PolicyName, Played[][]>>;

async function playAll(
  world: World,
  names: readonly PolicyName[],
  given: {
    readonly developers: number;
    readonly firstSeed: number;
    readonly steps: number;
    readonly temper: Temper;
    readonly say: (line: string) => void;
  },
): Promise<Runs> {
  const runs: Runs = {};
  const features = featuresIn(world);
  for (let developer = 0; developer < given.developers; developer += 1) {
    const seed = given.firstSeed + developer;
    const decisions = [...decisionsOf(world, { seed, steps: given.steps, temper: given.temper })];
    for (const name of names) {
      runs[name] ??= [];
      runs[name].push(await play(await policies[name](seed, features), decisions, features));
    }
    given.say(`Developer ${seed} (${given.temper}): ${developer + 1} of ${given.developers}`);
  }
  return runs;
}

function reports(runs: Runs): Partial<Record<PolicyName, PolicyReport>> {
  const compared = { random: runs.random, none: runs.none, oracle: runs.oracle };
  return mapped(runs, (played) => reportOf(played, compared));
}

function mapped<From, To>(
  from: Readonly<Partial<Record<PolicyName, From>>>,
  change: (value: From) => To,
): Partial<Record<PolicyName, To>> {
  const result: Partial<Record<PolicyName, To>> = {};
  for (const [name, value] of Object.entries(from) as [PolicyName, From][]) result[name] = change(value);
  return result;
}
