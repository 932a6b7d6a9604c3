import { type Recording, type RecordingEntry, recordingLimits, recordingVersion } from '../../protocol/recording.ts';
import type { DocumentChange } from '../../protocol/rpc.ts';
import type { Kept } from '../inline/keptRanges.ts';
import type { ChangeReason, LifecycleInputs, OpenDocument } from '../inline/lifecycleInputs.ts';
import type { Offer } from '../inline/offer.ts';

type Told<T> = T extends RecordingEntry ? Omit<T, 'at'> : never;

export interface RecorderDeps {
  now(): number;
  /** Runs `run` after `delayMs`; the answer cancels it. */
  schedule(delayMs: number, run: () => void): () => void;
  /** All documents that are open now. */
  readonly documents: readonly OpenDocument[];
  /** Absolute path of a file; empty for an untitled document; null for what is not recorded. */
  fileOf(uri: string): string | null;
  /** A limit was reached: nothing more is recorded. */
  onFull(limit: 'time' | 'size'): void;
  readonly limits?: { readonly ms: number; readonly characters: number };
}

/**
 * Writes down what the lifecycle is inferred from. A document's text is recorded when the first thing happens in it; one in
 * which nothing happens is not recorded at all.
 */
export class Recorder implements LifecycleInputs {
  readonly #deps: RecorderDeps;
  readonly #limits: { readonly ms: number; readonly characters: number };
  readonly #startedAt: number;
  readonly #entries: RecordingEntry[] = [];
  /** Open documents of which the recording does not speak yet, as they have been since it began. */
  readonly #untouched: Map<string, OpenDocument>;
  /** URI → number. */
  readonly #numbers = new Map<string, number>();
  readonly #closed = new Set<string>();
  readonly #cancelTimer: () => void;
  #characters = 0;
  #selected: string | null = null;
  #ended = false;

  constructor(deps: RecorderDeps) {
    this.#deps = deps;
    this.#limits = deps.limits ?? recordingLimits;
    this.#startedAt = deps.now();
    this.#untouched = new Map();
    for (const document of deps.documents) this.#remember(document);
    this.#cancelTimer = deps.schedule(this.#limits.ms, () => this.#full('time'));
  }

  /** Ends the recording; the result still holds secrets and absolute paths. */
  finish(): Recording {
    if (!this.#ended) this.#end();
    return { header: { recording: recordingVersion, startedAt: this.#startedAt }, entries: this.#entries };
  }

  offer({ episodeId, uri, cursor, items }: Offer): void {
    const document = this.#number(uri);
    if (document === null) return;
    this.#add({ type: 'offered', document, episodeId, cursor, items: items.map((item) => ({ ...item })) });
  }

  unseen(episodeId: string): void {
    this.#add({ type: 'unseen', episodeId });
  }

  selectedInWidget(text: string | null): void {
    if (text !== this.#selected) this.#add({ type: 'selected', text });
    this.#selected = text;
  }

  changed(uri: string, changes: readonly DocumentChange[], reason: ChangeReason): void {
    const document = this.#number(uri);
    if (document !== null) this.#add({ type: 'changed', document, changes: [...changes], reason });
  }

  moved(uri: string, cursor: number | null): void {
    const document = this.#numbers.get(uri);
    if (document !== undefined) this.#add({ type: 'moved', document, cursor });
  }

  focused(uri: string | null): void {
    this.#add({ type: 'focused', document: uri === null ? null : (this.#numbers.get(uri) ?? null) });
  }

  opened(document: OpenDocument): void {
    const number = this.#numbers.get(document.uri);
    if (number === undefined) this.#remember(document);
    else if (this.#closed.delete(document.uri)) this.#open(number, document);
  }

  closed(uri: string): void {
    this.#untouched.delete(uri);
    const document = this.#numbers.get(uri);
    if (document === undefined) return;
    this.#closed.add(uri);
    this.#add({ type: 'closed', document });
  }

  renamed(from: string, to: string): void {
    const [was, is] = [this.#deps.fileOf(from), this.#deps.fileOf(to)];
    if (!was || !is) return;
    const concerned = [...this.#numbers.keys()].some((uri) => uri === from || uri.startsWith(`${from}/`));
    if (!concerned) return;
    this.#add({ type: 'renamed', from: was, to: is });
    // VS Code opened them under the new name before it told; what stood under the old one may go on there.
    for (const uri of [...this.#untouched.keys()]) if (uri === to || uri.startsWith(`${to}/`)) this.#number(uri);
  }

  dismissed(): void {
    this.#add({ type: 'dismissed' });
  }

  acceptedByCommand(episodeId: string, candidateId: string): void {
    this.#add({ type: 'taken', episodeId, candidateId });
  }

  kept({ uri, episodeId, candidateId, start, end }: Kept): void {
    const document = this.#number(uri);
    if (document !== null) this.#add({ type: 'kept', document, episodeId, candidateId, start, end });
  }

  /** Null: a document that is not recorded, or not known to be open. */
  #number(uri: string): number | null {
    const known = this.#numbers.get(uri);
    if (known !== undefined) return known;
    const document = this.#untouched.get(uri);
    if (document === undefined) return null;
    const number = this.#numbers.size;
    this.#numbers.set(uri, number);
    this.#untouched.delete(uri);
    this.#open(number, document);
    return number;
  }

  /** Its text as it is at this moment. */
  #remember({ uri, languageId, text }: OpenDocument): void {
    if (this.#deps.fileOf(uri) !== null) this.#untouched.set(uri, { uri, languageId, text });
  }

  #open(number: number, { uri, languageId, text }: OpenDocument): void {
    this.#add({ type: 'opened', document: number, file: this.#deps.fileOf(uri) ?? '', languageId, text });
  }

  #add(told: Told<RecordingEntry>): void {
    if (this.#ended) return;
    const entry = { at: this.#at(), ...told } as RecordingEntry;
    const characters = JSON.stringify(entry).length + 1;
    if (this.#characters + characters > this.#limits.characters) {
      this.#full('size');
      return;
    }
    this.#characters += characters;
    this.#entries.push(entry);
  }

  /** The wall clock may be set back; the recording's time is not. */
  #at(): number {
    return Math.max(this.#entries.at(-1)?.at ?? 0, Math.round(this.#deps.now() - this.#startedAt));
  }

  #full(limit: 'time' | 'size'): void {
    if (this.#ended) return;
    this.#end();
    this.#deps.onFull(limit);
  }

  #end(): void {
    this.#ended = true;
    this.#cancelTimer();
    this.#entries.push({ at: this.#at(), type: 'ended' });
  }
}
