/** What is embedded to find similar places; the same for stored episodes and for queries. */

/** Raise when the text changes: stored vectors are then made anew. */
export const placeTextVersion = 1;

/**
 * Enough to tell what the code is about, little enough that the place itself decides: about 1 kB, near 256 tokens of a
 * sentence transformer. What may be cut off by such a limit, the suffix, comes last.
 */
const prefixLength = 500;
const beforeLength = 500;
const suffixLength = 160;
const instructionLength = 300;

/** The last `length` characters, from the start of a line where that loses less than half. */
function tail(text: string, length: number): string {
  if (text.length <= length) return text;
  const cut = text.slice(-length);
  const line = cut.indexOf('\n');
  return line >= 0 && line < length / 2 ? cut.slice(line + 1) : cut;
}

/** The first `length` characters, up to the end of a line where that loses less than half. */
function head(text: string, length: number): string {
  if (text.length <= length) return text;
  const cut = text.slice(0, length);
  const line = cut.lastIndexOf('\n');
  return line > length / 2 ? cut.slice(0, line) : cut;
}

/** The two last segments of the path: names of folders further up are alike for the whole project. */
const shortPath = (file: string): string => file.split('/').slice(-2).join('/');

/** Text of a place to be embedded; never empty for a place that has any text. */
export function placeText(place: {
  readonly instruction: string;
  readonly prefix: string;
  readonly before: string;
  readonly suffix: string;
  readonly languageId: string;
  readonly file: string;
}): string {
  const code = tail(place.prefix, prefixLength) + head(place.before, beforeLength) + head(place.suffix, suffixLength);
  return [shortPath(place.file), head(place.instruction, instructionLength), code]
    .filter((part) => part.trim() !== '')
    .join('\n');
}
