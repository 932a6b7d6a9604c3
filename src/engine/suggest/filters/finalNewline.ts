import type { Filter } from './filter.ts';

/** An edit ends with as many line breaks as the text it replaces, so that the line after it stays where it is. */
export const finalNewline: Filter = (text, place) => {
  const body = text.replace(/\n\s*$/, '').replace(/^([ \t]*\n)+(?=[ \t]*\S)/, '');
  if (body.trim() === '') return '';
  return body + /\n*$/.exec(place.before)![0];
};
