import type { Filter } from './filter.ts';

/** Drops an answer with nothing to see in it. */
export const whitespaceOnly: Filter = (text) => (text.trim() === '' ? null : text);
