import { isWordChar, linePrefix } from '../place.ts';
import type { Filter } from './filter.ts';

/**
 * Words stay whole at both ends: a word the model starts again from its first letter (`re` + `return`) is joined, and a
 * word that would melt into the one after the cursor is left out.
 */
export const partialWord: Filter = (text, place) => joinEnd(joinStart(text, linePrefix(place)), place.suffix);

function joinStart(text: string, before: string): string {
  const typed = /[\p{L}\p{N}_$]+$/u.exec(before)?.[0] ?? '';
  if (typed.length < 2 || !text.startsWith(typed)) return text;
  const rest = text.slice(typed.length);
  // `aa` + `aaaa`: nothing tells where the word begins.
  return isWordChar(rest[0]) && !rest.startsWith(typed) ? rest : text;
}

function joinEnd(text: string, suffix: string): string {
  if (!isWordChar(suffix[0]) || !isWordChar(text.at(-1))) return text;
  return text.replace(/[\p{L}\p{N}_$]+$/u, '');
}
