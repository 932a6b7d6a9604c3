import { isClosingLine } from '../language.ts';
import { indentationOf, nonBlankBelow, restOfLine } from '../place.ts';
import type { Filter } from './filter.ts';
import { balance } from './scan.ts';

/**
 * Cuts a last line that only closes a block (`end`, `</div>`, `});`) and already stands right below. Brackets the answer
 * opened itself are its own to close.
 */
export const duplicateClosing: Filter = (text, place) => {
  const cut = text.lastIndexOf('\n');
  if (cut === -1) return text;
  const last = text.slice(cut + 1);
  const below = restOfLine(place).trim() === '' ? nonBlankBelow(place) : restOfLine(place);
  if (!isClosingLine(last) || below === null || below.trim() !== last.trim()) return text;
  const { unmatched } = balance(text, place.languageId);
  const bracketed = /[)\]}]/.test(last);
  if (bracketed ? unmatched.every(({ at }) => at <= cut) : indentationOf(below) !== indentationOf(last)) return text;
  return text.slice(0, cut);
};
