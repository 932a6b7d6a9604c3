import { type Life, type LifecycleEvent, offeredLife, step } from '../../protocol/lifecycle.ts';
import type { DocumentChange } from '../../protocol/rpc.ts';
import { readMs, shownMs } from '../inline/offerTracker.ts';
import { shiftRange, type TrackedRange, trackRange } from '../inline/trackedRange.ts';

/** A place for the same change. Offsets in the document as it is at this moment. */
export interface NextEditOffer {
  readonly episodeId: string;
  readonly candidateId: string;
  readonly uri: string;
  readonly start: number;
  readonly end: number;
  /** What stands there, and what would. */
  readonly before: string;
  readonly text: string;
  /** Places there are beside this one. */
  readonly remaining: number;
}

/** The lines of the change that is being repeated: when they are edited further, it is another change. */
export interface SourceLines {
  readonly uri: string;
  readonly start: number;
  readonly end: number;
}

export type NextEditEnd = 'moved' | 'superseded' | 'timedOut' | 'typedPast' | 'closed';

export interface NextEditTrackerDeps {
  now(): number;
  /** Runs `run` after `delayMs`; the answer cancels it. */
  schedule(delayMs: number, run: () => void): () => void;
  emit(events: readonly LifecycleEvent[]): void;
  /** The offer is another, stands elsewhere, or is gone. */
  onChange(): void;
}

/** Not taken by then, it is not wanted. */
export const nextEditMs = 60_000;

interface Live {
  readonly life: Life<'offered' | 'shown' | 'read'>;
  readonly offer: NextEditOffer;
  readonly source: { readonly uri: string; readonly range: TrackedRange } | null;
}

/**
 * The life of the one place that is offered. Its buttons are ours, so nothing is guessed.
 *
 *     offer ─▶ live ──▶ shown (in sight 100 ms) ──▶ read      accepted   Tab at the place
 *                                                             rejected   Escape
 *                                                             ignored    typed past, moved, superseded, timed out, closed
 */
export class NextEditTracker {
  readonly #deps: NextEditTrackerDeps;
  #live: Live | null = null;
  #inSight = false;
  #cancelSight: () => void = () => {};
  #cancelEnd: () => void = () => {};

  constructor(deps: NextEditTrackerDeps) {
    this.#deps = deps;
  }

  get live(): NextEditOffer | null {
    return this.#live?.offer ?? null;
  }

  /** Where the change that is repeated was made, as it stands now. */
  get source(): SourceLines | null {
    const source = this.#live?.source;
    return source ? { uri: source.uri, start: source.range.start, end: source.range.end } : null;
  }

  /** A place was found. One that is on the screen already stays as it is; another is superseded. */
  offer(offer: NextEditOffer, source: SourceLines | null): void {
    if (this.#live?.offer.episodeId === offer.episodeId) return;
    this.leave('superseded');
    this.#inSight = false;
    this.#live = {
      life: offeredLife(offer.episodeId),
      offer,
      source: source && { uri: source.uri, range: trackRange(source.start, source.end) },
    };
    this.#cancelEnd = this.#deps.schedule(nextEditMs, () => this.leave('timedOut'));
    this.#deps.onChange();
  }

  /** Whether the place is drawn where the user can see it: a hint that points elsewhere shows nothing of it. */
  sight(inSight: boolean): void {
    if (!this.#live || inSight === this.#inSight) return;
    this.#inSight = inSight;
    this.#cancelSight();
    if (inSight) this.#watch();
  }

  /** A document changed: `by` us, or the user. Changes in the order VS Code gives them, last in the document first. */
  changed(uri: string, changes: readonly DocumentChange[], by: 'user' | 'us'): void {
    for (const change of changes) {
      if (!this.#live) return;
      if (by === 'user' && this.#editsSource(this.#live, uri, change)) this.leave('superseded');
      else this.#shift(this.#live, uri, change, by);
    }
  }

  /** The user works in `uri` now. */
  focused(uri: string): void {
    const live = this.#live;
    if (live && uri !== live.offer.uri && uri !== live.source?.uri) this.leave('moved');
  }

  closed(uri: string): void {
    if (this.#live?.offer.uri === uri) this.leave('closed');
  }

  /** The change was made at the place. */
  accepted(): void {
    this.#finish((life, fact) => step(life, 'accepted', fact));
  }

  rejected(): void {
    this.#finish((life, fact) => step(life, 'rejected', { ...fact, reason: 'escape' }));
  }

  leave(reason: NextEditEnd): void {
    this.#finish((life, fact) => step(life, 'ignored', { ...fact, reason }));
  }

  #finish(
    end: (life: Live['life'], fact: { at: number; candidateId: string }) => { readonly event: LifecycleEvent },
  ): void {
    const live = this.#live;
    if (!live) return;
    this.#live = null;
    this.#cancelSight();
    this.#cancelEnd();
    this.#deps.emit([end(live.life, this.#fact(live.offer)).event]);
    this.#deps.onChange();
  }

  #fact({ candidateId }: NextEditOffer): { readonly at: number; readonly candidateId: string } {
    return { at: this.#deps.now(), candidateId };
  }

  #editsSource({ source }: Live, uri: string, change: DocumentChange): boolean {
    if (source?.uri !== uri) return false;
    return change.offset <= source.range.end && change.offset + change.length >= source.range.start;
  }

  #shift(live: Live, uri: string, change: DocumentChange, by: 'user' | 'us'): void {
    const { life, offer } = live;
    const source = live.source?.uri === uri ? { uri, range: shiftRange(live.source.range, change) } : live.source;
    if (offer.uri !== uri || change.offset > offer.end) {
      this.#live = { life, offer, source };
      return;
    }
    if (change.offset + change.length >= offer.start) {
      // What touches the place, or a name it begins or ends with, makes it another; ours is the acceptance itself.
      if (by === 'user') this.leave('typedPast');
      else this.#live = { life, offer, source };
      return;
    }
    const grown = change.text.length - change.length;
    this.#live = { life, offer: { ...offer, start: offer.start + grown, end: offer.end + grown }, source };
    this.#deps.onChange();
  }

  #watch(): void {
    const { life, offer } = this.#live!;
    switch (life.stage) {
      case 'offered':
        this.#see(shownMs, (live) => {
          if (live.life.stage === 'offered') this.#saw(live, step(live.life, 'shown', this.#fact(live.offer)));
        });
        break;
      case 'shown':
        this.#see(readMs(offer.text.length + offer.before.length) - shownMs, (live) => {
          if (live.life.stage === 'shown') this.#saw(live, step(live.life, 'read', this.#fact(live.offer)));
        });
        break;
      case 'read':
        break;
    }
  }

  #see(delayMs: number, saw: (live: Live) => void): void {
    this.#cancelSight = this.#deps.schedule(delayMs, () => this.#live && saw(this.#live));
  }

  #saw(live: Live, { life, event }: { readonly life: Live['life']; readonly event: LifecycleEvent }): void {
    this.#live = { ...live, life };
    this.#deps.emit([event]);
    this.#watch();
  }
}
