/**
 * What can become of a suggestion, as one pure state machine. The table is the only place that knows which step may follow
 * which; from it come both the types (an illegal step does not compile) and the check of stored events.
 *
 *     requested ─▶ offered ─▶ shown ─▶ read ─┬▶ accepted ────▶ reverted           undo within 10 s
 *         │           │         │        │   ├▶ partlyAccepted ─▶ …               a word or a line, as often as wanted
 *         └▶ silent   └─────────┴────────┘   ├▶ rejected                          Escape, a button, deleted into
 *                       each of these three  └▶ ignored                           nobody said anything
 *                       may also end early
 *
 *     accepted, partlyAccepted ─▶ retained ─▶ retained      what survived after 30 s, after 120 s
 *
 * What has ended (but for `rejected`) may be offered and shown again, as after an undo: `shown` then begins a new round.
 */
import type { Event, EventType } from './episode.ts';

/** `requested` and `silent` are known from the episode itself and are no events. */
export type Stage = 'requested' | 'silent' | EventType;

const table = {
  requested: ['silent', 'offered'],
  silent: [],
  offered: ['shown', 'accepted', 'partlyAccepted', 'rejected', 'ignored'],
  shown: ['read', 'accepted', 'partlyAccepted', 'rejected', 'ignored', 'shown'],
  read: ['accepted', 'partlyAccepted', 'rejected', 'ignored', 'shown'],
  partlyAccepted: ['shown', 'read', 'partlyAccepted', 'accepted', 'rejected', 'ignored', 'reverted', 'retained'],
  accepted: ['reverted', 'retained', 'offered', 'shown'],
  /** Refused with all its alternatives, each has its own. */
  rejected: ['rejected'],
  /** After a time-out it is still on the screen; and VS Code may tell late that it was taken. Else: offered again. */
  ignored: ['offered', 'shown', 'partlyAccepted', 'accepted', 'rejected', 'reverted', 'retained'],
  /** Of a word that was undone the offer is on the screen again. */
  reverted: ['offered', 'shown', 'partlyAccepted', 'accepted', 'rejected', 'ignored'],
  retained: ['retained', 'offered', 'shown'],
} as const satisfies Record<Stage, readonly Stage[]>;

type Table = typeof table;
/** Stages from which `T` may follow. */
type Before<T extends Stage> = { [S in Stage]: T extends Table[S][number] ? S : never }[Stage];
/** Stages that may follow whichever of `S` it is. */
export type After<S extends Stage> = { [T in Stage]: [S] extends [Before<T>] ? T : never }[Stage];

export type RejectedReason = 'escape' | 'deleted' | 'button';
/** `closed`: of a requested edit whose document went away. `refined`: the developer asked on. */
export type IgnoredReason = 'typedPast' | 'moved' | 'blurred' | 'timedOut' | 'superseded' | 'closed' | 'refined';

/** What is known with each step. */
interface Facts {
  shown: object;
  read: object;
  /**
   * `typed`: by hand, to the last character. `inserted`: it came in one piece, but not through us: a paste, say. `all`: with all other
   * places of a change.
   */
  accepted: { readonly reason?: 'typed' | 'inserted' | 'all' };
  partlyAccepted: { readonly text: string };
  rejected: { readonly reason: RejectedReason | (string & {}) };
  ignored: { readonly reason: IgnoredReason };
  reverted: object;
  /** `share`: how much of the text survived, 0 to 1; `text`: what stands there now. */
  retained: { readonly afterMs: number; readonly share: number; readonly text?: string };
}
/** All that is told of a step. */
export type FactOf<T extends SeenStage> = Facts[T] & { readonly at: number; readonly candidateId?: string | undefined };
/** Steps the editor sees. `offered` is written by the engine. */
export type SeenStage = keyof Facts;

/** A fact about a suggestion as the editor sees it; the engine gives it its id. */
export type LifecycleEvent = Omit<Event, 'id'>;

/** Where one suggestion stands. Its stage is in its type as far as the code knows it; a union of stages is told apart by `stage`. */
export type Life<S extends Stage = Stage> = { [K in S]: { readonly stage: K; readonly episodeId: string } }[S];

/** The beginning: the engine has been asked and has named its episode. */
export const offeredLife = (episodeId: string): Life<'offered'> => ({ stage: 'offered', episodeId });

/** One legal step: the new state and the event that tells of it. */
export function step<L extends Life, T extends After<L['stage']> & SeenStage>(
  life: L,
  to: T,
  fact: FactOf<T>,
): { readonly life: { readonly stage: T; readonly episodeId: string }; readonly event: LifecycleEvent } {
  const { candidateId, at, ...rest } = fact;
  const { episodeId } = life;
  const event = { episodeId, ...(candidateId === undefined ? {} : { candidateId }), at, type: to, ...rest };
  return { life: { stage: to, episodeId }, event };
}

/** Whether `to` may follow `from`: for events that were stored, imported or replayed. */
export const follows = (from: Stage, to: Stage): boolean => (table[from] as readonly Stage[]).includes(to);

/** The stage a history leads to, and how many of its steps were illegal (they are skipped). Events in order of time. */
export function historyOf(events: readonly Pick<Event, 'type'>[]): { readonly stage: Stage; readonly illegal: number } {
  let stage: Stage = 'requested';
  let illegal = 0;
  for (const { type } of events) {
    // Imported histories may lack the offer itself.
    if (follows(stage, type) || (stage === 'requested' && follows('offered', type))) stage = type;
    else illegal += 1;
  }
  return { stage, illegal };
}
