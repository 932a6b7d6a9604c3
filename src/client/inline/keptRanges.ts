import type { DocumentChange } from '../../protocol/rpc.ts';
import type { LifecycleEvent } from './lifecycleEvent.ts';
import { shiftRange, type TrackedRange, touches, trackRange } from './trackedRange.ts';

/** Text of ours that now stands in a document. */
export interface Kept {
  readonly episodeId: string;
  readonly candidateId: string;
  readonly uri: string;
  readonly start: number;
  readonly end: number;
}

/** Undo within this time says that taking it was a mistake (Cody: `rejection-tracker.ts`). */
export const revertMs = 10_000;
const maxKept = 100;

interface Entry extends Kept {
  readonly range: TrackedRange;
  readonly at: number;
  /** Undo may still count as a revert, and has not yet. */
  readonly revertible: boolean;
}

/** Follows accepted texts through later edits of their documents, and notices when one is undone. */
export class KeptRanges {
  readonly #entries = new Map<string, Entry>();
  readonly #deps: { now(): number; emit(events: readonly LifecycleEvent[]): void };

  constructor(deps: { now(): number; emit(events: readonly LifecycleEvent[]): void }) {
    this.#deps = deps;
  }

  /**
   * `kept` in the text as it is now. A later part of the same episode replaces what was kept of it.
   * `typed`: the developer wrote it character by character, so undoing it says nothing about the suggestion.
   */
  keep(kept: Kept, how: 'taken' | 'typed'): void {
    this.#entries.delete(kept.episodeId);
    this.#entries.set(kept.episodeId, {
      ...kept,
      range: trackRange(kept.start, kept.end),
      at: this.#deps.now(),
      revertible: how === 'taken',
    });
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= maxKept) break;
      this.#entries.delete(oldest);
    }
  }

  /** Changes in the order VS Code gives them: last in the document first. */
  changed(uri: string, changes: readonly DocumentChange[], reason: 'undo' | 'other'): void {
    const now = this.#deps.now();
    const events: LifecycleEvent[] = [];
    for (const entry of this.#entries.values()) {
      if (entry.uri !== uri) continue;
      let { range, revertible } = entry;
      for (const change of changes) {
        if (reason === 'undo' && revertible && now - entry.at <= revertMs && touches(range, change)) {
          revertible = false;
          events.push({ episodeId: entry.episodeId, candidateId: entry.candidateId, at: now, type: 'reverted' });
        }
        range = shiftRange(range, change);
      }
      this.#entries.set(entry.episodeId, { ...entry, range, revertible });
    }
    if (events.length > 0) this.#deps.emit(events);
  }

  /** Edits made while a document is closed are not seen: its ranges are worth nothing. */
  closed(uri: string): void {
    for (const entry of this.#entries.values()) if (entry.uri === uri) this.#entries.delete(entry.episodeId);
  }

  /** Where the text of an episode stands now; null when it is not followed. */
  rangeOf(episodeId: string): { readonly uri: string; readonly start: number; readonly end: number } | null {
    const entry = this.#entries.get(episodeId);
    return entry ? { uri: entry.uri, start: entry.range.start, end: entry.range.end } : null;
  }
}
