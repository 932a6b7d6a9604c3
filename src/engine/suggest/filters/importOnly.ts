import { isImportLine } from '../language.ts';
import { linePrefix, nonBlankAbove } from '../place.ts';
import type { Filter } from './filter.ts';

/** Drops an answer of nothing but imports in the middle of code; where imports stand or one is being typed, they are welcome. */
export const importOnly: Filter = (text, place) => {
  const before = linePrefix(place);
  const lines = text.split('\n').map((line, index) => (index === 0 ? before + line : line));
  const telling = lines.filter((line) => line.trim() !== '');
  if (telling.length === 0 || !telling.every(isImportLine)) return text;
  if (before.trim() !== '') return text;
  const above = nonBlankAbove(place);
  return above === null || isImportLine(above) || /^\s*(\/\/|\/\*|\*|#|--|<!--|["'`]use )/.test(above) ? text : null;
};
