import type { DocumentChange } from '../../protocol/rpc.ts';
import type { Kept } from './keptRanges.ts';
import type { LifecycleEvent } from './lifecycleEvent.ts';
import { advance, cursorOf, type LiveItem, restOf, unix, visible } from './offer.ts';

/** What was returned to VS Code for one place. Offsets in the document as it is at this moment. */
export interface Offer {
  readonly episodeId: string;
  readonly uri: string;
  readonly cursor: number;
  /** Text of the line of the cursor up to the cursor, and from the cursor on. */
  readonly linePrefix: string;
  readonly lineSuffix: string;
  /** `start` to `end` is on the line of the cursor and is replaced by `insertText`. */
  readonly items: readonly { candidateId: string; insertText: string; start: number; end: number }[];
}

/** A candidate as it can be returned again: the range is on the line of the cursor. */
export interface RestItem {
  readonly candidateId: string;
  readonly insertText: string;
  readonly start: number;
  readonly end: number;
}

export type IgnoredReason = 'typedPast' | 'deleted' | 'moved' | 'superseded' | 'blurred';

export interface OfferTrackerDeps {
  now(): number;
  /** Runs `run` after `delayMs`; the answer cancels it. */
  schedule(delayMs: number, run: () => void): () => void;
  emit(events: readonly LifecycleEvent[]): void;
  /** Text of ours stands in the document now. */
  onKept(kept: Kept, how: 'taken' | 'typed'): void;
  /** An offer appeared on the screen, or the last one is gone. */
  onLive(live: boolean): void;
}

/** Drawn for this long: the eye may have caught it. */
export const shownMs = 100;
/** Read: 20 ms a character, between 300 and 750 ms (Cody counts 750 ms for any length). */
export const readMs = (characters: number): number => Math.min(750, Math.max(300, 20 * characters));
/** VS Code runs the item's command within milliseconds of its change. */
const commandWithinMs = 500;
const rememberedAccepts = 200;

interface Live {
  readonly episodeId: string;
  readonly uri: string;
  readonly items: readonly LiveItem[];
}
interface TypedOut {
  readonly kept: Kept;
  readonly cancel: () => void;
}

/**
 * Infers what became of the ghost text we offered, from what the stable API lets us see. At most one offer is alive.
 *
 *     offer ─▶ live ──▶ shown (100 ms) ──▶ read            accepted   the change equals the offer, or our command ran
 *               │ ▲                                        partlyAccepted, typed along: alive with a shorter rest
 *               └─┘ typed along                            ignored    typed past, deleted, moved, superseded, blurred
 *                                                          rejected   Escape
 */
export class OfferTracker {
  readonly #deps: OfferTrackerDeps;
  readonly #accepted = new Set<string>();
  #live: Live | null = null;
  #typedOut: TypedOut | null = null;
  #selected: string | null = null;
  #cancelTimer: () => void = () => {};

  constructor(deps: OfferTrackerDeps) {
    this.#deps = deps;
  }

  /** The episode on the screen; null when there is none. */
  get liveEpisode(): string | null {
    return this.#live?.episodeId ?? null;
  }

