/**
 * The records of the memory: what was decided (episode), what happened (event), what a person said (rating) and how the
 * record may be used (directive). They are append-only and merge by id, so that two windows can never conflict.
 * The same schemas validate journals, JSONL imports and RPC.
 */
import * as v from 'valibot';

/** UUIDv7 in lower case: sorts by time of creation. */
export const Id = v.pipe(v.string(), v.regex(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/));
/** Milliseconds since the epoch. */
export const Time = v.pipe(v.number(), v.finite(), v.minValue(0));
const Count = v.pipe(v.number(), v.integer(), v.minValue(0));
/** No stored text is longer than this many UTF-16 units. */
export const maxTextLength = 200_000;
const Text = v.pipe(v.string(), v.maxLength(maxTextLength));

/** Zero-based lines and UTF-16 characters, end exclusive, as in VS Code. */
export const Range = v.object({ startLine: Count, startCharacter: Count, endLine: Count, endCharacter: Count });
export type Range = v.InferOutput<typeof Range>;

export const Candidate = v.object({
  id: Id,
  /** The text that takes the place of the episode's `before`. */
  text: Text,
  /** Which model wrote it: `workspace`, `openai:gpt-x`, `ollama:qwen2.5-coder:1.5b`, `vscode:…`. */
  model: v.pipe(v.string(), v.maxLength(300)),
  /** The model's own probability of this text, 0 to 1, where it gives one. */
  probability: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
  /** Name of the filter that dropped it; absent if it could be offered. */
  droppedBy: v.optional(v.pipe(v.string(), v.maxLength(100))),
  /** What the decision saw of it, in the order of the episode's `featureVersion`; absent where a filter dropped it. */
  features: v.optional(v.pipe(v.array(v.pipe(v.number(), v.finite())), v.maxLength(200))),
  /** Probability with which this one was offered first. */
  propensity: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
});
export type Candidate = v.InferOutput<typeof Candidate>;

export const ExampleUse = v.object({
  episodeId: Id,
  /** Cosine similarity of the example to the place, −1 to 1. */
  similarity: v.pipe(v.number(), v.minValue(-1.001), v.maxValue(1.001)),
});
export type ExampleUse = v.InferOutput<typeof ExampleUse>;

export const Episode = v.object({
  id: Id,
  at: Time,
  /** `inline`: ghost text while typing. `edit`: asked for with an instruction. `nextEdit`: a change repeated elsewhere. */
  kind: v.picklist(['inline', 'edit', 'nextEdit']),
  /** Path inside its workspace folder with `/`; empty for an untitled document. */
  file: v.pipe(v.string(), v.maxLength(4096)),
  languageId: v.pipe(v.string(), v.maxLength(100)),
  range: Range,
  /** What the developer asked for; empty otherwise. */
  instruction: Text,
  /** Text before the range, its last part (secrets redacted). */
  prefix: Text,
  /** The text in the range that a candidate replaces; often empty for inline. */
  before: Text,
  /** Text after the range, its first part (secrets redacted). */
  suffix: Text,
  candidates: v.pipe(v.array(Candidate), v.maxLength(50)),
  /** Index into `candidates` of what was offered first; null: silence. */
  offered: v.nullable(Count),
  /** Probability with which that choice, silence included, was made. */
  propensity: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
  /** The examples that stood in the prompt (or voted for the candidate). */
  examples: v.pipe(v.array(ExampleUse), v.maxLength(100)),
  /**
   * Similarity of the nearest example that stood in the prompt or spoke for any candidate, as it was known when the choice was made;
   * null: there was none. Absent: as `examples` say.
   */
  similarity: v.optional(v.nullable(v.pipe(v.number(), v.minValue(-1.001), v.maxValue(1.001)))),
  /** Which table the candidates' features follow. */
  featureVersion: v.optional(Count),
  /** When it was asked for; `at` is when it was decided. */
  requestedAt: v.optional(Time),
  /** The episode this one refines. */
  followUpOf: v.optional(Id),
  /** `control`: decided without memory and without anything learnt, to see whether those help. Absent: as ever. */
  arm: v.optional(v.literal('control')),
  /** The trained versions that had a say in the choice. */
  versions: v.optional(v.pipe(v.array(Id), v.maxLength(10))),
  /** Who made the episode: `developer`, or another name for imported ones. */
  author: v.optional(v.pipe(v.string(), v.maxLength(200))),
});
export type Episode = v.InferOutput<typeof Episode>;

