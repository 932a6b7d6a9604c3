/** From one change to the pattern that makes it elsewhere. */
import { argumentPattern, wrapPattern } from './calls.ts';
import { addedOf, type Hunk, hunkOf, removedOf } from './hunk.ts';
import type { Token } from './lex.ts';
import { editAt, type Pattern, type RenamePattern, type TokenPattern } from './pattern.ts';
import { renamePattern } from './rename.ts';
import { rewritePattern } from './rewrite.ts';

export interface Change {
  /** The lines as they were, and as they are. */
  readonly before: string;
  readonly after: string;
  readonly languageId: string;
  /** Whether a name stood in the document besides these lines: then it was used here, not made up. */
  readonly isKnown: (name: string) => boolean;
}

/** The pattern of a change; null when it is too little, or too particular, to be made again. */
export function generalise({ before, after, languageId, isKnown }: Change): Pattern | null {
  const hunk = hunkOf(before, after, languageId);
  if (!hunk) return null;
  const name = renameIn(hunk);
  if (name && !isKnown(name.to)) return name;
  // The first that makes of the old lines the very text that the user made of them.
  for (const pattern of [wrapPattern(hunk), argumentPattern(hunk), rewritePattern(hunk)]) {
    if (pattern && isTrue(hunk, pattern)) return pattern;
  }
  return null;
}

/** One name that became another, everywhere in the change. */
function renameIn(hunk: Hunk): RenamePattern | null {
  const removed = removedOf(hunk);
  const added = addedOf(hunk);
  if (removed.length !== added.length) return null;
  let pair: readonly [Token, Token] | null = null;
  for (const [index, old] of removed.entries()) {
    const now = added[index]!;
    if (old.text === now.text) continue;
    if (old.kind !== 'word' || now.kind !== 'word') return null;
    if (pair && (pair[0].text !== old.text || pair[1].text !== now.text)) return null;
    pair = [old, now];
  }
  return pair && renamePattern(pair[0].text, pair[1].text);
}

/** White space at the ends of lines is nobody's business. */
const trimmed = (text: string): string => text.replace(/[ \t\r]+$/gm, '');

function isTrue({ before, after, from }: Hunk, pattern: TokenPattern): boolean {
  const { text, tokens } = before;
  for (let at = 0; at <= Math.min(from, tokens.length - 1); at += 1) {
    const edit = editAt(text, tokens, at, pattern);
    if (!edit) continue;
    if (trimmed(text.slice(0, edit.start) + edit.text + text.slice(edit.end)) === trimmed(after.text)) return true;
  }
  return false;
}
