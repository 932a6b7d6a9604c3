/**
 * What was said and what happened, as rows of a regression: a versioned pure function. Targets and weights are those of
 * research on how much each signal tells; what showing a text cost (interruption) is no label. Whatever gives no row is counted
 * with its reason.
 */
import { type Episode, type Event, type EventType, type Rating, verdict } from '../../../protocol/episode.ts';
import { type Offerable, offerableOf, offerableText } from '../features/offerable.ts';
import { raterShifts } from './raters.ts';
import type { LabelSource, Row } from './rewardModel.ts';

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
  | 'explicit rating counts'
  | 'unknown candidate'
  | 'no other candidate was seen'
  | 'correction is the proposal'
  | 'features are not finite';

export interface Judged {
  readonly episode: Episode;
  /** By time. */
  readonly events: readonly Event[];
  /** Mine, in effect. */
  readonly rating: Rating | null;
  readonly otherRatings: readonly Rating[];
}

export interface Labels {
  readonly version: number;
  /** In the order of time. */
  readonly rows: readonly Row[];
  readonly skipped: ReadonlyMap<NoLabel, number>;
}

/** `featuresOf` sees a candidate as it was seen when it was decided. */
export function labelsOf(entries: readonly Judged[], featuresOf: (offer: Offerable) => Float64Array): Labels {
  const skipped = new Map<NoLabel, number>();
  const skip = (reason: NoLabel): void => void skipped.set(reason, (skipped.get(reason) ?? 0) + 1);
  const shifts = raterShifts(entries.flatMap(ratingsIn));
  const rows: Row[] = [];

  for (const entry of [...entries].sort((a, b) => a.episode.at - b.episode.at)) {
    const { episode, events } = entry;
    const add = (source: LabelSource, features: Float64Array, { target, weight }: Label): void => {
      const { id: episodeId, at, file } = episode;
      // Untitled documents have no path, and nothing else in common.
      const group = file === '' ? `untitled ${episodeId}` : file;
      if (features.every(Number.isFinite)) rows.push({ features, target, weight, source, group, episodeId, at });
      else skip('features are not finite');
    };
    const index = judgedIndex(episode, events);
    if (index === null) {
      skip(episode.offered === null ? 'silent' : 'unknown candidate');
      continue;
    }
    const features = featuresOf(offerableOf(episode, index));
    const addPair = (better: Float64Array, worse: Float64Array, weight: number): void =>
      add(
        'pair',
        better.map((value, i) => value - worse[i]!),
        { target: pair.difference, weight },
      );

    let explicit = false;
    for (const rating of ratingsIn(entry)) {
      const label = fromRating(rating, shifts.get(rating.rater) ?? 0);
      if (label === null) skip('rating without a verdict');
      else {
        explicit = true;
        add(label.source, features, label);
      }
      if (rating.correction === null) continue;
      if (rating.correction === episode.candidates[index]!.text) skip('correction is the proposal');
      else addPair(featuresOf(offerableText(episode, rating.correction, index)), features, pair.corrected);
    }
    const happened = fromEvents(episode, events);
    if (explicit) skip('explicit rating counts');
    else if (typeof happened === 'string') skip(happened);
    else add('event', features, happened);

    if (!events.some(({ type }) => type === 'accepted')) continue;
    const seen = siblingsSeen(episode, events, index);
    if (seen.length === 0 && episode.candidates.length > 1) skip('no other candidate was seen');
    for (const other of seen) addPair(features, featuresOf(offerableOf(episode, other)), pair.chosen / seen.length);
    const left = latest(events, 'retained');
    if (left?.text !== undefined && left.text.trim() !== '' && (left.share ?? 1) < 1 && (left.share ?? 1) >= 0.2) {
      addPair(featuresOf(offerableText(episode, left.text, index)), features, pair.edited);
    }
  }
  return { version: labelVersion, rows, skipped };
}

const ratingsIn = ({ rating, otherRatings }: Judged): readonly Rating[] =>
  (rating === null ? otherRatings : [rating, ...otherRatings]).filter(({ withdrawn }) => !withdrawn);

const latest = (events: readonly Event[], type: EventType): Event | undefined =>
  events.filter((event) => event.type === type).at(-1);

/** Of several candidates, the one that was taken need not be the first offered. Null: nothing was offered, or it is unknown. */
function judgedIndex({ candidates, offered }: Episode, events: readonly Event[]): number | null {
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

/** The thumb wins over a slider that contradicts it; reasons alone are a thumb down. */
function fromRating(rating: Rating, shift: number): (Label & { readonly source: LabelSource }) | null {
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
