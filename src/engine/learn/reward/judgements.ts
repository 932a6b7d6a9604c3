/**
 * What was said and what happened, as judgements of texts: a versioned pure function. Targets and weights are those of research on
 * how much each signal tells; what showing a text cost (interruption) is no judgement. Training makes rows of a regression of them
 * (labels.ts), exports make lines of data sets (../exports): what is learnt here is what is learnt elsewhere.
 */
import { type Episode, type Event, type EventType, type Rating, verdict } from '../../../protocol/episode.ts';
import type { LabelSource } from './rewardModel.ts';

/** Raise with every change of a figure below, and of what gives a row. Version 2 is feedback/reward.ts, which scores episodes. */
export const labelVersion = 3;

/** Expected target, 0 to 1, and how much it counts; one rating on the scale of 1 to 10 counts 1. */
interface Label {
  readonly target: number;
  readonly weight: number;
}

const thumb = { up: 0.9, down: 0.1, weight: 0.8 };
/** Accepted, and then for each of these times that it still stood there, up to 0.9. */
const accepted = { target: 0.55, each: 0.07, weight: 0.6, checkpointsMs: [15, 30, 120, 300, 600].map((s) => s * 1000) };
/** Of an accepted text less of which is left, this times the share. */
const edited = 0.9;
/** More left than this is as good as all. */
const whole = 0.8;
/** Only a part was taken: between ignored and accepted. */
const partly = { none: 0.35, all: 0.55, weight: 0.3 };
/** Typed out by hand: wanted, but nobody chose it. */
const typed = 0.5;
const undone: Label = { target: 0.1, weight: 0.8 };
const undoneSoonMs = 60_000;
const undoneLater: Label = { target: 0.2, weight: 0.5 };
const rejected: Label = { target: 0.15, weight: 0.5 };
/** Deleting the place of an offer may have had other reasons. */
const deletedInto: Label = { target: 0.15, weight: 0.25 };
/** Read, and typed on. */
const ignored: Label = { target: 0.35, weight: 0.15 };
/** How much better the better one of a pair is; weights of a choice, a correction, and of what an accepted text became. */
const pair = { difference: 0.35, chosen: 0.5, corrected: 1, edited: 0.6 };

/** Why something gave no row. */
export type NoLabel =
  | 'silent'
  | 'nothing happened yet'
  | 'went elsewhere'
  | 'not read'
  | 'superseded'
  | 'rating without a verdict'
  | 'a rating says more'
  | 'unknown candidate'
  | 'no other candidate was seen'
  | 'correction is the proposal';

export interface Judged {
  readonly episode: Episode;
  /** By time. */
  readonly events: readonly Event[];
  /** Mine, in effect. */
  readonly rating: Rating | null;
  readonly otherRatings: readonly Rating[];
}

/** What is never split between training and test: a file; untitled documents have no path, and nothing else in common. */
export const groupOf = ({ id, file }: Pick<Episode, 'id' | 'file'>): string => (file === '' ? `untitled ${id}` : file);

/** A text that was judged at its episode's place; `index`: of the candidate it is, or that it took the place of. */
export interface JudgedText {
  readonly text: string;
  readonly index: number;
}

/** `target`: 0 to 1; of a pair, how much better one is than the other. `weight`: how much it counts; one rating of 1 to 10 counts 1. */
export type Judgement =
  | (Label & {
      readonly source: Exclude<LabelSource, 'pair'>;
      readonly judged: JudgedText;
      /** What said so; null: what happened did. */
      readonly rating: Rating | null;
    })
  | (Label & { readonly source: 'pair'; readonly better: JudgedText; readonly worse: JudgedText });

export interface Judgements {
  readonly judgements: readonly Judgement[];
  readonly skipped: readonly NoLabel[];
}

/** What one episode gives. `shifts`: see `raterShifts`. */
export function judgementsOf(entry: Judged, shifts: ReadonlyMap<string, number>): Judgements {
  const { episode, events } = entry;
  const judgements: Judgement[] = [];
  const skipped: NoLabel[] = [];
  const index = judgedIndex(episode, events);
  if (index === null) return { judgements, skipped: [episode.offered === null ? 'silent' : 'unknown candidate'] };
  const judged: JudgedText = { text: episode.candidates[index]!.text, index };
  const addPair = (better: JudgedText, worse: JudgedText, weight: number): void =>
    void judgements.push({ source: 'pair', better, worse, target: pair.difference, weight });

  let explicit = false;
  for (const rating of ratingsIn(entry)) {
    const label = fromRating(rating, shifts.get(rating.rater) ?? 0);
    if (label === null) skipped.push('rating without a verdict');
    else {
      explicit = true;
      judgements.push({ ...label, judged, rating });
    }
    if (rating.correction === null) continue;
    if (rating.correction === judged.text) skipped.push('correction is the proposal');
    else addPair({ text: rating.correction, index }, judged, pair.corrected);
  }
  const happened = fromEvents(episode, events);
  if (explicit) skipped.push('a rating says more');
  else if (typeof happened === 'string') skipped.push(happened);
  else judgements.push({ source: 'event', ...happened, judged, rating: null });

  if (!events.some(({ type }) => type === 'accepted')) return { judgements, skipped };
  const seen = siblingsSeen(episode, events, index);
  if (seen.length === 0 && episode.candidates.length > 1) skipped.push('no other candidate was seen');
  for (const other of seen) {
    addPair(judged, { text: episode.candidates[other]!.text, index: other }, pair.chosen / seen.length);
  }
  const left = latest(events, 'retained');
  if (left?.text !== undefined && left.text.trim() !== '' && (left.share ?? 1) < 1 && (left.share ?? 1) >= 0.2) {
    addPair({ text: left.text, index }, judged, pair.edited);
  }
  return { judgements, skipped };
}

