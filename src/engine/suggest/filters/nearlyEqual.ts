/** Lines that differ by next to nothing: a model that writes one has arrived at the other. */
import { distance } from './distance.ts';

/** Share of a line that may differ, as in Continue. */
const mostDifferent = 0.1;

/** White space aside, less than a tenth of the longer line differs; the same line counts too. */
export function nearlyEqual(a: string, b: string): boolean {
  const [one, other] = [a.trim().replace(/\s+/g, ' '), b.trim().replace(/\s+/g, ' ')];
  if (one === other) return true;
  const longest = Math.max(one.length, other.length);
  const most = Math.ceil(longest * mostDifferent) - 1;
  if (Math.abs(one.length - other.length) > most) return false;
  return distance(one, other, most) <= most;
}

/**
 * True when `line` is `next` written again. In a row of lines that resemble each other (a table, a list of imports) the one
 * above the place, `above`, is as near to `next`: there only the very same line is.
 */
export function isWrittenAgain(line: string, next: string, above: string | null): boolean {
  if (line.trim() === next.trim()) return true;
  return nearlyEqual(line, next) && (above === null || !nearlyEqual(above, next));
}
