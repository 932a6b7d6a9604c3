import type { DocumentChange, WorkspaceFolder } from '../../protocol/rpc.ts';
import type { Clock } from '../clock.ts';
import type { IgnoreRules } from './ignore.ts';
import { type LatestEdit, LatestEditTracker } from './latestEdit.ts';
import { placeOf } from './paths.ts';
import { type EditRegions, editRegions, type RecentEdit } from './recentEdits.ts';

/** An open document as the engine knows it. */
export interface MirrorDocument {
  readonly uri: string;
  /** Null: untitled. */
  readonly path: string | null;
  /** Path inside its workspace folder with `/`; empty for untitled ones and those outside every folder. */
  readonly file: string;
  readonly languageId: string;
  version: number;
  /** Empty while `excluded`. */
  text: string;
  /** Why it may not be read, stored or sent; null: it may. */
  excluded: string | null;
}

interface Entry {
  readonly document: MirrorDocument;
  edits: EditRegions;
  latest: LatestEditTracker;
}

/**
 * The text after one event. All ranges refer to `text`, as in VS Code, which lists them from the last in the file to the
 * first, so that applying them in order is right; other orders are put right, and what lies beyond the end is cut.
 */
export function applyChanges(text: string, changes: readonly DocumentChange[]): string {
  let result = text;
  for (const { offset, length, text: inserted } of descending(text, changes)) {
    result = result.slice(0, offset) + inserted + result.slice(offset + length);
  }
  return result;
}

function descending(text: string, changes: readonly DocumentChange[]): DocumentChange[] {
  return changes
    .map((change) => {
      const offset = Math.min(change.offset, text.length);
      return { offset, length: Math.min(change.length, text.length - offset), text: change.text };
    })
    .sort((a, b) => b.offset - a.offset);
}

/** What is about to happen to a document whose text is known. `text`: as it is before the change. */
export type DocumentNews =
  | { readonly kind: 'change'; readonly uri: string; readonly change: DocumentChange; readonly text: string }
  | { readonly kind: 'closed'; readonly uri: string };

/** Mirrors the editor's open documents; excluded ones are known by name only. */
export class Documents {
  readonly #clock: Clock;
  readonly #listeners = new Set<(news: DocumentNews) => void>();
  readonly #entries = new Map<string, Entry>();
  #folders: readonly WorkspaceFolder[];
  #rules: IgnoreRules;

  constructor(options: {
    readonly folders: readonly WorkspaceFolder[];
    readonly rules: IgnoreRules;
    readonly clock: Clock;
  }) {
    this.#folders = options.folders;
    this.#rules = options.rules;
    this.#clock = options.clock;
  }

  open(opened: {
    readonly uri: string;
    readonly path: string | null;
    readonly languageId: string;
    readonly version: number;
    readonly text: string;
  }): MirrorDocument {
    const { uri, path, languageId, version } = opened;
    const excluded = path === null ? null : this.#rules.excluded(path);
    const document: MirrorDocument = {
      uri,
      path,
      file: path === null ? '' : (placeOf(this.#folders, path)?.file ?? ''),
      languageId,
      version,
      text: excluded === null ? opened.text : '',
      excluded,
    };
    if (this.#entries.has(uri)) this.#tell({ kind: 'closed', uri });
    this.#entries.set(uri, { document, edits: editRegions(), latest: new LatestEditTracker() });
    return document;
  }

  /** Applies one event; unknown documents are left alone. */
  change(event: {
    readonly uri: string;
    readonly version: number;
    readonly changes: readonly DocumentChange[];
    readonly reason?: 'undo' | 'redo' | undefined;
  }): void {
    const entry = this.#entries.get(event.uri);
    if (!entry) return;
    const { document } = entry;
    document.version = event.version;
    if (document.excluded !== null) return;
    const at = this.#clock.now();
    const changes = descending(document.text, event.changes);
    entry.latest.record(document.text, changes, at, event.reason);
    for (const change of changes) {
      entry.edits.record(document.text, change, at);
      this.#tell({ kind: 'change', uri: document.uri, change, text: document.text });
      document.text = applyChanges(document.text, [change]);
    }
  }

  close(uri: string): void {
    if (this.#entries.delete(uri)) this.#tell({ kind: 'closed', uri });
  }

  /** Hears of every change, one at a time and in the order in which they are applied. Returns how to stop. */
  onNews(listener: (news: DocumentNews) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Saving a .gitignore changes what is excluded, at once. */
  saved(uri: string): MirrorDocument | undefined {
    const document = this.#entries.get(uri)?.document;
    if (document?.path) {
      this.#rules.invalidate(document.path);
      if (/\.gitignore$/.test(document.path)) this.#judgeAgain();
    }
    return document;
  }

  /** New folders or settings. A document excluded until now stays so until it is opened again: its text isn't known. */
  setRules(options: { readonly folders: readonly WorkspaceFolder[]; readonly rules: IgnoreRules }): void {
    this.#folders = options.folders;
    this.#rules = options.rules;
    this.#judgeAgain();
  }

  get(uri: string): MirrorDocument | undefined {
    return this.#entries.get(uri)?.document;
  }

  all(): readonly MirrorDocument[] {
    return [...this.#entries.values()].map((entry) => entry.document);
  }

  /** What was changed last at one place of this document; null when nothing was, or several places at once. */
  latestEdit(uri: string): LatestEdit | null {
    return this.#entries.get(uri)?.latest.edit ?? null;
  }

  /** What the user typed in the last ten minutes, newest first, at most `max`; in one file, if it is named. */
  recentEdits(now: number, max: number, file?: string): RecentEdit[] {
    // Asked at every key: only those that are wanted are cut out of their documents.
    const recent = [...this.#entries.values()]
      .filter(({ document }) => document.excluded === null && (file === undefined || document.file === file))
      .flatMap(({ document, edits }) => edits.regions().map((region) => ({ document, edits, region })))
      .filter(({ region }) => now - region.at <= 600_000)
      .sort((a, b) => b.region.at - a.region.at);
    const found: RecentEdit[] = [];
    for (const { document, edits, region } of recent) {
      if (found.length >= max) break;
      const lines = edits.lines(document.text, region);
      if (lines) found.push({ file: document.file, languageId: document.languageId, ...lines, at: region.at });
    }
    return found;
  }

  #tell(news: DocumentNews): void {
    for (const listener of this.#listeners) listener(news);
  }

  #judgeAgain(): void {
    for (const entry of this.#entries.values()) {
      const { document } = entry;
      const excluded = document.path === null ? null : this.#rules.excluded(document.path);
      if (excluded !== null) {
        document.text = '';
        entry.edits = editRegions();
        entry.latest = new LatestEditTracker();
        this.#tell({ kind: 'closed', uri: document.uri });
        document.excluded = excluded;
      } else if (document.excluded !== null) {
        document.excluded = 'excluded when it was opened; open it again';
      }
    }
  }
}
