/** A line of a file of ratings: a record of this memory, or a line of TRL's unpaired preferences that names its episode. */
import * as v from 'valibot';
import { describeIssues } from '../../../protocol/connection.ts';
import { Rating } from '../../../protocol/episode.ts';
import { headerIn, portableVersion } from '../../memory/portable.ts';

const Completion = v.union([
  v.string(),
  v.pipe(v.array(v.object({ role: v.string(), content: v.string() })), v.minLength(1)),
]);
/** What is read of TRL's format, with the columns of our own export; others are let be. */
const TrlLine = v.object({
  episode_id: v.string(),
  label: v.boolean(),
  /** 0 to 1. */
  score: v.nullish(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
  completion: v.nullish(Completion),
  rater: v.nullish(v.pipe(v.string(), v.maxLength(200))),
});

export type RatingLine =
  | { readonly type: 'rating'; readonly rating: Rating }
  | {
      readonly type: 'label';
      readonly episodeId: string;
      readonly thumb: 'up' | 'down';
      /** 1 to 10. */
      readonly score: number | null;
      readonly rater: string | null;
      /** The text that was labelled, as the model said it; null: not given. */
      readonly said: string | null;
    }
  /** A header, or another record of a memory. */
  | { readonly type: 'other' }
  | { readonly type: 'newer' }
  | { readonly type: 'problem'; readonly problem: string };

/** `text` is one line, not empty. */
export function ratingLine(text: string): RatingLine {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { type: 'problem', problem: 'not valid JSON' };
  }
  const header = headerIn(text);
  if (header) return header.attune > portableVersion ? { type: 'newer' } : { type: 'other' };
  if (typeof value !== 'object' || value === null) return { type: 'problem', problem: unknownForm };
  if ('record' in value) {
    if (value.record !== 'rating') return { type: 'other' };
    const parsed = v.safeParse(Rating, 'value' in value ? value.value : undefined);
    if (parsed.success) return { type: 'rating', rating: parsed.output };
    return { type: 'problem', problem: describeIssues(parsed.issues) };
  }
  if (!('episode_id' in value && 'label' in value)) return { type: 'problem', problem: unknownForm };
  const parsed = v.safeParse(TrlLine, value);
  if (!parsed.success) return { type: 'problem', problem: describeIssues(parsed.issues) };
  const { episode_id: episodeId, label, score, completion, rater } = parsed.output;
  return {
    type: 'label',
    episodeId,
    thumb: label ? 'up' : 'down',
    score: typeof score === 'number' ? Math.round(1 + 9 * score) : null,
    rater: rater?.trim() || null,
    said: typeof completion === 'string' ? completion : (completion?.at(-1)?.content ?? null),
  };
}

const unknownForm = 'neither a rating record nor a TRL line with “episode_id” and “label”';

const fence = /^\s*(`{3,})[^\n]*\n([\s\S]*?)\n?\1\s*$/;
const fill = /^\s*<fill>([\s\S]*)<\/fill>\s*$/;

/** Whether `said` can be what a model answered to propose `text`: markup around it, space and the ends of an inline text apart. */
export function says(said: string, text: string): boolean {
  const inside = fence.exec(said)?.[2] ?? fill.exec(said)?.[1] ?? said;
  const [a, b] = [inside, text].map((one) => one.replace(/\s+/g, '')) as [string, string];
  return fill.test(said) ? b.includes(a) : a === b;
}