export const eventTypes = [
  'offered',
  'shown',
  'read',
  'accepted',
  'partlyAccepted',
  'rejected',
  'ignored',
  'reverted',
  'retained',
] as const;
export const Event = v.object({
  id: Id,
  episodeId: Id,
  candidateId: v.optional(Id),
  at: Time,
  type: v.picklist(eventTypes),
  /** Why, for `rejected` and `ignored`: a reason chip, `escape`, `moved`, `superseded`, `typedPast`, `blurred`, … */
  reason: v.optional(v.pipe(v.string(), v.maxLength(200))),
  /** For `partlyAccepted` the part taken; for `retained` the text that stands there now. */
  text: v.optional(Text),
  /** For `retained`: share of the text that survived, 0 to 1. */
  share: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
  /** For `retained`: how long after it was taken, in milliseconds. */
  afterMs: v.optional(v.pipe(v.number(), v.minValue(0))),
});
export type Event = v.InferOutput<typeof Event>;
export type EventType = Event['type'];

/** What can be wrong with a proposal; the chips of the rating panel. Order is the order on screen. */
export const reasons = [
  'wrongPlace',
  'wrongStyle',
  'brokenCode',
  'repeats',
  'inventedNames',
  'tooMuch',
  'tooLittle',
  'undidMyChange',
] as const;
export const Reason = v.picklist(reasons);
export type Reason = v.InferOutput<typeof Reason>;

export const Rating = v.object({
  id: Id,
  episodeId: Id,
  at: Time,
  rater: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
  thumb: v.nullable(v.picklist(['up', 'down'])),
  score: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10))),
  reasons: v.pipe(v.array(Reason), v.maxLength(reasons.length)),
  comment: Text,
  /** What the rater wanted in place of `before`; null: not said. Empty string: nothing at all. */
  correction: v.nullable(Text),
  /** True: this rating takes the rater's earlier one back. */
  withdrawn: v.boolean(),
});
export type Rating = v.InferOutput<typeof Rating>;

/** `never`: not to be used as an example again. `allowed`: that is lifted. `deleted`: soft delete of the episode. */
export const Directive = v.object({
  id: Id,
  episodeId: Id,
  at: Time,
  use: v.picklist(['never', 'allowed', 'deleted']),
});
export type Directive = v.InferOutput<typeof Directive>;

/** One line of a journal or of an exported file. */
export const MemoryRecord = v.variant('record', [
  v.object({ record: v.literal('episode'), value: Episode }),
  v.object({ record: v.literal('event'), value: Event }),
  v.object({ record: v.literal('rating'), value: Rating }),
  v.object({ record: v.literal('directive'), value: Directive }),
]);
export type MemoryRecord = v.InferOutput<typeof MemoryRecord>;

/** Good: thumb up, or 7 and above without a thumb down. Bad: thumb down, or 4 and below. The thumb wins over the slider. */
export function verdict(rating: Rating | null): 'good' | 'bad' | 'neutral' | 'unrated' {
  if (rating === null || rating.withdrawn) return 'unrated';
  if (rating.thumb === 'up') return 'good';
  if (rating.thumb === 'down') return 'bad';
  if (rating.score === null) return rating.reasons.length > 0 ? 'bad' : 'unrated';
  return rating.score >= 7 ? 'good' : rating.score <= 4 ? 'bad' : 'neutral';
}

/** What became of an episode, as far as its events tell. */
export const Outcome = v.object({
  type: v.picklist(['silent', ...eventTypes]),
  reason: v.optional(v.string()),
  at: Time,
  /** Which candidate it happened to, where the event says so: of several, the one accepted need not be the first offered. */
  candidateId: v.optional(Id),
  /** For `retained`: share of the text that survived, 0 to 1. */
  share: v.optional(v.number()),
});
export type Outcome = v.InferOutput<typeof Outcome>;

const rank: Record<EventType, number> = {
  offered: 0,
  shown: 1,
  read: 2,
  ignored: 3,
  rejected: 4,
  partlyAccepted: 5,
  accepted: 6,
  retained: 7,
  reverted: 8,
};

/** The furthest event decides; among equals the latest. */
export function outcomeOf(episode: Pick<Episode, 'at'>, events: readonly Event[]): Outcome {
  let best: Event | undefined;
  for (const event of events) {
    if (!best || rank[event.type] > rank[best.type] || (event.type === best.type && event.at >= best.at)) best = event;
  }
  if (!best) return { type: 'silent', at: episode.at };
  return {
    type: best.type,
    at: best.at,
    ...(best.reason === undefined ? {} : { reason: best.reason }),
    ...(best.candidateId === undefined ? {} : { candidateId: best.candidateId }),
    ...(best.share === undefined ? {} : { share: best.share }),
  };
}

/** One row of the rating panel: an episode, what was offered, what happened and what was said. */
export const EpisodeCard = v.object({
  episode: Episode,
  outcome: Outcome,
  rating: v.nullable(Rating),
  /** True: "never use this again". */
  forbidden: v.boolean(),
  /** Other people's (or imported) ratings are not shown as mine, but counted. */
  otherRatings: Count,
});
export type EpisodeCard = v.InferOutput<typeof EpisodeCard>;
