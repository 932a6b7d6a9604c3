import type * as v from 'valibot';
import type { ClientNotifications, DocumentChange } from '../../protocol/rpc.ts';

/** What the ledger needs of a text document. */
export interface LedgerDocument {
  readonly uri: string;
  /** Path on disk; null for an untitled document. */
  readonly path: string | null;
  readonly languageId: string;
  readonly version: number;
  /** Line ending; VS Code changes it without telling as a text change. */
  readonly eol: number;
  text(): string;
}

type Told<K extends keyof ClientNotifications> = v.InferInput<ClientNotifications[K]>;
type DocumentMessage = 'documentOpened' | 'documentChanged' | 'documentSaved' | 'documentClosed';
export type TellDocument = <K extends DocumentMessage>(method: K, params: Told<K>) => void;

/** Larger documents are left alone: no model's context needs them, and each resend would block the editor. */
export const maxDocumentChars = 2_000_000;

interface Entry {
  readonly version: number;
  readonly chars: number;
  readonly eol: number;
  /** False: too large, so the engine does not have it. */
  readonly mirrored: boolean;
}

/**
 * Knows which text the engine has of each document, and tells it what it lacks. A document enters when it is shown or
 * changed; it leaves when it is closed.
 */
export class DocumentLedger {
  readonly #entries = new Map<string, Entry>();
  readonly #tell: TellDocument;
  readonly #maxChars: number;

  constructor(tell: TellDocument, maxChars: number = maxDocumentChars) {
    this.#tell = tell;
    this.#maxChars = maxChars;
  }

  /** True when, after this call, the engine has this very version; false when the document is too large. */
  ensure(document: LedgerDocument): boolean {
    const entry = this.#entries.get(document.uri);
    if (entry?.version === document.version && entry.eol === document.eol) return entry.mirrored;
    return this.#send(document);
  }

  changed(document: LedgerDocument, changes: readonly DocumentChange[], reason?: 'undo' | 'redo'): void {
    const { uri, version, eol } = document;
    const entry = this.#entries.get(uri);
    // A change of the dirty state alone arrives as an event without changes.
    if (changes.length === 0 && entry?.version === version && entry.eol === eol) return;
    if (!entry || entry.eol !== eol || changes.length === 0) {
      this.#send(document);
      return;
    }
    const chars = changes.reduce((sum, change) => sum + change.text.length - change.length, entry.chars);
    if (chars > this.#maxChars) {
      // Counted, not read: reading a huge document at each keystroke would be felt.
      this.#entries.set(uri, { version, chars, eol, mirrored: false });
      if (entry.mirrored) this.#tell('documentClosed', { uri });
      return;
    }
    if (!entry.mirrored) {
      this.#send(document);
      return;
    }
    this.#entries.set(uri, { version, chars, eol, mirrored: true });
    this.#tell('documentChanged', { uri, version, changes: [...changes], ...(reason ? { reason } : {}) });
  }

  saved(uri: string): void {
    if (this.#entries.get(uri)?.mirrored) this.#tell('documentSaved', { uri });
  }

  closed(uri: string): void {
    const entry = this.#entries.get(uri);
    this.#entries.delete(uri);
    if (entry?.mirrored) this.#tell('documentClosed', { uri });
  }

  /** The engine is a new one: it has nothing. */
  forget(): void {
    this.#entries.clear();
  }

  #send(document: LedgerDocument): boolean {
    const { uri, path, languageId, version, eol } = document;
    const text = document.text();
    const mirrored = text.length <= this.#maxChars;
    if (this.#entries.get(uri)?.mirrored) this.#tell('documentClosed', { uri });
    this.#entries.set(uri, { version, chars: text.length, eol, mirrored });
    if (mirrored) this.#tell('documentOpened', { uri, path, languageId, version, text });
    return mirrored;
  }
}
