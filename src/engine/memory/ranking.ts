/** From similar episodes to the few that go into a prompt. Pure: candidates in, choice out. */
import { languageFactor } from './languageFamily.ts';

const dayMs = 24 * 3600 * 1000;
export const recencyHalfLifeMs = 90 * dayMs;
/** What is left of the score of a very old episode: age is a hint, similarity decides. */
const oldestShare = 0.8;
const sameFileBoost = 0.05;
/** λ of maximal marginal relevance (Carbonell & Goldstein, 1998): 1 is relevance alone, 0 variety alone. */
const relevanceShare = 0.7;
/** Above this similarity two places with the same kept text are one example. */
const samePlace = 0.98;

/** 1 for now, `oldestShare` for long ago, halfway between after one half-life. */
export function recencyFactor(ageMs: number): number {
  return oldestShare + (1 - oldestShare) * 2 ** (-Math.max(0, ageMs) / recencyHalfLifeMs);
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

/** Picks `count` by maximal marginal relevance, in the order picked: the first is the most relevant one. */
export function diverse<T extends Ranked>(
  pool: readonly T[],
  count: number,
  similarity: (a: Float32Array, b: Float32Array) => number,
): T[] {
  const left = pool.map((item) => ({ item, nearest: 0 }));
  const chosen: T[] = [];
  while (chosen.length < count && left.length > 0) {
    let best = 0;
    let bestValue = -Infinity;
    left.forEach(({ item, nearest }, index) => {
      const value = relevanceShare * item.score - (1 - relevanceShare) * nearest;
      // Rounding can make two values equal whose scores are not: the more relevant one goes first.
      if (value > bestValue || (value === bestValue && item.score > left[best]!.item.score)) {
        best = index;
        bestValue = value;
      }
    });
    const picked = left.splice(best, 1)[0]!.item;
    chosen.push(picked);
    for (let i = left.length - 1; i >= 0; i--) {
      const other = left[i]!;
      const near = similarity(picked.vector, other.item.vector);
      if (near >= samePlace && other.item.text === picked.text) left.splice(i, 1);
      else other.nearest = Math.max(other.nearest, near);
    }
  }
  return chosen;
}
