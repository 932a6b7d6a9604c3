import { sigmoid } from '../../engine/learn/logistic.ts';
import { acceptedReward, unwantedReward } from '../../engine/learn/selector/decisionReward.ts';
import { seeded, shuffled, standardNormal } from '../../tensor/random.ts';
import { createDeveloper, type Developer, type Temper, utility } from './developer.ts';
import type { Candidate, Draws, Place, World } from './world.ts';

/** One candidate as this developer sees it now. */
export interface Prospect {
  readonly candidate: Candidate;
  readonly utility: number;
  /** That it is accepted if it is shown. */
  readonly acceptance: number;
  /** Reward to be expected if it is shown. */
  readonly expected: number;
}

/** One decision, with everything that chance decides settled beforehand: the same for all policies. */
export interface Decision {
  readonly step: number;
  /** Index of the place in the world. */
  readonly at: number;
  readonly place: Place;
  readonly prospects: readonly Prospect[];
  /** What each of them was drawn with. */
  readonly draws: readonly Draws[];
  readonly drifted: boolean;
  /** Decides between actions of a policy that leaves it to chance. */
  readonly dice: number;
  readonly chance: Chance;
  /** Lifts and lowers the readiness to accept; only an oracle sees it. */
  readonly threshold: number;
}

export interface Chance {
  readonly ignores: boolean;
  readonly accepts: number;
  readonly wrongClick: boolean;
  /** Added to a rating before it is rounded, in points: noise, mood, and the rater's bias. */
  readonly ratingNoise: number;
  readonly edits: boolean;
  readonly reverts: number;
}

/** What the developer does with what is shown. */
export interface Reaction {
  readonly kind: 'accepted' | 'rejected' | 'ignored';
  readonly reverted: boolean;
  readonly reward: number;
  /** 1 to 10, if asked. */
  readonly rating: number;
}

export const candidatesPerDecision = 5;
const ignoredShare = 0.1;
const wrongClickShare = 0.03;
/** Receptive and busy: what a utility has to overcome; and how often one turns into the other. */
const thresholds = [0.3, 1.8] as const;
const turnShare = 0.05;
/** Of a random developer, who is in one mood always: that somebody is busy now and then could be learnt too. */
const steadyThreshold = 0.9;

export interface StreamOptions {
  readonly seed: number;
  readonly steps: number;
  readonly temper?: Temper;
  /** From this decision on three rules are turned into their opposite. */
  readonly driftAt?: number;
}

export const usualDriftAt = 800;

/** All decisions of one developer, lazily: texts are written when they are needed. */
export function* decisionsOf(world: World, options: StreamOptions): Generator<Decision> {
  const { seed, steps, temper = 'rules', driftAt = usualDriftAt } = options;
  const developer = createDeveloper(seed, temper);
  const random = seeded(seed * 7_368_787 + 11);
  const order = shuffled(
    Array.from({ length: world.places }, (_, index) => index),
    random,
  );
  const moodPhase = random() * 2 * Math.PI;
  let busy = random() < 0.5;
  for (let step = 0; step < steps; step += 1) {
    const chanceOf = seeded(Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(step + 1, 0x85ebca6b));
    if (chanceOf() < turnShare) busy = !busy;
    const threshold = temper === 'random' ? steadyThreshold : thresholds[busy ? 1 : 0];
    const at = order[step % order.length]!;
    const place = world.place(at);
    const offered = shuffled(world.pool(at), chanceOf).slice(0, candidatesPerDecision);
    const drifted = step >= driftAt;
    const prospects = offered.map((candidate) => prospectOf(developer, place, candidate, { drifted, threshold }));
    const mood = temper === 'random' ? 0 : 0.5 * Math.sin(moodPhase + (2 * Math.PI * step) / 300);
    yield {
      step,
      at,
      place,
      prospects,
      draws: offered.map(({ draws }) => draws),
      drifted,
      threshold,
      dice: chanceOf(),
      chance: {
        ignores: chanceOf() < ignoredShare,
        accepts: chanceOf(),
        wrongClick: chanceOf() < wrongClickShare,
        ratingNoise: developer.bias + mood + 1.2 * standardNormal(chanceOf),
        edits: chanceOf() < 0.4,
        reverts: chanceOf(),
      },
    };
  }
}

export function prospectOf(
  developer: Developer,
  place: Place,
  candidate: Candidate,
  { drifted, threshold }: { readonly drifted: boolean; readonly threshold: number },
): Prospect {
  const liked = developer.temper === 'random' ? 0 : utility(developer, place, candidate, drifted);
  const acceptance = (1 - ignoredShare) * sigmoid(1.6 * liked - threshold);
  const expected = acceptance * acceptedReward + (1 - acceptance) * unwantedReward(candidate.changedLines);
  return { candidate, utility: liked, acceptance, expected };
}

export function reactionTo({ candidate, utility: liked, acceptance }: Prospect, chance: Chance): Reaction {
  const rating = Math.min(10, Math.max(1, Math.round(5.8 + 1.9 * liked + chance.ratingNoise)));
  const unwanted = unwantedReward(candidate.changedLines);
  if (chance.ignores) return { kind: 'ignored', reverted: false, reward: unwanted, rating };
  const wanted = chance.accepts < acceptance / (1 - ignoredShare);
  const accepted = chance.wrongClick ? !wanted : wanted;
  if (!accepted) return { kind: 'rejected', reverted: false, reward: unwanted, rating };
  return { kind: 'accepted', reverted: candidate.bug && chance.reverts < 0.7, reward: acceptedReward, rating };
}

/** What the best that is possible here is worth: a candidate, or silence. */
export const best = ({ prospects }: Decision): number => Math.max(0, ...prospects.map(({ expected }) => expected));
