import { inkOf } from '../place.ts';
import type { Filter } from './filter.ts';

/** A period of at most `period` tokens that fills the last `window` tokens is a loop (the figures are Copilot's). */
const loops = [
  { period: 10, window: 30 },
  { period: 20, window: 45 },
  { period: 30, window: 60 },
] as const;
const sameTokenRun = 10;
const sameLines = 3;

/**
 * Drops an answer whose end goes round in circles: one token ten times, or a short period that fills the tail. Three
 * equal lines in a row are cut after the first.
 */
export const repetition: Filter = (text) => {
  const kept = cutRepeatedLines(text);
  const tokens = kept.match(/[\p{L}\p{N}_$]+|[^\s\p{L}\p{N}_$]/gu) ?? [];
  return isLooping(tokens) ? null : kept;
};

function cutRepeatedLines(text: string): string {
  const lines = text.split('\n');
  for (let at = 0; at + sameLines <= lines.length; at += 1) {
    const line = lines[at]!.trim();
    if (inkOf(line) < 4) continue;
    if (lines.slice(at, at + sameLines).every((other) => other.trim() === line))
      return lines.slice(0, at + 1).join('\n');
  }
  return text;
}

function isLooping(tokens: readonly string[]): boolean {
  const tail = tokens.slice(-sameTokenRun);
  // Ten equal brackets or commas in a row are possible at the end of nested data; ten equal words are not.
  if (tail.length === sameTokenRun && tail.every((token) => token === tail[0] && !/^[)\]}]$/.test(token))) return true;
  return loops.some(({ period, window }) => tokens.length >= window && shortestPeriod(tokens.slice(-window)) <= period);
}

/** Smallest p with `tokens[i] === tokens[i + p]` throughout: length minus the longest border (Knuth–Morris–Pratt). */
export function shortestPeriod(tokens: readonly string[]): number {
  const border = new Array<number>(tokens.length).fill(0);
  let length = 0;
  for (let at = 1; at < tokens.length; at += 1) {
    while (length > 0 && tokens[at] !== tokens[length]) length = border[length - 1]!;
    if (tokens[at] === tokens[length]) length += 1;
    border[at] = length;
  }
  return tokens.length - (border.at(-1) ?? 0);
}
