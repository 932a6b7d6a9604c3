/** Whether an inline suggestion may have several lines: where more than one is rarely right, it is asked for one. */
import { balance, isOpener } from './filters/scan.ts';
import { commentSyntax, isClosingLine } from './language.ts';
import {
  columnsOf,
  indentationOf,
  linePrefix,
  linesBelow,
  nonBlankAbove,
  nonBlankBelow,
  opensBlock,
  type Place,
  restOfLine,
  unitColumns,
} from './place.ts';

export interface LineChoice {
  readonly lines: 'one' | 'several';
  /** For the trace. */
  readonly why: string;
}

/** How much the developer wants to see; unasked, `subtle` shows one line. */
export type Eagerness = 'eager' | 'normal' | 'subtle' | 'manual';

const one = (why: string): LineChoice => ({ lines: 'one', why });
const several = (why: string): LineChoice => ({ lines: 'several', why });

/** Looked at before the line, to see what it is inside of. */
const contextCharacters = 3000;

/** The first rule that fits decides; no rule looks at an answer. */
export function linesFor(place: Place, trigger: 'automatic' | 'explicit', mode: Eagerness = 'normal'): LineChoice {
  const before = linePrefix(place);
  if (/[\p{L}\p{N}]/u.test(restOfLine(place))) return one('code follows on the line');
  if (isInString(before, place.languageId)) return one('inside a string');
  if (trigger === 'explicit') return several('asked for by hand');
  if (mode === 'subtle') return one('subtle shows one line');
  if (isInComment(before, place.languageId)) return one('inside a comment');
  if (before.trim() === '') return several(whyEmpty(place));
  if (opensBlock(before.trimEnd()) && !before.trimEnd().endsWith('(')) return several('the line opens a block');
  if (isInCall(place)) {
    // A function or an object may come, and half of one is worth less than nothing before the closing bracket.
    return /[(,]\s*$/.test(before) ? several('an argument begins') : one('in an argument of a call');
  }
  if (goesOnBelow(place, before)) return one('the block goes on right below');
  return several('the block ends here');
}

function whyEmpty(place: Place): string {
  const above = nonBlankAbove(place);
  if (above === null) return 'an empty line';
  if (/^\s*(\*\/|.*\*\/|\/\/\/|"""|'''|@|#\[)/.test(above)) return 'below what documents the next thing';
  const below = nonBlankBelow(place);
  const width = unitColumns(place.indentUnit);
  const columns = (line: string) => columnsOf(indentationOf(line), width);
  const isEmpty = below === null || isClosingLine(below) || columns(below) <= columns(above);
  return opensBlock(above) && isEmpty ? 'an empty block' : 'an empty line';
}

/** In `"…` or `'…`; a template or a text of several lines may go on below. */
function isInString(before: string, languageId: string): boolean {
  if (/^(markdown|mdx|plaintext|latex|tex|html|xml)$/.test(languageId)) return false;
  return openQuote(before, languageId) !== null;
}

function openQuote(before: string, languageId: string): string | null {
  const { open: comment } = commentSyntax(languageId);
  const triple = before.replace(/("""|''')[\s\S]*?\1/g, '');
  let open: string | null = null;
  for (let at = 0; at < triple.length; at += 1) {
    const char = triple[at]!;
    if (char === '\\') at += 1;
    else if (open === null && triple.startsWith(comment, at)) return null;
    else if (open === null && (char === '"' || char === '`' || (char === "'" && languageId !== 'rust'))) open = char;
    else if (char === open) open = null;
  }
  return open === '`' || /("""|''')/.test(triple) ? null : open;
}

function isInComment(before: string, languageId: string): boolean {
  const { open, close } = commentSyntax(languageId);
  if (languageId === 'markdown' || languageId === 'plaintext') return false;
  if (/^\s*(\/?\*|\/\*\*?)\s/.test(before) && languageId !== 'python') return !before.includes('*/');
  const at = before.indexOf(open);
  if (at === -1 || (close !== '' && before.includes(close, at))) return false;
  // `http://` and the like are part of a word.
  return (at === 0 || /[\s;{}(,)]/.test(before[at - 1]!)) && openQuote(before.slice(0, at), languageId) === null;
}

/** Words before a bracket that make it a condition or a list of parameters. */
const noCall =
  /(?:\b(?:if|for|foreach|while|switch|catch|match|with|elif|until|when)|\b(?:function|fn|func|def|constructor|get|set)\b[\w\s*<>,:$]*)\s*$/;

/** The innermost open bracket is that of a call. Conditions and parameters are followed by a block. */
function isInCall(place: Place): boolean {
  const text = place.prefix.slice(-contextCharacters);
  const from = text.length < place.prefix.length ? text.indexOf('\n') + 1 : 0;
  const inner = balance(text.slice(from), place.languageId).open.at(-1);
  if (inner === undefined || !isOpener(inner.char) || inner.char !== '(') return false;
  const head = text.slice(from, from + inner.at);
  const line = head.slice(head.lastIndexOf('\n') + 1);
  return /[\p{L}\p{N}_$\])>?!]$/u.test(line.trimEnd()) && !noCall.test(line);
}

/** Right below stands code as deep as this line: a statement is being put in between others. */
function goesOnBelow(place: Place, before: string): boolean {
  const [below = ''] = linesBelow(place, 1);
  if (below.trim() === '' || isClosingLine(below)) return false;
  const width = unitColumns(place.indentUnit);
  return columnsOf(indentationOf(below), width) === columnsOf(indentationOf(before), width);
}
