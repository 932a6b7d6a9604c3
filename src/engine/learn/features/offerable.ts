/** A candidate where it would be offered: what the features are computed from, in training and in serving alike. */
import type { Episode } from '../../../protocol/episode.ts';
import type { Decision } from '../decisions.ts';

export interface Offerable extends Decision {
  readonly kind: Episode['kind'];
  /** The text it would take the place of; often empty for inline. */
  readonly before: string;
  readonly suffix: string;
  readonly instruction: string;
  /** Cosine of the nearest rated example in the prompt; null: there was none. */
  readonly similarity: number | null;
}

/** Of each candidate that no filter dropped, with its index. */
export function offerablesOf(episode: Episode): readonly { readonly index: number; readonly offerable: Offerable }[] {
  return episode.candidates.flatMap(({ droppedBy }, index) =>
    droppedBy === undefined ? [{ index, offerable: offerableOf(episode, index) }] : [],
  );
}

export function offerableOf(episode: Episode, index: number): Offerable {
  const { text } = episode.candidates[index]!;
  return offerableText(episode, text, index);
}

/** Any text at the episode's place, as a correction; of the model that wrote candidate `index`, or of nobody. */
export function offerableText(episode: Episode, text: string, index: number | null): Offerable {
  const {
    id,
    at,
    kind,
    file,
    languageId,
    range,
    prefix,
    before,
    suffix,
    instruction,
    candidates,
    examples,
    similarity,
  } = episode;
  const candidate = index === null ? undefined : candidates[index];
  const rivals = candidates.map((one, i) => (i === index ? 0 : (one.probability ?? 0)));
  return {
    id,
    at,
    kind,
    file,
    languageId,
    line: range.startLine,
    prefix,
    before,
    suffix,
    instruction,
    text,
    model: candidate?.model ?? '',
    probability: candidate?.probability ?? null,
    rival: Math.max(0, ...rivals),
    similarity: similarity === undefined ? nearestOf(examples) : similarity,
  };
}

/** Cosine of the nearest; null: there is none. */
export const nearestOf = (examples: Episode['examples']): number | null =>
  examples.length === 0 ? null : Math.max(...examples.map(({ similarity }) => similarity));
