import type { Episode, Range } from '../../protocol/episode.ts';

/**
 * Where an episode's place is now in `text`: the file has been edited since. What was proposed is looked for first, then
 * what stood there, then the line before it; of several finds the nearest to the old line wins. Nothing found: the old
 * line, as far as the file reaches.
 */
export function locate(text: string, episode: Pick<Episode, 'range' | 'before' | 'prefix'>, proposed: string): Range {
  const lineStarts = startsOfLines(text);
  const expected = lineStarts[Math.min(episode.range.startLine, lineStarts.length - 1)]!;
  for (const wanted of [proposed, episode.before]) {
    const needle = wanted.trim();
    // A bracket or a single letter is found everywhere.
    if (needle.length < 4) continue;
    const at = nearest(text, needle, expected);
    if (at !== null) return rangeOf(lineStarts, at, at + needle.length);
  }
  const lineBefore = episode.prefix
    .split('\n')
    .slice(0, -1)
    .filter((line) => line.trim().length >= 4)
    .at(-1);
  const anchor = lineBefore === undefined ? null : nearest(text, lineBefore, expected);
  if (lineBefore !== undefined && anchor !== null) {
    const end = anchor + lineBefore.length;
    const next = text.indexOf('\n', end);
    return rangeOf(lineStarts, next < 0 ? end : next + 1, next < 0 ? end : next + 1);
  }
  return rangeOf(lineStarts, expected, expected);
}

function nearest(text: string, needle: string, expected: number): number | null {
  const after = text.indexOf(needle, expected);
  const before = text.lastIndexOf(needle, expected);
  if (after < 0) return before < 0 ? null : before;
  return before >= 0 && expected - before < after - expected ? before : after;
}

function startsOfLines(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

function rangeOf(lineStarts: readonly number[], start: number, end: number): Range {
  const lineAt = (offset: number): number => {
    let low = 0;
    let high = lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (lineStarts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  const startLine = lineAt(start);
  const endLine = lineAt(end);
  return {
    startLine,
    startCharacter: start - lineStarts[startLine]!,
    endLine,
    endCharacter: end - lineStarts[endLine]!,
  };
}
