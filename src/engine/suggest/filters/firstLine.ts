import { linePrefix } from '../place.ts';
import type { Filter } from './filter.ts';

/** Where one line is asked for, the answer's first; one that only begins below has nothing for this line. */
export const firstLine: Filter = (text, place) => {
  if (place.lines !== 'one') return text;
  const [first = ''] = text.split('\n');
  return first.trim() === '' && linePrefix(place).trim() !== '' ? null : first;
};
