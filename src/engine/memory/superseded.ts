/** A newer accepted edit of the same lines makes an older one stale: showing it would teach what was already changed. */
import { keptText } from './kept.ts';
import type { StoredEpisode } from './store.ts';

/** An edit in whole lines, without those that stand everywhere (`}`, `else`); each line as a 32-bit hash. */
export interface EditedLines {
  readonly file: string;
  readonly at: number;
  /** What stood there before. */
  readonly touched: readonly number[];
  /** What stood there afterwards. */
  readonly result: readonly number[];
  /** The line above; tells one `return null;` from another. */
  readonly above: number;
}

const shortestTellingLine = 4;
/** Share of the smaller side's lines that must be the same. */
const sharedShare = 0.5;

/** FNV-1a over the line without its indentation and extra spaces. */
function lineHash(line: string): number {
  const text = line.trim().replace(/\s+/g, ' ');
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash | 0;
}

function telling(text: string): number[] {
  const lines = text.split('\n').filter((line) => line.trim().length >= shortestTellingLine && /\p{L}/u.test(line));
  return [...new Set(lines.map(lineHash))];
}

export function editedLines(entry: StoredEpisode): EditedLines {
  const { file, at, prefix, before, suffix } = entry.episode;
  const lineStart = prefix.lastIndexOf('\n') + 1;
  const lineEnd = suffix.indexOf('\n');
  const left = prefix.slice(lineStart);
  const right = lineEnd < 0 ? suffix : suffix.slice(0, lineEnd);
  const above = prefix.slice(0, lineStart).trimEnd();
  return {
    file,
    at,
    touched: telling(left + before + right),
    result: telling(left + (keptText(entry) ?? before) + right),
    above: lineHash(above.slice(above.lastIndexOf('\n') + 1)),
  };
}

/**
 * Does one of `newer`, accepted edits, replace what `older` is about? They must be of one file, and what the newer one replaced must
 * be mostly what `older` replaced or wrote. A single line also needs the same line above it. Line numbers are not compared: they
 * move with every edit further up.
 */
export function isReplaced(older: EditedLines, newer: readonly EditedLines[]): boolean {
  // A handful of lines: looking through them is cheaper than a set.
  const was = (line: number): boolean => older.touched.includes(line) || older.result.includes(line);
  const lines = older.result.reduce((sum, line) => sum + (older.touched.includes(line) ? 0 : 1), older.touched.length);
  return newer.some(({ file, at, touched, above }) => {
    if (file === '' || file !== older.file || at <= older.at) return false;
    let shared = 0;
    for (const line of touched) if (was(line)) shared++;
    if (shared === 0 || shared / Math.min(touched.length, lines) < sharedShare) return false;
    return shared > 1 || above === older.above;
  });
}