/** Of everybody, in effect. */
export const ratingsIn = ({ rating, otherRatings }: Pick<Judged, 'rating' | 'otherRatings'>): readonly Rating[] =>
  (rating === null ? otherRatings : [rating, ...otherRatings]).filter(({ withdrawn }) => !withdrawn);

const latest = (events: readonly Event[], type: EventType): Event | undefined =>
  events.filter((event) => event.type === type).at(-1);

/** Of several candidates, the one that was taken need not be the first offered. Null: nothing was offered, or it is unknown. */
export function judgedIndex({ candidates, offered }: Episode, events: readonly Event[]): number | null {
  const taken = latest(events, 'accepted') ?? latest(events, 'partlyAccepted');
  const index = taken?.candidateId === undefined ? -1 : candidates.findIndex(({ id }) => id === taken.candidateId);
  const found = index >= 0 ? index : offered;
  return found !== null && candidates[found] !== undefined ? found : null;
}

/** The others that stood on the screen: an A/B choice, or one that was cycled past. */
function siblingsSeen({ candidates, offered }: Episode, events: readonly Event[], index: number): readonly number[] {
  const shown = new Set(
    events.flatMap(({ type, candidateId }) => (type === 'shown' || type === 'read' ? [candidateId] : [])),
  );
  const text = candidates[index]!.text;
  return candidates.flatMap((one, i) =>
    i !== index && one.text !== text && (i === offered || shown.has(one.id)) ? [i] : [],
  );
}

/** The thumb wins over a slider that contradicts it; reasons alone are a thumb down. Null: no verdict. `shift`: see `raterShifts`. */
export function fromRating(rating: Rating, shift: number): (Label & { readonly source: 'rating' | 'thumb' }) | null {
  const said = verdict(rating);
  if (said === 'unrated') return null;
  const { score } = rating;
  const agrees =
    rating.thumb === null || score === null || verdict({ ...rating, thumb: null }) !== opposite[rating.thumb];
  if (score !== null && agrees) {
    const target = Math.min(1, Math.max(0, (score - 1) / 9 - shift));
    return { source: 'rating', target, weight: 1 };
  }
  return { source: 'thumb', target: said === 'good' ? thumb.up : thumb.down, weight: thumb.weight };
}
const opposite = { up: 'bad', down: 'good' } as const;

function fromEvents(episode: Episode, events: readonly Event[]): Label | NoLabel {
  const taken = latest(events, 'accepted');
  const weight = accepted.weight * (taken?.reason === 'typed' ? typed : 1);
  const reverted = latest(events, 'reverted');
  if (reverted !== undefined) {
    return taken === undefined || reverted.at - taken.at <= undoneSoonMs ? undone : undoneLater;
  }
  if (taken !== undefined) {
    const left = latest(events, 'retained');
    if (left === undefined) return { target: accepted.target, weight };
    const passed = accepted.checkpointsMs.filter((ms) => ms <= (left.afterMs ?? left.at - taken.at)).length;
    const grown = accepted.target + accepted.each * passed;
    const share = left.share ?? 1;
    return { target: share >= whole ? grown : Math.min(grown, edited * share), weight };
  }
  const parts = events.filter(({ type }) => type === 'partlyAccepted');
  if (parts.length > 0) {
    const length = Math.max(1, episode.candidates[judgedIndex(episode, events) ?? 0]?.text.length ?? 1);
    const share = Math.min(1, parts.reduce((sum, { text }) => sum + (text?.length ?? length / 2), 0) / length);
    return { target: partly.none + (partly.all - partly.none) * share, weight: partly.weight };
  }
  const refused = latest(events, 'rejected');
  if (refused !== undefined) return refused.reason === 'deleted' ? deletedInto : rejected;
  const passedBy = latest(events, 'ignored');
  if (passedBy === undefined) return 'nothing happened yet';
  switch (passedBy.reason) {
    case 'superseded':
    case 'refined':
      return 'superseded';
    case 'moved':
    case 'blurred':
    case 'timedOut':
      return 'went elsewhere';
    default:
      return events.some(({ type }) => type === 'read') ? ignored : 'not read';
  }
}
