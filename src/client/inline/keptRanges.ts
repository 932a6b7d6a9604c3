import { type Life, type LifecycleEvent, step } from '../../protocol/lifecycle.ts';
import type { DocumentChange } from '../../protocol/rpc.ts';
import { unix } from './offer.ts';
import { reanchor } from './reanchor.ts';
import { survival } from './survival.ts';
import { shiftRange, type TrackedRange, touches, trackRange } from './trackedRange.ts';

/** Text of ours that now stands in a document. */
export interface Kept {
  readonly episodeId: string;
  readonly candidateId: string;
  readonly uri: string;
  readonly start: number;
  readonly end: number;
}

export interface KeptRangesDeps {
  now(): number;
  /** Runs `run` after `delayMs`; the answer cancels it. */
  schedule(delayMs: number, run: () => void): () => void;
  /** Text of an open document, its line ends as they are; null: it is not open. */
  textOf(uri: string, start: number, end: number): string | null;
  emit(events: readonly LifecycleEvent[]): void;
}

/** Undo within this time says that taking it was a mistake (Cody: `rejection-tracker.ts`). */
export const revertMs = 10_000;
/** When to look whether the text is still there (research of Copilot and Cody: half a minute, and two). */
export const retentionMs: readonly [number, number] = [30_000, 120_000];
const maxKept = 100;
/** Files are renamed, and change their language, by closing one document and opening another. */
const closedForMs = 60_000;

interface Entry extends Kept {
  readonly life: Life<'accepted' | 'partlyAccepted' | 'reverted' | 'retained'>;
  readonly range: TrackedRange;
  /** As it was taken. */
  readonly taken: string;
  readonly at: number;
  /** Undo may count as a revert. */
  readonly revertible: boolean;
  /** When its document was closed, and what stood there then; null: it is open. */
  readonly closed: { readonly at: number; readonly text: string } | null;
  readonly cancel: () => void;
}

/**
 * Follows accepted texts through later edits of their documents: notices when one is undone, and looks after half a minute
 * and after two how much of it is left.
 */
export class KeptRanges {
  readonly #entries = new Map<string, Entry>();
  readonly #deps: KeptRangesDeps;
  /** Tests can't wait two minutes. */
  #retentionMs: readonly number[] = retentionMs;

  constructor(deps: KeptRangesDeps) {
    this.#deps = deps;
  }

  set retentionDelays(delaysMs: readonly number[]) {
    this.#retentionMs = delaysMs;
  }

