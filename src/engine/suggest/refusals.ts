/** What the developer turned down does not come back at its place, nor, if it says enough, at places like it. */
import type { Example, Refusal } from './examples.ts';
import { linePrefix, linesAbove, linesBelow, type Place, squash } from './place.ts';

/** From this similarity on a place is like the one where it was turned down: a bad rating reaches further than an Escape. */
const alike = { rated: 0.6, dismissed: 0.85 } as const;
/** Of fewer visible characters a line, or a text, is a commonplace: wrong here, it is right as often as any other elsewhere. */
export const leastTelling = 12;

/**
 * True when the developer turned this text down here, however much of it has been typed since, or at a place like this and has not
 * taken it at one since. `taken`: examples of such places.
 */
export function isRefused(
  text: string,
  place: Place,
  refusals: readonly Refusal[],
  taken: readonly Pick<Example, 'episodeId' | 'text'>[] = [],
): boolean {
  if (refusals.length === 0) return false;
  const alone = squash(text);
  const before = squash(linePrefix(place));
  const line = before + alone;
  return refusals.some((refusal) => {
    const { text: refusedText, line: refusedLine } = squashed(refusal);
    const sameLine = refusedLine === line;
    // What goes on from a wrong beginning is wrong too, unless there was too little of it.
    const goesOn = refusedText !== '' && line.startsWith(refusedLine) && !refusal.reasons.includes('tooLittle');
    // Typed out by hand in spite of it, it is the developer's.
    if (before.length >= refusedLine.length && before.startsWith(refusedLine)) return false;
    if ((sameLine || goesOn) && isOwnPlace(refusal, place, refusedLine)) return true;
    if (!sameLine && refusedText !== alone) return false;
    if (Math.max(alone.length, sameLine ? line.length : 0) < leastTelling) return false;
    if (refusal.similarity < (refusal.rated ? alike.rated : alike.dismissed)) return false;
    return !taken.some((one) => one.episodeId > refusal.episodeId && squash(one.text) === refusedText);
  });
}

const known = new WeakMap<Refusal, { readonly text: string; readonly line: string }>();

/** Of the same refusals the same is asked at every key. */
function squashed(refusal: Refusal): { readonly text: string; readonly line: string } {
  const found = known.get(refusal);
  if (found !== undefined) return found;
  const made = { text: squash(refusal.text), line: squash(linePrefix(refusal) + refusal.text) };
  known.set(refusal, made);
  return made;
}

/** Lines on either side that tell where in a file one is. */
const neighbours = 4;

/**
 * The refusal's own place in its file: right below the same line (or lines, where one says little). A telling text is known
 * again between the same lines too, whatever was inserted, removed or changed there; of a commonplace that would be said of the next
 * line as well.
 */
function isOwnPlace(refusal: Refusal, place: Place, refusedLine: string): boolean {
  if (refusal.file !== place.file) return false;
  const [theirs, ours] = [near(refusal), near(place)];
  if (nearest(theirs.above) === nearest(ours.above)) return true;
  if (refusedLine.length < leastTelling) return false;
  const shared = (a: readonly string[], b: readonly string[]) => a.some((line) => b.includes(line));
  return shared(theirs.above, ours.above) && shared(theirs.below, ours.below);
}

/** The nearest lines, as many as it takes to tell them from others. */
function nearest(lines: readonly string[]): string {
  const enough = lines.findIndex((_, index) => lines.slice(0, index + 1).join('').length >= leastTelling / 2);
  return lines.slice(0, enough === -1 ? lines.length : enough + 1).join('\n');
}

function near(place: Pick<Place, 'prefix' | 'suffix'>): { readonly above: string[]; readonly below: string[] } {
  const first = (lines: readonly string[]) =>
    lines
      .map(squash)
      .filter((line) => line !== '')
      .slice(0, neighbours);
  return { above: first(linesAbove(place, 30)), below: first(linesBelow(place, 30)) };
}
