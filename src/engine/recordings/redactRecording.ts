import type { Recording, RecordingEntry } from '../../protocol/recording.ts';
import { Characters } from './characters.ts';
import { SecretFinder } from './secretFinder.ts';

/** A text with the number of each of its characters. */
interface Numbered {
  readonly text: string;
  readonly ids: readonly number[];
}
interface Item {
  /** Offset of the beginning of the line of the cursor; `whole` begins there. */
  readonly start: number;
  /** Up to the cursor. */
  readonly typed: number;
  /** What stood in the line before the item's range, and the item: what the line would be. */
  readonly whole: Numbered;
}
interface Document {
  text: string;
  ids: number[];
  /** What was offered last, as far as it has been typed along. */
  items: readonly Item[];
}
/** Looks at a text of which `from` to `to` is new. */
type Look = (numbered: Numbered, from: number, to: number) => void;

const rangeOf = (first: number, length: number): number[] => Array.from({ length }, (_, index) => first + index);
/** A call with many more arguments fails. */
const mostArguments = 10_000;
/** Entries between two pauses. */
const entriesAtOnce = 100;

/**
 * The recording with every character masked that ever was part of a secret, in a document or in an offer: typed key by key,
 * pasted, there from the beginning, or left over when the rest was deleted. Lengths stay, so offsets hold; what is compared in
 * a replay stays equal or different, but for the share that survived of a secret taken and edited later. `pause` is waited for now and then: others want to work too.
 */
export async function redactRecording(
  { header, entries }: Recording,
  pause: () => Promise<void>,
): Promise<{ readonly recording: Recording; readonly masked: number }> {
  const characters = new Characters();
  const finder = new SecretFinder();
  const firsts = entries.map((entry) => textsOf(entry).map((text) => characters.add(text)));
  const marking =
    (ids: readonly number[]) =>
    (offset: number): void =>
      characters.mark(ids[offset]!);
  await walk(entries, firsts, { characters, pause }, ({ text, ids }, from, to) =>
    finder.secrets(text, from, to, marking(ids)),
  );
  // A secret may be known only at the end, and its beginning have stood elsewhere before.
  if (finder.found) {
    await walk(entries, firsts, { characters, pause }, ({ text, ids }, from, to) =>
      finder.pieces(text, from, to, marking(ids)),
    );
  }
  const masked = characters.masked;
  if (masked === 0) return { recording: { header, entries }, masked };
  const clean = entries.map((entry, index) =>
    withTexts(
      entry,
      textsOf(entry).map((text, nth) => characters.maskedText(firsts[index]![nth]!, text)),
    ),
  );
  return { recording: { header, entries: clean }, masked };
}

/** Follows the documents through all entries, and shows `look` every text that comes about. */
async function walk(
  entries: readonly RecordingEntry[],
  firsts: readonly (readonly number[])[],
  { characters, pause }: { readonly characters: Characters; readonly pause: () => Promise<void> },
  look: Look,
): Promise<void> {
  const documents = new Map<number, Document>();
  for (const [index, entry] of entries.entries()) {
    if (index % entriesAtOnce === entriesAtOnce - 1) await pause();
    const numbered = textsOf(entry).map((text, nth) => ({ text, ids: rangeOf(firsts[index]![nth]!, text.length) }));
    // By itself too: what stands before it can hide a secret, but not from the reader of the file.
    for (const one of numbered) look(one, 0, one.text.length);
    switch (entry.type) {
      case 'opened': {
        const { text, ids } = numbered[0]!;
        documents.set(entry.document, { text, ids: [...ids], items: [] });
        break;
      }
      case 'changed': {
        const document = documents.get(entry.document);
        if (!document) break;
        for (const [nth, change] of entry.changes.entries()) {
          const { offset, end } = applied(document, change, numbered[nth]!);
          look(document, offset, end);
          document.items = document.items.flatMap((item) => followed(item, change, document, characters));
        }
        break;
      }
      case 'offered': {
        const document = documents.get(entry.document);
        if (!document) break;
        document.items = [];
        for (const [nth, { start, end }] of entry.items.entries()) {
          const written = numbered[nth]!;
          look(inserted(document, start, end, written), start, start + written.text.length);
          const line = start === 0 ? 0 : document.text.lastIndexOf('\n', start - 1) + 1;
          const whole = {
            text: document.text.slice(line, start) + written.text,
            ids: [...document.ids.slice(line, start), ...written.ids],
          };
          const item = { start: line, typed: entry.cursor - line, whole };
          compare(item, document, characters);
          document.items = [...document.items, item];
        }
        break;
      }
      case 'selected':
      case 'moved':
      case 'focused':
      case 'closed':
      case 'renamed':
      case 'unseen':
      case 'taken':
      case 'dismissed':
      case 'kept':
      case 'ended':
        break;
    }
  }
}

