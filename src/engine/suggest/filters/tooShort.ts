import { inkOf } from '../place.ts';
import type { Filter } from './filter.ts';

/** Below this many visible characters an offer costs more attention than it saves typing. */
const leastInk = 4;
const closers = /^[)\]}>;,:'"`\s]+$/;

/** Drops answers of less than four visible characters, except those that only close what is open (`);`). */
export const tooShort: Filter = (text) => (inkOf(text) >= leastInk || closers.test(text) ? text : null);
