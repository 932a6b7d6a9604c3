import { redacted, redactSecrets } from '../workspace/redact.ts';
import type { Place } from './place.ts';

/** A place without its secrets. */
export interface RedactedPlace extends Place {
  /** How many secrets were taken out of `prefix`, `before` and `suffix`. */
  readonly secrets: number;
  /** The place begins or ends inside a secret: what is asked for would be part of it. */
  readonly insideSecret: boolean;
}

const hasNone = (text: string): boolean => redactSecrets(text).count === 0;
/** What only looks like a secret because the place cuts it off ends there. */
const nearCharacters = 4000;

/** Takes the secrets out, also one that is cut in two by the place. */
export function redactPlace(place: Place): RedactedPlace {
  const { prefix: above, before: inside, suffix: below } = place;
  if (
    hasNone(above + inside + below) &&
    [above.slice(-nearCharacters), inside, below.slice(0, nearCharacters)].every(hasNone)
  )
    return { ...place, secrets: 0, insideSecret: false };
  const parts = [place.prefix, place.before, place.suffix].map((text) => redactSecrets(text));
  const apart = parts.reduce((sum, { count }) => sum + count, 0);
  const together = redactSecrets(place.prefix + place.before + place.suffix);
  const [prefix, before, suffix] = parts.map(({ text }) => text) as [string, string, string];
  // Cut in two, a secret may be recognized by neither half, or by both.
  const insideSecret = together.count > apart || together.text !== prefix + before + suffix;
  if (!insideSecret) return { ...place, prefix, before, suffix, secrets: apart, insideSecret };
  return {
    ...place,
    prefix: prefix.replace(/[^\s"'`=:,;()<>]+$/, redacted),
    before:
      place.before === '' ? '' : before.replace(/^[^\s"'`=:,;()<>]+/, redacted).replace(/[^\s"'`=:,;()<>]+$/, redacted),
    suffix: suffix.replace(/^[^\s"'`=:,;()<>]+/, redacted),
    secrets: Math.max(1, apart),
    insideSecret,
  };
}

/**
 * Puts the secrets of `original` back where `answer` kept their placeholders, in order. Null when the answer holds more
 * or fewer placeholders than there are secrets, so that no wrong one ends up anywhere.
 */
export function restoreSecrets(answer: string, original: string): string | null {
  const { text, count } = redactSecrets(original);
  const gaps = answer.split(redacted);
  if (count === 0 || gaps.length === 1) return answer;
  const values = valuesOf(text, original);
  if (values === null || values.length !== gaps.length - 1) return null;
  return gaps.reduce((whole, gap, index) => whole + values[index - 1]! + gap);
}

/** What the placeholders of `text` stand for in `original`; null if the two don't fit. */
function valuesOf(text: string, original: string): string[] | null {
  const pieces = text.split(redacted);
  const values: string[] = [];
  let at = pieces[0]!.length;
  for (const [index, piece] of pieces.entries()) {
    if (index === 0) continue;
    const last = index === pieces.length - 1;
    const next = last ? original.length - piece.length : original.indexOf(piece, at + 1);
    if (next < at || (piece === '' && !last)) return null;
    values.push(original.slice(at, next));
    at = next + piece.length;
  }
  return values;
}
