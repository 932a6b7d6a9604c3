import { pathToFileURL } from 'node:url';
import type { InlineItem } from '../protocol/rpc.ts';
import type { LabEngine } from './headless.ts';

/** A source file someone once wrote, to be typed again. */
export interface TypedFile {
  /** Absolute path it is typed at; need not exist on the disk. */
  readonly path: string;
  readonly languageId: string;
  readonly text: string;
}

/** One suggestion as the developer saw it. */
export interface Seen {
  readonly episodeId: string;
  readonly candidateId: string;
  readonly file: string;
  readonly offered: string;
  readonly written: string;
  readonly accepted: boolean;
  /** The developer wrote exactly this next, taken or not. */
  readonly right: boolean;
}

export interface TypingResult {
  /** Keys pressed: characters typed plus one Tab per acceptance. */
  readonly keystrokes: number;
  /** Characters of the files. */
  readonly characters: number;
  /** Characters that came from accepted suggestions. */
  readonly charactersSaved: number;
  readonly shown: number;
  readonly accepted: number;
  readonly seen: readonly Seen[];
}

/** Shorter offers are not worth a Tab: a person types them. */
const worthTakingCharacters = 2;

/** Where `item` would leave the text before the cursor; null when it doesn't reproduce what was really written. */
function accepts(item: InlineItem, typed: string, target: string): string | null {
  const lineStart = typed.lastIndexOf('\n') + 1;
  const before = typed.slice(0, lineStart + item.range.startCharacter);
  const after = before + item.insertText;
  const gained = after.length - typed.length;
  return gained >= worthTakingCharacters && target.startsWith(after) ? after : null;
}

/** What the developer wrote where `text` was offered: as many lines, the last one to its end. */
function writtenInstead(target: string, offset: number, text: string): string {
  let end = offset;
  for (let lines = text.trimEnd().split('\n').length; lines > 0; lines -= 1) {
    const next = target.indexOf('\n', end + 1);
    end = next === -1 ? target.length : next;
  }
  return target.slice(offset, end);
}

/**
 * Types `file` from its first to its last character through the engine, as a developer with a fixed mind would: a
 * suggestion that says exactly what comes next is taken with Tab; any other is dismissed with Escape (every third wrong
 * one) or typed past. Everything that happens is reported to the engine as the editor would. `pause` is waited for before
 * each key; it is given the character before the cursor.
 */
export async function typeFile(
  engine: Pick<LabEngine, 'ask' | 'tell'>,
  file: TypedFile,
  clock: () => number,
  pause: (previous: string) => Promise<void> | void = () => {},
): Promise<TypingResult> {
  const uri = pathToFileURL(file.path).href;
  const target = file.text;
  let version = 1;
  let typed = '';
  let keystrokes = 0;
  let charactersSaved = 0;
  let live: { item: InlineItem; episodeId: string; text: string; offset: number } | null = null;
  const seen: Seen[] = [];
  engine.tell('documentOpened', { uri, path: file.path, languageId: file.languageId, version, text: '' });

  const insert = (text: string): void => {
    version += 1;
    engine.tell('documentChanged', { uri, version, changes: [{ offset: typed.length, length: 0, text }] });
    typed += text;
  };
  const finish = (accepted: boolean): void => {
    if (!live) return;
    const { item, episodeId, text, offset } = live;
    const wrongSoFar = seen.filter((other) => !other.accepted).length;
    const fate = accepted
      ? { type: 'accepted' as const }
      : wrongSoFar % 3 === 0
        ? { type: 'rejected' as const, reason: 'escape' }
        : { type: 'ignored' as const, reason: 'typedPast' };
    engine.tell('events', { events: [{ episodeId, candidateId: item.candidateId, at: clock(), ...fate }] });
    const written = writtenInstead(target, offset, text);
    const right = target.startsWith(text, offset);
    seen.push({ episodeId, candidateId: item.candidateId, file: file.path, offered: text, written, accepted, right });
    live = null;
  };

  while (typed.length < target.length) {
    await pause(typed.at(-1) ?? '');
    const next = target[typed.length]!;
    insert(next);
    keystrokes += 1;
    const answer = await engine.ask('suggest', { uri, version, offset: typed.length, trigger: 'automatic' });
    const item = answer.items[0];
    if (!item || answer.episodeId === null) {
      finish(false);
      continue;
    }
    const lineStart = typed.lastIndexOf('\n') + 1;
    const text = item.insertText.slice(typed.length - lineStart - item.range.startCharacter);
    if (live && live.item.candidateId !== item.candidateId) finish(false);
    // An offer typed along is the same offer, from where it was first made.
    live ??= { item, episodeId: answer.episodeId, text, offset: typed.length };
    const after = accepts(item, typed, target);
    if (after !== null) {
      charactersSaved += after.length - typed.length;
      insert(after.slice(typed.length));
      keystrokes += 1;
      finish(true);
    }
  }
  finish(false);
  engine.tell('documentClosed', { uri });
  return {
    keystrokes,
    characters: target.length,
    charactersSaved,
    shown: seen.length,
    accepted: seen.filter((one) => one.accepted).length,
    seen,
  };
}

/** Sums of several files. */
export function total(results: readonly TypingResult[]): TypingResult {
  const sum = (pick: (result: TypingResult) => number): number => results.reduce((all, one) => all + pick(one), 0);
  return {
    keystrokes: sum((one) => one.keystrokes),
    characters: sum((one) => one.characters),
    charactersSaved: sum((one) => one.charactersSaved),
    shown: sum((one) => one.shown),
    accepted: sum((one) => one.accepted),
    seen: results.flatMap((one) => one.seen),
  };
}
