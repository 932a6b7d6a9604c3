/** From similar episodes to the few that go into a prompt. Pure: candidates in, choice out. */
import { languageFactor } from './languageFamily.ts';

const dayMs = 24 * 3600 * 1000;

/** How what is known counts less with age. */
export interface Ageing {
  /** After which half of what is lost with age is lost. */
  readonly halfLifeMs: number;
  /** What is left of something very old, 0 to 1. */
  readonly oldestShare: number;
}

/** Of a score: age is a hint, similarity decides. */
export const ageing: Ageing = { halfLifeMs: 90 * dayMs, oldestShare: 0.8 };
const sameFileBoost = 0.05;
/** λ of maximal marginal relevance (Carbonell & Goldstein, 1998): 1 is relevance alone, 0 variety alone. */
const relevanceShare = 0.7;
/** Above this similarity two places with the same kept text are one example. */
const samePlace = 0.98;

/** 1 for now, `oldestShare` for long ago, halfway between after one half-life. */
export function recencyFactor(ageMs: number, { halfLifeMs, oldestShare }: Ageing = ageing): number {
  return oldestShare + (1 - oldestShare) * 2 ** (-Math.max(0, ageMs) / halfLifeMs);
}

export interface Place {
  readonly languageId: string;
  readonly file: string;
}

/**
 * Relevance of an episode to a place: cosine similarity, less for another language and for age, a little more in the same
 * file. Null: below `minimum` once the language is taken into account.
 */
export function relevance(
  similarity: number,
  place: Place,
  episode: Place & { readonly at: number },
  now: number,
  minimum: number,
): number | null {
  const comparable = similarity * languageFactor(place.languageId, episode.languageId);
  if (comparable < minimum) return null;
  const boost = place.file !== '' && place.file === episode.file ? sameFileBoost : 0;
  return comparable * recencyFactor(now - episode.at) + boost;
}

export interface Ranked {
  readonly score: number;
  readonly vector: Float32Array;
  /** What the example would show; equal ones at equal places are one. */
  readonly text: string | null;
}

/** `nearest`: to the first `seen` of those chosen. It only grows, so that the value computed from it is never too low. */
interface Waiting<T> {
  readonly item: T;
  nearest: number;
  seen: number;
}

/**
 * Picks `count` by maximal marginal relevance, in the order picked: the first is the most relevant one. An item is compared with
 * what was chosen only when it could be next (lazy greedy; Minoux, 1978): of a pool of 128 most never are.
 */
export function diverse<T extends Ranked>(
  pool: readonly T[],
  count: number,
  similarity: (a: Float32Array, b: Float32Array) => number,
): T[] {
  const left = pool.map((item): Waiting<T> => ({ item, nearest: 0, seen: 0 }));
  const chosen: T[] = [];
  while (chosen.length < count && left.length > 0) {
    const best = mostPromising(left);
    const one = left[best]!;
    if (one.seen === chosen.length) {
      chosen.push(one.item);
      left.splice(best, 1);
      continue;
    }
    const picked = chosen[one.seen]!;
    one.seen += 1;
    const near = similarity(picked.vector, one.item.vector);
    if (near >= samePlace && one.item.text === picked.text) left.splice(best, 1);
    else one.nearest = Math.max(one.nearest, near);
  }
  return chosen;
}

function mostPromising(left: readonly Waiting<Ranked>[]): number {
  let best = 0;
  let bestValue = -Infinity;
  for (let index = 0; index < left.length; index += 1) {
    const { item, nearest } = left[index]!;
    const value = relevanceShare * item.score - (1 - relevanceShare) * nearest;
    // Rounding can make two values equal whose scores are not: the more relevant one goes first.
    if (value > bestValue || (value === bestValue && item.score > left[best]!.item.score)) {
      best = index;
      bestValue = value;
    }
  }
  return best;
}
