/** Whether a text is one that was turned down in this document, at that place or in its scope. */
import type { Reason } from '../../protocol/episode.ts';
import { namesIn, sameButNames } from './names.ts';
import { squash } from './place.ts';
import { leastTelling } from './refusals.ts';
import { scopeAt } from './scope.ts';

/** A text that was turned down in a document that has stayed open since. */
export interface TurnedDown {
  readonly text: string;
  /** The part of its line that stood before it. */
  readonly head: string;
  /** Where it would begin in the document as it is now. */
  readonly offset: number;
  readonly reasons: readonly Reason[];
  /** Names that the code around it knew. */
  readonly names: ReadonlySet<string>;
  /** The same text was taken somewhere since: it is only wrong at its own place. */
  readonly takenSince: boolean;
}

/** What is about to be offered. */
export interface Asked {
  readonly text: string;
  /** Where it begins. */
  readonly offset: number;
  readonly document: { readonly text: string; readonly languageId: string };
  readonly around: Around;
}

/** What costs a look at the code; only asked for where it makes the difference. */
export interface Around {
  /** Names that the code around `offset` knows now. */
  names(offset: number): ReadonlySet<string>;
  /** The scope of `offset`, as `scopeAt` has it. */
  scope(offset: number): number;
}

/** Looks at the same code once, however many texts are compared. */
export function aroundIn(document: Asked['document']): Around {
  const names = new Map<number, ReadonlySet<string>>();
  const scopes = new Map<number, number>();
  const once = <T>(known: Map<number, T>, offset: number, look: () => T): T => {
    const found = known.get(offset) ?? look();
    known.set(offset, found);
    return found;
  };
  const { text, languageId } = document;
  return {
    names: (offset) => once(names, offset, () => namesAround(text, offset)),
    scope: (offset) => once(scopes, offset, () => scopeAt(text, offset, languageId)),
  };
}

/** With other names a line must share this many visible characters to be the same: `a = b;` is like everything. */
const leastShared = 8;
/** Code on either side whose names count as known. */
const nearby = 8000;

export function namesAround(text: string, offset: number): ReadonlySet<string> {
  return namesIn(text.slice(Math.max(0, offset - nearby), offset + nearby));
}

export const startOfLine = (text: string, offset: number): number => text.lastIndexOf('\n', offset - 1) + 1;

/**
 * At its own line neither the text itself nor what goes on from it comes back, under whatever names; elsewhere in the same
 * scope only a text that says enough is known again, and only until it was taken somewhere.
 */
export function isTurnedDown(asked: Asked, one: TurnedDown): boolean {
  const { document, offset } = asked;
  if (squash(one.text) === '') return false;
  const line = startOfLine(document.text, offset);
  if (line === startOfLine(document.text, one.offset)) {
    return ownPlace(asked, one, line).some((pair) => comesBack(pair, asked, one));
  }
  if (one.takenSince) return false;
  const same = anywhere(asked, one, line).some(({ ours, theirs }) => {
    const telling = squash(theirs);
    if (telling.length < leastTelling) return false;
    return telling === squash(ours) || sharedUnderNames(ours, theirs, asked, one, false) >= leastTelling;
  });
  if (!same) return false;
  return asked.around.scope(offset) === asked.around.scope(one.offset);
}

/** What is asked and what was turned down, from the same beginning. */
interface Pair {
  readonly ours: string;
  readonly theirs: string;
  /** How much of `ours` stands in the file already. */
  readonly standing: string;
}

/** From the beginnings of the lines, and the texts alone. */
function anywhere({ text, offset, document }: Asked, one: TurnedDown, line: number): readonly [Pair, Pair] {
  const head = document.text.slice(line, offset);
  return [
    { ours: head + text, theirs: one.head + one.text, standing: head },
    { ours: text, theirs: one.text, standing: '' },
  ];
}

/** On the same line also from the place itself, whatever has become of the line before it. */
function ownPlace(asked: Asked, one: TurnedDown, line: number): Pair[] {
  const { text, offset, document } = asked;
  const [whole, alone] = anywhere(asked, one, line);
  const between = document.text.slice(Math.min(one.offset, offset), Math.max(one.offset, offset));
  const here =
    one.offset <= offset
      ? { ours: between + text, theirs: one.text, standing: between }
      : { ours: text, theirs: between + one.text, standing: '' };
  // Alone, a commonplace may be right a few words further on.
  return squash(one.text).length < leastTelling ? [here, whole] : [here, whole, alone];
}

function comesBack({ ours, theirs, standing }: Pair, asked: Asked, one: TurnedDown): boolean {
  // What was typed out by hand in spite of it is the developer's, and so is what goes on from there.
  if (goesOn(ours, theirs, asked, one)) return !goesOn(standing, theirs, asked, one);
  // The first lines of what was turned down are no news, unless it was too much.
  const first = ours.trimEnd();
  const isFirst = theirs.startsWith(`${first}\n`) && squash(first).length >= leastTelling;
  return isFirst && !one.reasons.includes('tooMuch');
}

/** The same, or what goes on from it: wrong from the beginning, unless there was too little of it. */
function goesOn(text: string, refused: string, asked: Asked, one: TurnedDown): boolean {
  const [ours, theirs] = [squash(text), squash(refused)];
  const mayGoOn = !one.reasons.includes('tooLittle');
  if (mayGoOn ? ours.startsWith(theirs) : ours === theirs) return true;
  return sharedUnderNames(text, refused, asked, one, mayGoOn) >= leastShared;
}

/** Visible characters in common where only names differ: ones changed since, or ones that only the two texts bring in. */
function sharedUnderNames(text: string, refused: string, asked: Asked, one: TurnedDown, begins: boolean): number {
  const shared = sameButNames(text, refused, {
    languageId: asked.document.languageId,
    begins,
    // Between names that were there all the time the developer chose: `load(id)` is not `load(key)`.
    interchangeable: (ours, theirs) =>
      !one.names.has(ours) && one.names.has(theirs) === asked.around.names(asked.offset).has(ours),
  });
  return shared ?? 0;
}
