/** What the form holds: the stored rating with the fields the user changed but has not saved. */
import type { EpisodeCard, Rating } from '../src/protocol/episode.ts';
import type { RatingDraft } from '../src/protocol/webview.ts';

/** Only the touched fields, so that a rating given elsewhere meanwhile is not overwritten by an old copy of it. */
export type Draft = Partial<RatingDraft>;

export const emptyRating: RatingDraft = { thumb: null, score: null, reasons: [], comment: '', correction: null };

/** The stored rating as form content; nothing rated or withdrawn: empty. */
export function storedRating(rating: Rating | null): RatingDraft {
  if (rating === null || rating.withdrawn) return emptyRating;
  const { thumb, score, reasons, comment, correction } = rating;
  return { thumb, score, reasons, comment, correction };
}

/** What the form shows. */
export function formContent(card: Pick<EpisodeCard, 'rating'>, draft: Draft | undefined): RatingDraft {
  return { ...storedRating(card.rating), ...draft };
}

/** `draft` without the fields that say what is stored already; undefined when nothing is left. */
export function remainder(draft: Draft | undefined, stored: RatingDraft): Draft | undefined {
  if (!draft) return undefined;
  const entries = Object.entries(draft).filter(
    ([field, value]) => !sameField(value, stored[field as keyof RatingDraft]),
  );
  return entries.length === 0 ? undefined : (Object.fromEntries(entries) as Draft);
}

/** True if the rating says nothing at all: then it is withdrawn rather than stored. */
export function isEmpty(content: RatingDraft): boolean {
  return remainder(content, emptyRating) === undefined;
}

function sameField(a: Draft[keyof Draft], b: RatingDraft[keyof RatingDraft]): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item) => b.includes(item));
  return a === b;
}