/** Changes the document; the answer is where the new text stands in it. */
function applied(
  document: Document,
  change: { readonly offset: number; readonly length: number },
  { text, ids }: Numbered,
): { readonly offset: number; readonly end: number } {
  const offset = Math.min(change.offset, document.text.length);
  const rest = Math.min(offset + change.length, document.text.length);
  document.text = document.text.slice(0, offset) + text + document.text.slice(rest);
  if (ids.length <= mostArguments) document.ids.splice(offset, rest - offset, ...ids);
  else document.ids = [...document.ids.slice(0, offset), ...ids, ...document.ids.slice(rest)];
  return { offset, end: offset + text.length };
}

/** The document as it would be with the item taken. */
function inserted({ text, ids }: Numbered, start: number, end: number, item: Numbered): Numbered {
  return {
    text: text.slice(0, start) + item.text + text.slice(end),
    ids: [...ids.slice(0, start), ...item.ids, ...ids.slice(end)],
  };
}

/** Where the item is after a change, with what was typed of it linked; gone when something else was typed. */
function followed(
  item: Item,
  { offset, length, text }: { readonly offset: number; readonly length: number; readonly text: string },
  document: Numbered,
  characters: Characters,
): Item[] {
  const { start, typed } = item;
  const cursor = start + typed;
  const grown = text.length - length;
  if (offset > cursor) return [item];
  if (offset + length < start || (offset + length === start && start < cursor))
    return [{ ...item, start: start + grown }];
  if (offset < start) return [];
  const next = { ...item, typed: Math.max(offset + text.length, cursor + grown) - start };
  return compare(next, document, characters) ? [next] : [];
}

/** Links what stands in the line with what was offered there; false when something else stands before the cursor. */
function compare({ start, typed, whole }: Item, { text, ids }: Numbered, characters: Characters): boolean {
  let at = start;
  for (let index = 0; index < whole.text.length; index += 1, at += 1) {
    // Documents may use CRLF, offers use LF.
    if (text[at] === '\r' && whole.text[index] !== '\r') at += 1;
    if (at >= text.length) return true;
    if (text[at] !== whole.text[index]) {
      if (at >= start + typed) return true;
      characters.keepApart(ids[at]!, whole.ids[index]!);
      return false;
    }
    characters.link(ids[at]!, whole.ids[index]!);
  }
  return true;
}

/** The texts of an entry that may hold code, always in the same order. */
function textsOf(entry: RecordingEntry): readonly string[] {
  switch (entry.type) {
    case 'opened':
      return [entry.text];
    case 'changed':
      return entry.changes.map(({ text }) => text);
    case 'offered':
      return entry.items.map(({ insertText }) => insertText);
    case 'selected':
      return entry.text === null ? [] : [entry.text];
    case 'moved':
    case 'focused':
    case 'closed':
    case 'renamed':
    case 'unseen':
    case 'taken':
    case 'dismissed':
    case 'kept':
    case 'ended':
      return [];
  }
}

function withTexts(entry: RecordingEntry, texts: readonly string[]): RecordingEntry {
  switch (entry.type) {
    case 'opened':
      return { ...entry, text: texts[0]! };
    case 'changed':
      return { ...entry, changes: entry.changes.map((change, nth) => ({ ...change, text: texts[nth]! })) };
    case 'offered':
      return { ...entry, items: entry.items.map((item, nth) => ({ ...item, insertText: texts[nth]! })) };
    case 'selected':
      return { ...entry, text: texts[0] ?? null };
    case 'moved':
    case 'focused':
    case 'closed':
    case 'renamed':
    case 'unseen':
    case 'taken':
    case 'dismissed':
    case 'kept':
    case 'ended':
      return entry;
  }
}
