/** When an inline offer is decided, whatever the model goes on to say: reading on would only keep it busy. */
import { openFence } from './filters/codeFence.ts';
import { indentation } from './filters/indentation.ts';
import { repetition } from './filters/repetition.ts';
import { scopeLimit } from './filters/scopeLimit.ts';
import { commentSyntax } from './language.ts';
import { linePrefix, linesAbove, type Place } from './place.ts';

/** Ghost text of more lines than this is not read, it is scrolled past. */
const mostLines = 20;
/** A definition the developer asked for in a comment is read: half of one is code that doesn't compile. */
const mostDefinitionLines = 60;
/** Fewer words in a comment name a section, they don't ask for anything. */
const leastWords = 3;

/** True at the beginning of an empty line outside of everything, right below a comment that says what is to come. */
export function asksForDefinition(place: Place): boolean {
  const { open, close } = commentSyntax(place.languageId);
  const [above = ''] = linesAbove(place, 1);
  if (place.lines === 'one' || linePrefix(place) !== '' || close !== '' || !above.startsWith(open)) return false;
  return (above.match(/\p{L}+/gu)?.length ?? 0) >= leastWords;
}
/** With so much of it there a growing line shows whether it goes on with the block above: `} finally {` is the longest way to. */
const tellingCharacters = 9;

/**
 * True for an answer of which no more will be used: far enough, arrived at the code that already follows, out of the scope it began
 * in, or going round in circles; where one line is asked for, as soon as that is complete.
 */
export function inlineEnough(place: Place): (text: string) => boolean {
  const next = place.suffix
    .split('\n')
    .slice(1)
    .find((line) => line.trim().length >= 8)
    ?.trim();
  const most = asksForDefinition(place) ? mostDefinitionLines : mostLines;
  return (text) => {
    if (place.lines === 'one') return firstLineDone(text);
    const lines = text.split('\n');
    if (lines.length > most) return true;
    if (lines.length < 2) return false;
    // The last line is still growing; only finished ones are compared.
    if (next !== undefined && lines.length > 2 && lines.at(-2)!.trim() === next) return true;
    const finished = `${lines.slice(0, -1).join('\n')}\n`;
    const cut = repetition(finished, place);
    if (cut === null || cut.length < finished.length) return true;
    return leavesScope(lines.at(-1)!.trim().length >= tellingCharacters ? text : finished, place);
  };
}

/** Whether a whole line of code has come, politeness and fences aside. */
const firstLineDone = (text: string): boolean => /\S[^\n]*\n/.test(openFence(text));

function leavesScope(text: string, place: Place): boolean {
  const laid = indentation(text, place);
  return laid !== null && scopeLimit(laid, place) !== laid;
}
