import { type Match, nextToken } from './align.ts';
import type { Vocabulary } from './vocabulary.ts';

/** What may come next, most likely first. The rest of the mass is for what can't be told. */
export interface Next {
  readonly token: number;
  readonly probability: number;
  /** The matches that say so. */
  readonly matches: readonly Match[];
}

/** Evidence at least this strong forms one order of the model; lower orders back higher ones off. */
const levels = [0, 1, 2, 3, 4, 5, 6, 8, 10, 13, 17, 22, 30, 40] as const;

/** Tuned on the sources of one package for log-loss; src/lab/bench/workspaceModel.ts reports on others. */
export const tuning = {
  /** Absolute discount, as in interpolated Kneser–Ney (Chen and Goodman 1999): taken from each token's count at each order. */
  discount: 0.5,
  /** What a token that agrees only after renaming adds to the order, beside 1 for one that agrees as it is. */
  renamed: 0.45,
  /** Each renamed name costs this much of the order. */
  perName: 0.9,
};

/** Order of the n-gram a match stands for. */
export function orderOf(match: Match): number {
  return match.exact + tuning.renamed * (match.soft - match.exact) - tuning.perName * match.from.length;
}

/**
 * Interpolated absolute discounting over the matches: P_k(t) = max(c_k(t) − D, 0)/C_k + D·T_k/C_k · P_{k−1}(t), where c_k
 * sums the weights of the matches of order k and above that continue with t. `prior` is P_0.
 */
export function distribution(
  matches: readonly Match[],
  vocabulary: Vocabulary,
  coin: (name: string) => number,
  prior: ReadonlyMap<number, number>,
  accept: ((id: number) => boolean) | null,
): Next[] {
  interface Candidate {
    readonly id: number;
    spaced: number;
    total: number;
    probability: number;
    readonly counts: Float64Array;
    readonly matches: Match[];
  }
  const byId = new Map<number, Candidate>();
  const candidateOf = (id: number): Candidate => {
    let candidate = byId.get(id);
    if (!candidate) {
      candidate = { id, spaced: 0, total: 0, probability: 0, counts: new Float64Array(levels.length), matches: [] };
      byId.set(id, candidate);
    }
    return candidate;
  };
  for (const match of matches) {
    const token = nextToken(match, vocabulary, coin);
    if (token < 0) continue;
    const id = token >>> 1;
    if (accept && !accept(id)) continue;
    const order = orderOf(match);
    const candidate = candidateOf(id);
    candidate.total += match.weight;
    if (token & 1) candidate.spaced += match.weight;
    candidate.matches.push(match);
    let level = levels.length - 1;
    while (level > 0 && levels[level]! > order) level--;
    candidate.counts[level]! += match.weight;
  }
  for (const [token, mass] of prior) {
    const id = token >>> 1;
    if (accept && !accept(id)) continue;
    const candidate = candidateOf(id);
    candidate.probability = mass;
    if (candidate.total === 0 && token & 1) candidate.spaced = 1;
  }
  const candidates = [...byId.values()];
  // Counts of an order hold those of the orders above it.
  for (const { counts } of candidates)
    for (let level = levels.length - 2; level >= 0; level--) counts[level]! += counts[level + 1]!;
  for (let level = 0; level < levels.length; level++) {
    let sum = 0;
    let discounted = 0;
    for (const { counts } of candidates) {
      const count = counts[level]!;
      sum += count;
      discounted += Math.min(count, tuning.discount);
    }
    if (sum === 0) break;
    const backOff = discounted / sum;
    for (const candidate of candidates) {
      const kept = Math.max(0, candidate.counts[level]! - tuning.discount) / sum;
      candidate.probability = kept + backOff * candidate.probability;
    }
  }
  return candidates
    .map(({ id, spaced, total, probability, matches: agreeing }) => ({
      token: (id << 1) | (spaced * 2 > total ? 1 : 0),
      probability,
      matches: agreeing,
    }))
    .sort((a, b) => b.probability - a.probability || byText(vocabulary, a.token, b.token));
}

/** Ids depend on the order of reading; texts don't. */
function byText(vocabulary: Vocabulary, a: number, b: number): number {
  const [x, y] = [vocabulary.text(a >>> 1), vocabulary.text(b >>> 1)];
  return x < y ? -1 : x > y ? 1 : a - b;
}
