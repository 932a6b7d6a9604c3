import { seeded, shuffled, standardNormal } from '../../tensor/random.ts';
import { type Attribute, attributes } from './styles.ts';
import type { Candidate, FileKind, Place } from './world.ts';

/**
 * `rules`: tastes add up. `interactions`: some attributes count only together, and there can be too much of a good thing, which
 * no linear model can say. `random`: what is accepted and how it is rated has nothing to do with what was offered, nor when.
 */
export type Temper = 'rules' | 'interactions' | 'random';

/** Somebody whose tastes nobody sees. */
export interface Developer {
  readonly seed: number;
  readonly temper: Temper;
  /** In the order of `attributes`; 0: does not care. */
  readonly weights: readonly number[];
  /** The same from the drift on. */
  readonly weightsAfterDrift: readonly number[];
  /** What holds in some files only. */
  readonly conditional: readonly { readonly attribute: Attribute; readonly kind: FileKind; readonly weight: number }[];
  readonly pairs: readonly { readonly one: number; readonly other: number; readonly weight: number }[];
  /** From so many changed lines on an edit is too much; Infinity: never. */
  readonly patience: number;
  /** Of ratings, in points. */
  readonly bias: number;
}

/** What a mistake costs, in utility. */
const bugCost = -1.8;
/**
 * The study's functions could show every attribute; here a third of them is not possible in a given function, and tastes spread
 * less. These two bring back what the study had (seeds 0 to 9: an oracle shows 92 % and 70 % of it is accepted, of random
 * candidates a third is), and were set before any policy was run.
 */
const tasteScale = 1.15;
const level = 0.12;
/** What too large an edit costs the one who has thresholds. */
const tooLargeCost = -1.2;

/** Numbers are those of research/learning.md, 5.1, item 4. */
export function createDeveloper(seed: number, temper: Temper = 'rules'): Developer {
  const random = seeded(seed * 2_654_435 + 101);
  const weight = (from = 0.5, to = 1.3): number => (random() < 0.5 ? -1 : 1) * (from + random() * (to - from));
  const cared = shuffled(
    attributes.map((_, index) => index),
    random,
  ).slice(0, 6);
  const weights = attributes.map((_, index) => (cared.includes(index) ? weight() : 0));
  const turned = shuffled(cared, random).slice(0, 3);
  const conditional = shuffled(attributes, random)
    .slice(0, 3)
    .map((attribute) => ({
      attribute,
      kind: (['source', 'test', 'script'] as const)[Math.floor(random() * 3)]!,
      weight: weight(),
    }));
  const bias = 0.5 * standardNormal(random);
  const order = shuffled(
    attributes.map((_, index) => index),
    random,
  );
  const pairs = [0, 2, 4, 6].map((at) => ({ one: order[at]!, other: order[at + 1]!, weight: weight(0.8, 1.6) }));
  const interacts = temper === 'interactions';
  return {
    seed,
    temper,
    weights,
    weightsAfterDrift: weights.map((value, index) => (turned.includes(index) ? -value : value)),
    conditional,
    pairs: interacts ? pairs : [],
    patience: interacts ? 12 : Number.POSITIVE_INFINITY,
    bias,
  };
}

/** −½ not there, ½ there, 0 not possible here. */
const signed = (presence: 1 | 0 | null): number => (presence === null ? 0 : presence - 0.5);

/** What the developer thinks of a candidate, around 0. */
export function utility(developer: Developer, place: Place, candidate: Candidate, drifted: boolean): number {
  const { presence, bug, changedLines } = candidate;
  const weights = drifted ? developer.weightsAfterDrift : developer.weights;
  let sum = bug ? bugCost + level : level;
  for (let index = 0; index < weights.length; index += 1)
    sum += tasteScale * weights[index]! * signed(presence[index]!);
  for (const { attribute, kind, weight } of developer.conditional)
    if (place.kind === kind) sum += weight * signed(presence[attributes.indexOf(attribute)]!);
  for (const { one, other, weight } of developer.pairs)
    sum += weight * 2 * signed(presence[one]!) * signed(presence[other]!);
  return changedLines > developer.patience ? sum + tooLargeCost : sum;
}

/** The attribute of a candidate that costs most, which is what a developer who accepts it changes first. */
export function worstAttribute(developer: Developer, candidate: Candidate, drifted: boolean): Attribute | null {
  const weights = drifted ? developer.weightsAfterDrift : developer.weights;
  let worst: { readonly attribute: Attribute; readonly value: number } | null = null;
  for (const [index, attribute] of attributes.entries()) {
    const value = weights[index]! * signed(candidate.presence[index]!);
    if (value < (worst?.value ?? 0)) worst = { attribute, value };
  }
  return worst?.attribute ?? null;
}
