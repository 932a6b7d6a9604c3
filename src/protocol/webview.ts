/**
 * Messages between the extension host and the rating panel. The host pushes snapshots, the view keeps no truth;
 * whatever comes from the view is validated, since a webview is an attack surface.
 */
import * as v from 'valibot';
import { type EpisodeCard, Id, type Rating, Reason, reasons } from './episode.ts';

export const PanelFilter = v.picklist(['all', 'unrated', 'good', 'bad', 'accepted', 'rejected', 'forbidden']);
export type PanelFilter = v.InferOutput<typeof PanelFilter>;

/** `informative`: what a rating of would teach most comes first. */
export const PanelOrder = v.picklist(['newest', 'informative']);
export type PanelOrder = v.InferOutput<typeof PanelOrder>;

export const RatingDraft = v.object({
  thumb: v.nullable(v.picklist(['up', 'down'])),
  score: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10))),
  reasons: v.pipe(v.array(Reason), v.maxLength(reasons.length)),
  comment: v.pipe(v.string(), v.maxLength(10_000)),
  correction: v.nullable(v.pipe(v.string(), v.maxLength(200_000))),
});
export type RatingDraft = v.InferOutput<typeof RatingDraft>;

/** Counts the view's requests, so that an acknowledgement is matched to what was asked, not only to the card. */
const Ticket = v.pipe(v.number(), v.integer(), v.minValue(0));

/** What stands in the way, in one sentence; `kind` decides which button is offered. */
export interface PanelProblem {
  readonly kind: 'engineDown' | 'restricted' | 'other';
  readonly message: string;
}

/** An example that stood in the prompt, with its cosine similarity to the place. */
export interface PanelExample {
  readonly similarity: number;
  readonly card: EpisodeCard;
}

/** Host → view. */
export type ToPanel =
  | {
      readonly type: 'snapshot';
      readonly cards: readonly EpisodeCard[];
      readonly total: number;
      readonly query: string;
      readonly filter: PanelFilter;
      readonly order: PanelOrder;
      /** Ids of the few cards a rating of which would teach most. */
      readonly marked: readonly string[];
      /** Bytes on disk and cap, for the size line. */
      readonly size: { readonly bytes: number; readonly capBytes: number; readonly episodes: number };
      /** Null when all is well. */
      readonly problem: PanelProblem | null;
    }
  /** Acknowledges a `rate` (after fsync), `direct` or `withdraw`, or says why it failed. */
  | {
      readonly type: 'saved';
      readonly ticket: number;
      readonly episodeId: string;
      readonly ok: boolean;
      /** What went wrong and what to do about it; empty when `ok`. */
      readonly message: string;
      /** The stored rating, after a `rate` or `withdraw`. */
      readonly rating?: Rating;
    }
  | {
      readonly type: 'why';
      readonly episodeId: string;
      readonly examples: readonly PanelExample[];
      /** Why they could not be had; empty when all is well. */
      readonly problem: string;
    }
  /** What the file holds now where the proposal stood; null when it can't be found. */
  | { readonly type: 'current'; readonly episodeId: string; readonly text: string | null }
  /** Select this card and focus the list (from a command). */
  | { readonly type: 'reveal'; readonly episodeId: string }
  /** Give the keyboard to the selected card (the view was opened by a command). */
  | { readonly type: 'focus' };

export const panelCommands = [
  'selectModel',
  'showMemoryStats',
  'importMemory',
  'resetMemory',
  'proposeEdit',
  'restartEngine',
  'showLog',
  'manageTrust',
] as const;

/** View → host. */
export const FromPanel = v.variant('type', [
  /** Sent once per load: the host forgets an earlier search and pushes a snapshot. */
  v.object({ type: v.literal('ready') }),
  v.object({
    type: v.literal('search'),
    query: v.pipe(v.string(), v.maxLength(1000)),
    filter: PanelFilter,
    order: PanelOrder,
  }),
  v.object({ type: v.literal('rate'), ticket: Ticket, episodeId: Id, draft: RatingDraft }),
  v.object({ type: v.literal('withdraw'), ticket: Ticket, episodeId: Id }),
  v.object({ type: v.literal('why'), episodeId: Id }),
  v.object({ type: v.literal('current'), episodeId: Id }),
  v.object({
    type: v.literal('direct'),
    ticket: Ticket,
    episodeId: Id,
    use: v.picklist(['never', 'allowed', 'deleted']),
  }),
  v.object({ type: v.literal('open'), episodeId: Id }),
  /** How this episode came about, as a document beside the panel. */
  v.object({ type: v.literal('trace'), episodeId: Id }),
  v.object({ type: v.literal('export') }),
  v.object({ type: v.literal('command'), command: v.picklist(panelCommands) }),
]);
export type FromPanel = v.InferOutput<typeof FromPanel>;

/** Every string the panel shows, translated by the host and put into the page as JSON; `{0}` stands for a value. */
export type PanelStrings = Readonly<Record<string, string>>;
