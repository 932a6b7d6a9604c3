import type { Place } from '../place.ts';

/**
 * One rule about an answer: returns what is left of it, or null to drop it. Pure; never throws; only ever shortens,
 * except for white space that indents.
 */
export type Filter = (text: string, place: Place) => string | null;
