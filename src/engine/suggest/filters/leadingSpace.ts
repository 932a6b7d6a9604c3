import { linePrefix } from '../place.ts';
import type { Filter } from './filter.ts';

/**
 * No doubled space at the cursor, and no blank lines a developer would have to delete: on a blank line the answer
 * starts on it; after code at most one blank line comes first.
 */
export const leadingSpace: Filter = (text, place) => {
  const before = linePrefix(place);
  if (before.trim() === '') return text.replace(/^([ \t]*\n)+/, '');
  let kept = text.replace(/^[ \t]*\n(?:[ \t]*\n)+/, '\n\n');
  if (/[ \t]$/.test(before)) kept = kept.replace(/^[ \t]+(?=\S)/, '');
  return kept;
};
