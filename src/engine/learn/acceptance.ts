/** Whether to show: how likely an offer is to be taken here, learnt from what became of the earlier ones. */
import type { Candidate, Episode } from '../../protocol/episode.ts';
import type { Store, StoredEpisode } from '../memory/store.ts';
import { featureNames, featuresOf, featureVersion, prior } from './acceptanceFeatures.ts';
import { type Decision, decisionOf, fateOf, type Past, pastOf } from './decisions.ts';
import { mostPast } from './history.ts';
import { deviationOfLogit, fitLogistic, type Posterior, predict, type Sample } from './logistic.ts';

/** What is left of an observation after each later one. Of .995, .998 and .999 the last predicted best. */
const forgetting = 0.999;
/** Offers read at a time. */
const slice = 25;
/** So many new outcomes make the weights worth computing again. */
const refitAfter = 4;

/** Offers, oldest first, and what was seen when each was decided. */
interface Offers {
  readonly past: Past[];
  readonly features: Float64Array[];
}

/**
 * P(taken | what is known at the decision), by Bayesian logistic regression on the store's own episodes. Follows the store;
 * computes when asked.
 */
export class AcceptanceGate {
  readonly #store: Pick<Store, 'get' | 'entries' | 'onChange'>;
  #offers: Offers = { past: [], features: [] };
  /** Not read yet, oldest last. Null: reading has not begun. */
  #unread: StoredEpisode[] | null = null;
  #posterior: Posterior = untaught;
  #news = 0;
  readonly #stop: () => void;

  constructor(store: Pick<Store, 'get' | 'entries' | 'onChange'>) {
    this.#store = store;
    this.#stop = store.onChange(({ added, changed, removed }) => {
      // What has not begun to be read will be read as it is then.
      if (this.#unread === null) return;
      this.#read(mostPast);
      if (removed.length > 0) this.#forget(this.#offers, new Set(removed));
      for (const id of new Set([...added, ...changed])) this.#note(this.#offers, this.#store.get(id));
    });
  }

  /** What is seen of this candidate, in the order of `featureNames`. */
  features(decision: Decision): Float64Array {
    this.#read(mostPast);
    return featuresOf(decision, this.#offers.past);
  }

  /** Probability that a candidate with these features, shown, is taken: 0 to 1. */
  chanceOf(features: ArrayLike<number>): number {
    this.#learn();
    return predict(this.#posterior, features);
  }

  /** How unsure the chance of an offer is: its standard deviation, by what was seen of it when it was decided; null: not written down. */
  doubtOf(episode: Episode): number | null {
    const features = loggedFeatures(episode);
    if (features === null) return null;
    this.#learn();
    const chance = predict(this.#posterior, features);
    return chance * (1 - chance) * deviationOfLogit(this.#posterior, features);
  }

  /** Earlier offers, oldest first, and what became of them. */
  get past(): readonly Past[] {
    this.#read(mostPast);
    return this.#offers.past;
  }

  chance(decision: Decision): number {
    return this.chanceOf(this.features(decision));
  }

  /** Weights as they are now, in the order of `featureNames`. */
  get weights(): readonly number[] {
    this.#learn();
    return [...this.#posterior.mean];
  }

  close(): void {
    this.#stop();
  }

  /**
   * Reads a few more of the store's offers; once all are read, computes the weights if enough is new. False when nothing is left to
   * do. Reading takes tens of milliseconds, the weights one or two, which no suggestion need wait for. What is not done when it is
   * needed is done then.
   */
  prepare(): boolean {
    if (this.#read(slice)) return true;
    this.#learn();
    return false;
  }

  #read(most: number): boolean {
    this.#unread ??= this.#latest();
    for (let count = 0; count < most; count += 1) {
      const entry = this.#unread.pop();
      if (entry === undefined) return false;
      this.#note(this.#offers, entry);
    }
    return this.#unread.length > 0;
  }

  /** Newest first. */
  #latest(): StoredEpisode[] {
    const entries: StoredEpisode[] = [];
    for (const entry of this.#store.entries()) {
      if (decisionOf(entry.episode) !== null) entries.push(entry);
      if (entries.length >= mostPast) break;
    }
    return entries;
  }

  #learn(): void {
    this.#read(mostPast);
    if (this.#news >= refitAfter) this.#refit(this.#offers);
  }

  #refit({ past, features }: Offers): void {
    this.#news = 0;
    const samples = past.flatMap(({ fate, weight }, index): Sample[] => {
      if (fate === 'open' || fate === 'void') return [];
      const kept = weight * forgetting ** (past.length - 1 - index);
      return [{ features: features[index]!, label: fate === 'taken' ? 1 : 0, weight: kept }];
    });
    this.#posterior = samples.length === 0 ? untaught : fitLogistic(prior, samples, this.#posterior.mean);
  }

  #note({ past, features }: Offers, entry: StoredEpisode | null): void {
    const decision = entry && decisionOf(entry.episode);
    if (!entry || !decision) return;
    const { episode, events } = entry;
    let one = past.findLast(({ id }) => id === episode.id);
    if (one === undefined) {
      features.push(loggedFeatures(episode) ?? featuresOf(decision, past));
      one = pastOf(episode.id, decision);
      past.push(one);
      if (past.length > mostPast) {
        past.shift();
        features.shift();
      }
    }
    const before = one.fate;
    Object.assign(one, fateOf(episode, events));
    if (one.fate !== before) this.#news += 1;
  }

  #forget({ past, features }: Offers, ids: ReadonlySet<string>): void {
    const left = past.flatMap(({ id }, index) => (ids.has(id) ? [] : [index]));
    if (left.length === past.length) return;
    this.#offers = { past: left.map((index) => past[index]!), features: left.map((index) => features[index]!) };
    this.#news = refitAfter;
  }
}

const untaught = fitLogistic(prior, []);

/** `chanceOf` before anything was learnt: for a memory that is switched off. */
export const untaughtChanceOf = (features: ArrayLike<number>): number => predict(untaught, features);

/** The same for a decision that nothing is known before. */
export const untaughtChance = (decision: Decision): number => untaughtChanceOf(featuresOf(decision, []));

/** As they are stored: 4 significant digits tell as much as all. */
export const rounded = (features: ArrayLike<number>): number[] =>
  Array.from(features, (value) => Number(value.toPrecision(4)));

/** What was seen when the offer was decided; null where that was not written down, or is not what is looked at today. */
function loggedFeatures(episode: Episode): Float64Array | null {
  const offered: Candidate | undefined = episode.candidates[episode.offered ?? 0];
  if (episode.featureVersion !== featureVersion || offered?.features?.length !== featureNames.length) return null;
  return Float64Array.from(offered.features);
}

/** A number from 0 to below 1 that looks random, the same for the same words (FNV-1a, finished as in MurmurHash3). */
export function drawFor(seed: number, words: string): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (let index = 0; index < words.length; index += 1) hash = Math.imul(hash ^ words.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
