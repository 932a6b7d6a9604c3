import { linTs } from '../../engine/learn/selector/linTs.ts';
import { linUcb } from '../../engine/learn/selector/linUcb.ts';
import type { Selector } from '../../engine/learn/selector/selector.ts';
import { seeded } from '../../tensor/random.ts';
import type { Features } from './features.ts';
import { greedyRidge } from './greedyRidge.ts';
import { nearest, recency } from './neighbours.ts';
import { none, oracle, type Policy, random, selectorPolicy } from './policy.ts';
import { ppoPolicy } from './ppoPolicies.ts';

const selector = (create: (seed: number) => Selector | Promise<Selector>) => async (seed: number, features: Features) =>
  selectorPolicy(await create(seed), features);

/** Those that see features only, by name; `seed` is the developer's. */
export const directPolicies = {
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
export type DirectName = keyof typeof directPolicies;

/** In the order of the report. *attune* is what the registry promotes in the real engine; *attune-off* the same without memory and learning. */
export const policyNames = [
  'none',
  'random',
  'recency',
  'knn',
  'ridge',
  'linucb',
  'lints',
  'ppo-real',
  'ppo-virtual',
  'attune-off',
  'attune',
  'oracle',
] as const satisfies readonly (DirectName | 'attune' | 'attune-off')[];
export type PolicyName = (typeof policyNames)[number];

export const isPolicyName = (name: string): name is PolicyName => (policyNames as readonly string[]).includes(name);
export const isDirect = (name: PolicyName): name is DirectName => name in directPolicies;
/** Those that *attune* is compared with as the best of the bandits. */
export const bandits = ['linucb', 'lints'] as const satisfies readonly DirectName[];
