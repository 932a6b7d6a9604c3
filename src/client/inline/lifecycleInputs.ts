import type { LifecycleEvent } from '../../protocol/lifecycle.ts';
import type { DocumentChange } from '../../protocol/rpc.ts';
import { type Kept, KeptRanges } from './keptRanges.ts';
import type { Offer } from './offer.ts';
import { OfferTracker } from './offerTracker.ts';

export type ChangeReason = 'undo' | 'redo' | 'other';

/** A document that is open, with its text as it is now. */
export interface OpenDocument {
  readonly uri: string;
  readonly languageId: string;
  readonly text: string;
}

/**
 * All that the lifecycle of suggestions is inferred from, in the order in which it happens. The same calls at the same times
 * give the same events: recordings stand on that.
 */
export interface LifecycleInputs {
  offer(offer: Offer): void;
  unseen(episodeId: string): void;
  selectedInWidget(text: string | null): void;
  /** Changes in the order VS Code gives them, last in the document first. */
  changed(uri: string, changes: readonly DocumentChange[], reason: ChangeReason): void;
  /** Null: several cursors, or a selection. */
  moved(uri: string, cursor: number | null): void;
  focused(uri: string | null): void;
  opened(document: OpenDocument): void;
  /** `text`: as it was when it was closed. */
  closed(uri: string, text: string): void;
  /** URIs of a file, or of the folder it is in. */
  renamed(from: string, to: string): void;
  dismissed(): void;
  acceptedByCommand(episodeId: string, candidateId: string): void;
  /** A requested edit was accepted. */
  kept(kept: Kept): void;
}

export interface LifecycleDeps {
  now(): number;
  schedule(delayMs: number, run: () => void): () => void;
  /** Text of an open document between two offsets, after the change that is being told; null when it is not open. */
  textOf(uri: string, start: number, end: number): string | null;
  emit(events: readonly LifecycleEvent[]): void;
  onLive(live: boolean): void;
}

/** The parts that infer the lifecycle, wired to each other: once in the editor, once for a recording. */
export function createLifecycle({ now, schedule, textOf, emit, onLive }: LifecycleDeps): {
  readonly tracker: OfferTracker;
  readonly ranges: KeptRanges;
  readonly inputs: LifecycleInputs;
} {
  const ranges = new KeptRanges({ now, schedule, textOf, emit });
  const tracker = new OfferTracker({
    now,
    schedule,
    emit,
    onKept: (kept, how, stage) => ranges.keep(kept, how, stage),
    onConfirmed: (episodeId) => ranges.confirm(episodeId),
    onLive,
  });
  const inputs: LifecycleInputs = {
    offer: (offer) => tracker.offer(offer),
    unseen: (episodeId) => tracker.unseen(episodeId),
    selectedInWidget: (text) => tracker.selectedInWidget(text),
    changed(uri, changes, reason) {
      // What is undone was taken before.
      if (reason === 'undo') tracker.settle();
      // First what was kept before this change: the change itself may be an acceptance.
      ranges.changed(uri, changes, reason === 'undo' ? 'undo' : 'other');
      tracker.changed(uri, changes);
    },
    moved: (uri, cursor) => tracker.moved(uri, cursor),
    focused: (uri) => tracker.focused(uri),
    opened(document) {
      // Of most documents the text is not asked for: reading a large one would be felt.
      if (ranges.awaits(document.uri)) ranges.opened(document.uri, document.text);
    },
    closed(uri, text) {
      tracker.closed(uri);
      ranges.closed(uri, text);
    },
    renamed: (from, to) => ranges.renamed(from, to),
    dismissed: () => tracker.dismissed(),
    acceptedByCommand: (episodeId, candidateId) => tracker.acceptedByCommand(episodeId, candidateId),
    kept: (kept) => ranges.keep(kept, 'taken'),
  };
  return { tracker, ranges, inputs };
}

/** Passes everything on to `inputs`; while there is a `tap`, it hears of it first. */
export function tapped(inputs: LifecycleInputs, tap: () => LifecycleInputs | null): LifecycleInputs {
  const both = (tell: (to: LifecycleInputs) => void): void => {
    const listening = tap();
    if (listening) tell(listening);
    tell(inputs);
  };
  return {
    offer: (offer) => both((to) => to.offer(offer)),
    unseen: (episodeId) => both((to) => to.unseen(episodeId)),
    selectedInWidget: (text) => both((to) => to.selectedInWidget(text)),
    changed: (uri, changes, reason) => both((to) => to.changed(uri, changes, reason)),
    moved: (uri, cursor) => both((to) => to.moved(uri, cursor)),
    focused: (uri) => both((to) => to.focused(uri)),
    opened: (document) => both((to) => to.opened(document)),
    closed: (uri, text) => both((to) => to.closed(uri, text)),
    renamed: (from, to) => both((one) => one.renamed(from, to)),
    dismissed: () => both((to) => to.dismissed()),
    acceptedByCommand: (episodeId, candidateId) => both((to) => to.acceptedByCommand(episodeId, candidateId)),
    kept: (kept) => both((to) => to.kept(kept)),
  };
}
