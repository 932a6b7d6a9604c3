/**
 * Messages between the extension host and the rating panel. The host pushes snapshots, the view keeps no truth;
 * whatever comes from the view is validated, since a webview is an attack surface.
 */
import * as v from 'valibot';
import { EpisodeCard, Id, Reason } from './episode.ts';

export const PanelFilter = v.picklist(['all', 'unrated', 'good', 'bad', 'accepted', 'rejected', 'forbidden']);
export type PanelFilter = v.InferOutput<typeof PanelFilter>;

export const RatingDraft = v.object({
  thumb: v.nullable(v.picklist(['up', 'down'])),
  score: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10))),
  reasons: v.array(Reason),
  comment: v.pipe(v.string(), v.maxLength(10_000)),
  correction: v.nullable(v.pipe(v.string(), v.maxLength(200_000))),
});
export type RatingDraft = v.InferOutput<typeof RatingDraft>;

/** Host → view. */
export type ToPanel =
  | {
      readonly type: 'snapshot';
      readonly cards: readonly EpisodeCard[];
      readonly total: number;
      readonly query: string;
      readonly filter: PanelFilter;
      /** Bytes on disk and cap, for the size line. */
      readonly size: { readonly bytes: number; readonly capBytes: number; readonly episodes: number };
      /** A sentence when the engine is down or the workspace untrusted; empty when all is well. */
      readonly problem: string;
    }
  /** Acknowledges a `rate` (after fsync), `direct` or `withdraw`, or says why it failed. */
  | { readonly type: 'saved'; readonly episodeId: string; readonly ok: boolean; readonly message: string }
  | {
      readonly type: 'why';
      readonly episodeId: string;
      readonly examples: readonly { readonly similarity: number; readonly card: EpisodeCard }[];
    }
  /** What the file holds now where the proposal stood; null when it can't be found. */
  | { readonly type: 'current'; readonly episodeId: string; readonly text: string | null }
  /** Select this card and focus the list (from a command). */
  | { readonly type: 'reveal'; readonly episodeId: string };

/** View → host. */
export const FromPanel = v.variant('type', [
  v.object({ type: v.literal('ready') }),
  v.object({ type: v.literal('search'), query: v.pipe(v.string(), v.maxLength(1000)), filter: PanelFilter }),
  v.object({ type: v.literal('rate'), episodeId: Id, draft: RatingDraft }),
  v.object({ type: v.literal('withdraw'), episodeId: Id }),
  v.object({ type: v.literal('why'), episodeId: Id }),
  v.object({ type: v.literal('current'), episodeId: Id }),
  v.object({ type: v.literal('direct'), episodeId: Id, use: v.picklist(['never', 'allowed', 'deleted']) }),
  v.object({ type: v.literal('open'), episodeId: Id }),
  v.object({ type: v.literal('export') }),
  v.object({ type: v.literal('command'), command: v.picklist(['selectModel', 'showMemoryStats', 'importMemory', 'resetMemory']) }),
]);
export type FromPanel = v.InferOutput<typeof FromPanel>;

/** Every string the panel shows, translated by the host and put into the page as JSON. */
export type PanelStrings = Readonly<Record<string, string>>;