  /** A new offer is being returned to the editor; an older one is superseded. */
  offer(offer: Offer): void {
    this.#flushTypedOut();
    if (this.#live?.episodeId !== offer.episodeId) this.#ignore('superseded');
    // The engine may offer an episode again, for example after an undo: it can be accepted again.
    this.#accepted.delete(offer.episodeId);
    const items = offer.items.map((item) => liveItem(offer, item));
    if (items.length === 0) return;
    this.#setLive({ episodeId: offer.episodeId, uri: offer.uri, items });
    this.#watch('shown', shownMs);
  }

  /** An answer that came too late to be drawn. */
  unseen(episodeId: string): void {
    this.#deps.emit([{ episodeId, at: this.#deps.now(), type: 'ignored', reason: 'superseded' }]);
  }

  /** What the suggest widget would insert, when it is open: taking that is not taking a part of the offer. */
  selectedInWidget(text: string | null): void {
    this.#selected = text;
  }

  /** What is left of the offer on the screen at `cursor`; null when another must be asked for. */
  rest(uri: string, cursor: number): { readonly episodeId: string; readonly items: readonly RestItem[] } | null {
    const live = this.#live;
    if (live?.uri !== uri) return null;
    const items = live.items.filter((item) => cursorOf(item) === cursor && visible(item)).map(restItem);
    return items.length > 0 ? { episodeId: live.episodeId, items } : null;
  }

  /** The document changed: changes in the order VS Code gives them, last in the document first. */
  changed(uri: string, changes: readonly DocumentChange[]): void {
    if (this.#typedOut && changes.length > 0) this.#flushTypedOut();
    for (const change of changes) if (this.#live?.uri === uri) this.#advance(this.#live, change);
  }

  /** The cursor of the offer's document is at `cursor` now; null: several cursors, or a selection. */
  moved(uri: string, cursor: number | null): void {
    if (this.#live?.uri !== uri) return;
    if (!this.#live.items.some((item) => cursorOf(item) === cursor)) this.#ignore('moved');
  }

  /** The editor of `uri` has the focus; null: none has. */
  focused(uri: string | null): void {
    if (this.#live?.uri !== uri) this.#ignore('blurred');
  }

  closed(uri: string): void {
    if (this.#live?.uri === uri) this.#ignore('blurred');
  }

  /** Escape while our offer was on the screen. */
  dismissed(): void {
    const live = this.#live;
    if (!live) return;
    this.#setLive(null);
    this.#emit(live.episodeId, live.items[0]?.candidateId, { type: 'rejected', reason: 'escape' });
  }

  /** VS Code ran the command of an item. It comes after the change; whichever is first counts, the other is nothing new. */
  acceptedByCommand(episodeId: string, candidateId: string): void {
    const typedOut = this.#typedOut;
    if (typedOut?.kept.episodeId === episodeId) {
      typedOut.cancel();
      this.#typedOut = null;
      this.#accept(typedOut.kept, 'taken');
      return;
    }
    if (this.#accepted.has(episodeId)) return;
    const live = this.#live;
    const item = live?.episodeId === episodeId ? live.items.find((one) => one.candidateId === candidateId) : undefined;
    if (live && item) {
      this.#setLive(null);
      const start = item.start + item.lead;
      this.#accept({ episodeId, candidateId, uri: live.uri, start, end: item.start + item.fullText.length }, 'taken');
      return;
    }
    this.#remember(episodeId);
    this.#emit(episodeId, candidateId, { type: 'accepted' });
  }

  #advance(live: Live, change: DocumentChange): void {
    const items: LiveItem[] = [];
    let part: { candidateId: string; text: string; start: number; end: number } | null = null;
    let ended: IgnoredReason = 'typedPast';
    for (const item of live.items) {
      const step = advance(item, change);
      switch (step.type) {
        case 'complete': {
          const { episodeId, uri } = live;
          this.#setLive(null);
          const kept = { episodeId, candidateId: item.candidateId, uri, start: step.start, end: step.end };
          if (step.how === 'inserted') this.#accept(kept, 'taken');
          else this.#typedOutSoon(kept);
          return;
        }
        case 'partly':
          items.push(step.item);
          if (this.#selected?.endsWith(step.text)) break;
          part ??= {
            candidateId: item.candidateId,
            text: step.text,
            start: item.start + item.lead,
            end: cursorOf(step.item),
          };
          break;
        case 'live':
          items.push(step.item);
          break;
        case 'ended':
          ended = step.why;
          break;
      }
    }
    if (items.length === 0) {
      this.#ignore(ended);
      return;
    }
    this.#live = { ...live, items };
    if (!part) return;
    const { candidateId, text, start, end } = part;
    this.#emit(live.episodeId, candidateId, { type: 'partlyAccepted', text });
    this.#deps.onKept({ episodeId: live.episodeId, candidateId, uri: live.uri, start, end }, 'taken');
  }

  #accept(kept: Kept, how: 'taken' | 'typed'): void {
    this.#remember(kept.episodeId);
    const reason = how === 'typed' ? { reason: 'typed' } : {};
    this.#emit(kept.episodeId, kept.candidateId, { type: 'accepted', ...reason });
    this.#deps.onKept(kept, how);
  }

  /** The last character may have been typed, or Tab pressed on a rest of one character: the command decides. */
  #typedOutSoon(kept: Kept): void {
    this.#typedOut = { kept, cancel: this.#deps.schedule(commandWithinMs, () => this.#flushTypedOut()) };
  }

  #flushTypedOut(): void {
    const typedOut = this.#typedOut;
    if (!typedOut) return;
    typedOut.cancel();
    this.#typedOut = null;
    this.#accept(typedOut.kept, 'typed');
  }

  #ignore(reason: IgnoredReason): void {
    const live = this.#live;
    if (!live) return;
    this.#setLive(null);
    this.#emit(live.episodeId, live.items[0]?.candidateId, { type: 'ignored', reason });
  }

  #watch(type: 'shown' | 'read', delayMs: number): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#deps.schedule(delayMs, () => {
      const item = this.#live?.items.find(visible);
      if (!this.#live || !item) return;
      this.#emit(this.#live.episodeId, item.candidateId, { type });
      if (type === 'shown') this.#watch('read', readMs(restOf(item).length) - shownMs);
    });
  }

  #setLive(live: Live | null): void {
    const was = this.#live !== null;
    this.#live = live;
    if (!live) this.#cancelTimer();
    if (was !== (live !== null)) this.#deps.onLive(live !== null);
  }

  #remember(episodeId: string): void {
    this.#accepted.add(episodeId);
    const [oldest] = this.#accepted;
    if (this.#accepted.size > rememberedAccepts && oldest !== undefined) this.#accepted.delete(oldest);
  }

  #emit(episodeId: string, candidateId: string | undefined, event: Omit<LifecycleEvent, 'episodeId' | 'at'>): void {
    const candidate = candidateId === undefined ? {} : { candidateId };
    this.#deps.emit([{ episodeId, ...candidate, at: this.#deps.now(), ...event }]);
  }
}

function liveItem(offer: Offer, item: Offer['items'][number]): LiveItem {
  const lineStart = offer.cursor - offer.linePrefix.length;
  const lead = item.start - lineStart;
  return {
    candidateId: item.candidateId,
    fullText: offer.linePrefix.slice(0, lead) + unix(item.insertText),
    start: lineStart,
    lead,
    typed: offer.linePrefix,
    tail: offer.lineSuffix.slice(0, item.end - offer.cursor),
    floor: offer.linePrefix.length,
  };
}

/** After a typed line break the range must begin on the new line; before, where the candidate begins. */
function restItem(item: LiveItem): RestItem {
  const lines = item.typed.lastIndexOf('\n') + 1;
  const start = lines > 0 ? lines : item.lead;
  return {
    candidateId: item.candidateId,
    insertText: item.fullText.slice(unix(item.typed.slice(0, start)).length),
    start: item.start + start,
    end: cursorOf(item) + item.tail.length,
  };
}
