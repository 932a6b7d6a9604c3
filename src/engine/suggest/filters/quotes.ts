import { linePrefix, restOfLine } from '../place.ts';
import type { Filter } from './filter.ts';

/** Inside a string whose closing quote already stands after the cursor, an answer ends before its own closing quote. */
export const quotes: Filter = (text, place) => {
  const quote = restOfLine(place)[0];
  if (quote !== '"' && quote !== "'" && quote !== '`') return text;
  if (!isOpen(linePrefix(place), quote)) return text;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === quote) return text.slice(0, at);
  }
  return text;
};

function isOpen(before: string, quote: string): boolean {
  let open: string | null = null;
  for (let at = 0; at < before.length; at += 1) {
    const char = before[at]!;
    if (char === '\\') at += 1;
    else if (open === null && (char === '"' || char === "'" || char === '`')) open = char;
    else if (char === open) open = null;
  }
  return open === quote;
}
