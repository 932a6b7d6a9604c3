/** Writes recordings as an editor would: what is done, as a person says it; offsets and times come by themselves. */
import type { Recording, RecordingEntry } from '../../src/protocol/recording.ts';

type Told<T> = T extends RecordingEntry ? Omit<T, 'at'> : never;
interface Open {
  readonly number: number;
  file: string;
  text: string;
  cursor: number;
}

/** A valid UUIDv7 that is read easily: kind and number. */
const id = (kind: 'e' | 'c', number: number): string =>
  `01900000-0000-7000-8000-00000000${kind === 'e' ? 'e' : 'c'}${String(number).padStart(3, '0')}`;

export interface Offered {
  readonly episodeId: string;
  readonly candidateIds: readonly string[];
}

/** One session; `▮` in a text is the cursor. Each key takes 80 ms. */
export class Author {
  readonly #entries: RecordingEntry[] = [];
  readonly #documents = new Map<string, Open>();
  #at = 0;
  #here: Open;
  #offers = 0;
  #candidates = 0;

  constructor(file: string, marked: string) {
    this.#here = this.#opened(file, marked);
    this.#add({ type: 'focused', document: this.#here.number });
  }

  get recording(): Recording {
    const entries: RecordingEntry[] = [...this.#entries, { at: this.#at, type: 'ended' }];
    return { header: { recording: 1, startedAt: Date.UTC(2025, 0, 6, 9) }, entries };
  }

  wait(ms: number): this {
    this.#at += ms;
    return this;
  }

  /** Ghost text at the cursor, several to choose from; each takes the place of `replaces` characters behind the cursor. */
  offer(texts: readonly string[], options: { readonly replaces?: number; readonly before?: number } = {}): Offered {
    const { number, cursor } = this.#here;
    const { replaces = 0, before = 0 } = options;
    this.#offers += 1;
    const episodeId = id('e', this.#offers);
    const items = texts.map((insertText) => {
      this.#candidates += 1;
      return { candidateId: id('c', this.#candidates), insertText, start: cursor - before, end: cursor + replaces };
    });
    this.#add({ type: 'offered', document: number, episodeId, cursor, items });
    return { episodeId, candidateIds: items.map(({ candidateId }) => candidateId) };
  }

  /** An answer that came when typing had gone on. */
  late(): this {
    this.#offers += 1;
    return this.#add({ type: 'unseen', episodeId: id('e', this.#offers) });
  }

  type(text: string): this {
    for (const key of text) this.insert(key).wait(80);
    return this;
  }

  /** At once, as by paste or by a completion. */
  insert(text: string, length = 0): this {
    return this.change([{ offset: this.#here.cursor, length, text }]);
  }

  /** An opening bracket, closed by the editor. */
  typePair(pair: string): this {
    const { cursor } = this.#here;
    return this.change([{ offset: cursor, length: 0, text: pair }], 'other', cursor + 1).wait(80);
  }

  backspace(count = 1): this {
    for (let left = count; left > 0; left -= 1) {
      this.change([{ offset: this.#here.cursor - 1, length: 1, text: '' }]).wait(80);
    }
    return this;
  }

  /** Tab: the change, the cursor, and a moment later the item's command. */
  tab(offered: Offered, text: string, nth = 0): this {
    return this.insert(text).wait(4).command(offered, nth);
  }

  /** VS Code runs the item's command. */
  command({ episodeId, candidateIds }: Offered, nth = 0): this {
    return this.#add({ type: 'taken', episodeId, candidateId: candidateIds[nth]! });
  }

  escape(): this {
    return this.#add({ type: 'dismissed' });
  }

  undo(text: string): this {
    const { cursor } = this.#here;
    return this.change([{ offset: cursor - text.length, length: text.length, text: '' }], 'undo');
  }

  /** One event of the editor, last in the document first; the cursor goes behind the last of them, or to `cursor`. */
  change(
    changes: readonly { readonly offset: number; readonly length: number; readonly text: string }[],
    reason: 'undo' | 'redo' | 'other' = 'other',
    cursor?: number,
  ): this {
    const here = this.#here;
    for (const { offset, length, text } of changes) {
      here.text = here.text.slice(0, offset) + text + here.text.slice(offset + length);
    }
    this.#add({ type: 'changed', document: here.number, changes: [...changes], reason });
    const last = changes.at(-1)!;
    return this.moveTo(cursor ?? last.offset + last.text.length);
  }

  /** The whole text anew, as formatters may give it; the cursor stays where it is in the line ends. */
  format(text: string): this {
    const { length } = this.#here.text;
    return this.change([{ offset: 0, length, text }], 'other', text.length);
  }

  moveTo(cursor: number): this {
    this.#here.cursor = cursor;
    return this.#add({ type: 'moved', document: this.#here.number, cursor });
  }

  /** Behind the first occurrence of `text`. */
  moveBehind(text: string): this {
    const at = this.#here.text.indexOf(text);
    if (at < 0) throw new Error(`${JSON.stringify(text)} is not in the document`);
    return this.moveTo(at + text.length);
  }

  select(): this {
    return this.#add({ type: 'moved', document: this.#here.number, cursor: null });
  }

  widget(text: string | null): this {
    return this.#add({ type: 'selected', text });
  }

  /** Goes to another file, opening it when it isn't open yet. */
  goTo(file: string, marked?: string): this {
    const open = this.#documents.get(file);
    if (!open && marked === undefined) throw new Error(`${file} is not open`);
    this.#here = open ?? this.#opened(file, marked ?? '');
    return this.#add({ type: 'focused', document: this.#here.number });
  }

  /** To a terminal or another window. */
  leave(): this {
    return this.#add({ type: 'focused', document: null });
  }

  close(): this {
    return this.#add({ type: 'closed', document: this.#here.number });
  }

  /** VS Code closes the document under its old name, and opens another. */
  rename(to: string): this {
    const { file, text, cursor, number } = this.#here;
    this.#add({ type: 'closed', document: number });
    this.#add({ type: 'renamed', from: file, to });
    this.#here = this.#opened(to, `${text.slice(0, cursor)}▮${text.slice(cursor)}`);
    return this.#add({ type: 'focused', document: this.#here.number });
  }

  #opened(file: string, marked: string): Open {
    const text = marked.replace('▮', '');
    const open = { number: this.#documents.size, file, text, cursor: Math.max(0, marked.indexOf('▮')) };
    this.#documents.set(file, open);
    this.#add({ type: 'opened', document: open.number, file, languageId: 'typescript', text });
    return open;
  }

  #add(told: Told<RecordingEntry>): this {
    this.#entries.push({ at: this.#at, ...told } as RecordingEntry);
    return this;
  }
}
