import type { Filter } from './filter.ts';
import { brackets as bracketsOf, type Closer, closes, isOpener, missingClosers, type Opener } from './scan.ts';

/**
 * An answer closes what it opened, and what is open before the cursor and nowhere closed after it. At the first other
 * closer it ends: that bracket already stands in the file, or belongs nowhere.
 */
export const brackets: Filter = (text, place) => {
  const opened: Opener[] = [];
  let missing: Opener[] | null = null;
  for (const { char, at } of bracketsOf(text, place.languageId)) {
    if (isOpener(char)) {
      opened.push(char);
      continue;
    }
    const inner = opened.at(-1);
    if (inner !== undefined && closes(char as Closer, inner)) {
      opened.pop();
      continue;
    }
    if (inner === undefined) {
      // Only computed when needed: most answers are balanced.
      missing ??= missingClosers(place);
      const outer = missing.at(-1);
      if (outer !== undefined && closes(char as Closer, outer)) {
        missing.pop();
        continue;
      }
    }
    return text.slice(0, at).replace(/[ \t]+$/, '');
  }
  return text;
};