  /**
   * `kept` in the text as it is now. A later part of the same episode replaces what was kept of it.
   * `typed`: the developer wrote it character by character, so undoing it says nothing about the suggestion.
   */
  keep(kept: Kept, how: 'taken' | 'typed', stage: 'accepted' | 'partlyAccepted' = 'accepted'): void {
    const { episodeId, uri, start, end } = kept;
    this.#drop(episodeId);
    this.#entries.set(episodeId, {
      ...kept,
      life: { stage, episodeId },
      range: trackRange(start, end),
      taken: this.#deps.textOf(uri, start, end) ?? '',
      at: this.#deps.now(),
      revertible: how === 'taken',
      closed: null,
      cancel: this.#lookLater(episodeId, 0),
    });
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= maxKept) break;
      this.#drop(oldest);
    }
  }

  /** The developer took it with a key after all: undoing it says something. */
  confirm(episodeId: string): void {
    const entry = this.#entries.get(episodeId);
    if (entry) this.#entries.set(episodeId, { ...entry, revertible: true });
  }

  /** Changes in the order VS Code gives them: last in the document first. The document already holds them. */
  changed(uri: string, changes: readonly DocumentChange[], reason: 'undo' | 'other'): void {
    const now = this.#deps.now();
    const events: LifecycleEvent[] = [];
    for (const entry of this.#entries.values()) {
      if (entry.uri !== uri || entry.closed) continue;
      let { range, life } = entry;
      for (const change of changes) {
        const recent = entry.revertible && now - entry.at <= revertMs;
        if (reason === 'undo' && recent && touches(range, change)) {
          if (life.stage === 'accepted' || life.stage === 'partlyAccepted') {
            const reverted = step(life, 'reverted', { at: now, candidateId: entry.candidateId });
            events.push(reverted.event);
            life = reverted.life;
            entry.cancel();
          }
        }
        range = followed(range, change, entry.taken);
      }
      this.#entries.set(entry.episodeId, { ...entry, range, life });
    }
    if (events.length > 0) this.#deps.emit(events);
  }

  /** Edits made while a document is closed are not seen. What stood there is remembered, to find it again. */
  closed(uri: string, text: string): void {
    const at = this.#deps.now();
    for (const entry of this.#entries.values()) {
      const { episodeId, range } = entry;
      if (entry.uri !== uri || entry.closed) continue;
      this.#entries.set(episodeId, { ...entry, closed: { at, text: text.slice(range.start, range.end) } });
    }
  }

  /** Whether something is to be found in this document once it is open again: else nobody need read it. */
  awaits(uri: string): boolean {
    for (const entry of this.#entries.values()) if (entry.uri === uri && entry.closed) return true;
    return false;
  }

  /** A document is open again, perhaps under another name: what is found in it is followed on, the rest is forgotten. */
  opened(uri: string, text: string): void {
    for (const entry of this.#entries.values()) {
      if (entry.uri === uri) this.#found(entry, text);
    }
  }

  #found(entry: Entry, text: string): void {
    if (!entry.closed) return;
    const { start, end } = entry.range;
    const stands = text.slice(start, end) === entry.closed.text;
    const found = stands ? { start, end } : reanchor(text, entry.closed.text, start);
    if (found && this.#deps.now() - entry.closed.at <= closedForMs) {
      this.#entries.set(entry.episodeId, { ...entry, closed: null, range: trackRange(found.start, found.end) });
    } else this.#drop(entry.episodeId);
  }

  /** A file, or the folder it is in, has a new name: its texts go with it. It may be open again already. */
  renamed(from: string, to: string): void {
    for (const entry of this.#entries.values()) {
      const { uri, episodeId } = entry;
      if (uri !== from && !uri.startsWith(`${from}/`)) continue;
      const moved = { ...entry, uri: to + uri.slice(from.length) };
      this.#entries.set(episodeId, moved);
      const text = this.#deps.textOf(moved.uri, 0, Number.MAX_SAFE_INTEGER);
      if (text !== null) this.#found(moved, text);
    }
  }

  /** Where the text of an episode stands now; null when it is not followed. */
  rangeOf(episodeId: string): { readonly uri: string; readonly start: number; readonly end: number } | null {
    const entry = this.#entries.get(episodeId);
    return entry && !entry.closed ? { uri: entry.uri, start: entry.range.start, end: entry.range.end } : null;
  }

  dispose(): void {
    for (const id of [...this.#entries.keys()]) this.#drop(id);
  }

  #lookLater(episodeId: string, nth: number): () => void {
    const afterMs = this.#retentionMs[nth];
    if (afterMs === undefined) return () => {};
    const waited = nth === 0 ? 0 : this.#retentionMs[nth - 1]!;
    return this.#deps.schedule(afterMs - waited, () => this.#look(episodeId, nth, afterMs));
  }

  #look(episodeId: string, nth: number, afterMs: number): void {
    const entry = this.#entries.get(episodeId);
    if (!entry || entry.life.stage === 'reverted') return;
    const cancel = this.#lookLater(episodeId, nth + 1);
    // Of a closed document nothing is claimed; it may be open again the next time.
    const { uri, range, candidateId, taken, life } = entry;
    const text = entry.closed ? null : this.#deps.textOf(uri, range.start, range.end);
    if (text === null) {
      this.#entries.set(episodeId, { ...entry, cancel });
      return;
    }
    const grown = text.length > longestCorrection(taken);
    const fact = { at: this.#deps.now(), candidateId, afterMs, share: survival(taken, text) };
    const retained = step(life, 'retained', grown ? fact : { ...fact, text: unix(text) });
    this.#entries.set(episodeId, { ...entry, life: retained.life, cancel });
    this.#deps.emit([retained.event]);
  }

  #drop(episodeId: string): void {
    this.#entries.get(episodeId)?.cancel();
    this.#entries.delete(episodeId);
  }
}

/** More than this in place of the text is not a correction of it, but another text. */
const longestCorrection = (taken: string): number => 3 * taken.length + 80;

/** The range after a change. One that swallows it with all around it (a formatter) is searched for the text. */
function followed(range: TrackedRange, change: DocumentChange, taken: string): TrackedRange {
  const { offset, length, text } = change;
  const swallowed = offset <= range.start && offset + length >= range.end && length > range.end - range.start;
  if (!swallowed || text === '') return shiftRange(range, change);
  const near = Math.round(((range.start - offset) / length) * text.length);
  const found = reanchor(text, taken, near);
  if (found) return trackRange(offset + found.start, offset + found.end);
  return text.length <= longestCorrection(taken) ? shiftRange(range, change) : trackRange(offset + near, offset + near);
}
