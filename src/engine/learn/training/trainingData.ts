/** What a training learns from: the stored episodes, as labels with features and as decisions with their propensities. */
import type { StoredEpisode } from '../../memory/store.ts';
import { type FeatureExtractor, featureExtractor } from '../features/features.ts';
import { type Offerable, offerablesOf } from '../features/offerable.ts';
import { History } from '../history.ts';
import { type Fingerprint, fingerprintOf } from '../registry/fingerprint.ts';
import { type Labels, labelsOf } from '../reward/labels.ts';
import { decisionReward, wantedShare } from '../selector/decisionReward.ts';
import { outcomeOfDecision } from '../serving/outcome.ts';

/** Older ones are not trained on: a mind, and a project, change, and nobody waits longer. */
export const mostLabelled = 4000;
export const mostDecisions = 2000;

/** A choice made while typing, and what it brought. */
export interface LoggedChoice {
  readonly episodeId: string;
  readonly at: number;
  /** A file: its decisions are never split between training and evaluation. */
  readonly group: string;
  /** Raw features of each candidate that could be offered. */
  readonly candidates: readonly Float64Array[];
  /** Index into `candidates`; their number: silence. */
  readonly action: number;
  readonly reward: number;
  /** How far what was shown was wanted, 0 to 1; null: nothing was. */
  readonly wanted: number | null;
  /** Probability of each action, silence last; null: it was not logged. */
  readonly behaviour: readonly number[] | null;
}

/** Why a choice can’t be learnt from. */
export type NoChoice =
  | 'nothing is known of it yet'
  | 'nothing could be offered'
  | 'another than the logged ones was offered';

export interface TrainingData {
  readonly extractor: FeatureExtractor;
  /** Oldest first. */
  readonly entries: readonly StoredEpisode[];
  readonly fingerprint: Fingerprint;
  readonly labels: Labels;
  readonly choices: readonly LoggedChoice[];
  readonly noChoice: ReadonlyMap<NoChoice, number>;
  /** Of each place: raw features of its candidates, for projections. */
  readonly places: readonly (readonly Float64Array[])[];
  /** A candidate as it was seen when it was decided. */
  featuresOf(offer: Offerable): Float64Array;
}

/** `entries` in any order. The same episodes give the same data. */
export function trainingData(entries: Iterable<StoredEpisode>): TrainingData {
  const extractor = featureExtractor();
  const sorted = [...entries].sort((a, b) => (a.episode.id < b.episode.id ? -1 : 1));
  const history = new History();
  for (const entry of sorted) history.note(entry);
  const known = new Map<string, Float64Array>();
  const featuresOf = (offer: Offerable): Float64Array => {
    // Labels and choices look at the same candidates.
    const key = `${offer.id}\n${offer.model}\n${offer.text}`;
    const found = known.get(key) ?? extractor.featuresOf(offer, history.before(offer.id ?? ''));
    known.set(key, found);
    return found;
  };
  const judged = sorted.filter(isJudged).slice(-mostLabelled);
  const labels = labelsOf(judged, featuresOf);
  const { choices, noChoice } = choicesIn(sorted, featuresOf);
  const chosen = new Set(choices.map(({ episodeId }) => episodeId));
  const elsewhere = judged.flatMap(({ episode }) => {
    if (chosen.has(episode.id)) return [];
    const rows = offerablesOf(episode).map(({ offerable }) => featuresOf(offerable));
    return rows.length === 0 ? [] : [{ at: episode.at, rows }];
  });
  const places = [...elsewhere, ...choices.map(({ at, candidates }) => ({ at, rows: candidates }))]
    .sort((a, b) => a.at - b.at)
    .map(({ rows }) => rows);
  // What was learnt from is what a later change of makes stale.
  const used = new Set([...labels.rows.map(({ episodeId }) => episodeId), ...chosen]);
  const fingerprint = fingerprintOf(sorted.filter(({ episode }) => used.has(episode.id)));
  return { extractor, entries: sorted, fingerprint, labels, choices, noChoice, places, featuresOf };
}

const isJudged = ({ episode, rating, otherRatings }: StoredEpisode): boolean =>
  episode.offered !== null || rating !== null || otherRatings.length > 0;

function choicesIn(sorted: readonly StoredEpisode[], featuresOf: (offer: Offerable) => Float64Array) {
  const noChoice = new Map<NoChoice, number>();
  const skip = (reason: NoChoice): void => void noChoice.set(reason, (noChoice.get(reason) ?? 0) + 1);
  const choices: LoggedChoice[] = [];
  for (const entry of sorted.filter(({ episode }) => episode.kind === 'inline').slice(-mostDecisions)) {
    const { episode } = entry;
    const outcome = outcomeOfDecision(entry, featuresOf);
    if (outcome === null) {
      skip(whyNone(entry));
      continue;
    }
    const { candidates, action, reward } = outcome;
    choices.push({
      episodeId: episode.id,
      at: episode.at,
      group: episode.file === '' ? `untitled ${episode.id}` : episode.file,
      candidates,
      action,
      reward,
      wanted: wantedShare(entry),
      behaviour: behaviourOf(
        offerablesOf(episode).map(({ index }) => episode.candidates[index]!.propensity),
        action,
        episode.propensity,
      ),
    });
  }
  return { choices, noChoice };
}

function whyNone(entry: StoredEpisode): NoChoice {
  if (offerablesOf(entry.episode).length === 0) return 'nothing could be offered';
  return decisionReward(entry) === null ? 'nothing is known of it yet' : 'another than the logged ones was offered';
}

/** `propensities` of the candidates; what is left is silence's. Null where they are not there, or contradict what was done. */
function behaviourOf(
  propensities: readonly (number | undefined)[],
  action: number,
  propensity: number,
): readonly number[] | null {
  const logged = propensities.filter((one) => one !== undefined);
  if (logged.length < propensities.length) return null;
  const total = logged.reduce((sum, one) => sum + one, 0);
  if (total > 1 + 1e-6) return null;
  const all = [...logged, Math.max(0, 1 - total)];
  const own = all[action]!;
  return own > 0 && Math.abs(own - propensity) < 1e-3 ? all : null;
}
