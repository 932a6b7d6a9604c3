/** Where an episode's text stood: what was before and behind it. Offsets are not trusted, the file may have changed. */
export interface Anchor {
  readonly prefix: string;
  readonly suffix: string;
  /** Zero-based line where it stood then; of several places the nearest is taken. */
  readonly line: number;
}

/** Longest stretches first: they are the surest. Shorter ones still hold when lines near them were edited. */
const anchorLengths = [400, 200, 100, 50, 25];
const fewestCharacters = 6;
/** A replacement may be longer than what it replaces, but the place behind it must not be found in another function. */
const farthestCharacters = 8000;

function occurrences(text: string, part: string): number[] {
  const found: number[] = [];
  for (let at = text.indexOf(part); at >= 0 && found.length < 200; at = text.indexOf(part, at + 1)) found.push(at);
  return found;
}

const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length - 1;

/** Offset behind the prefix; null when it can't be told. */
function startOf(text: string, { prefix, line }: Anchor): number | null {
  if (prefix === '') return 0;
  for (const length of anchorLengths) {
    const part = prefix.slice(-length);
    // A few braces and spaces are everywhere.
    if (part.replace(/\W/g, '').length < fewestCharacters && part.length < prefix.length) return null;
    const ends = occurrences(text, part).map((at) => at + part.length);
    const [first] = ends.sort((a, b) => Math.abs(lineAt(text, a) - line) - Math.abs(lineAt(text, b) - line));
    if (first !== undefined) return first;
  }
  return null;
}

function endOf(text: string, start: number, suffix: string): number | null {
  if (suffix.trim() === '') return text.slice(start).trimEnd().length + start;
  for (const length of anchorLengths) {
    const part = suffix.slice(0, length);
    if (part.trim() === '') return null;
    const at = text.indexOf(part, start);
    if (at >= 0 && at - start <= farthestCharacters) return at;
  }
  return null;
}

/**
 * Finds what stands between the anchor's prefix and suffix in `text` now; null when either is gone. Line ends must be
 * `\n` in both.
 */
export function locate(text: string, anchor: Anchor): { readonly start: number; readonly end: number } | null {
  const start = startOf(text, anchor);
  if (start === null) return null;
  const end = endOf(text, start, anchor.suffix);
  return end === null ? null : { start, end };
}
