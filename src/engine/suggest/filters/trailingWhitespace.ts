import type { Filter } from './filter.ts';

/** No white space at the ends of lines, no line breaks at the end. */
export const trailingWhitespace: Filter = (text) => text.replace(/[ \t]+(?=\n)/g, '').replace(/\s+$/, '');
