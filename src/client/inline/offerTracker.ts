import { type IgnoredReason, type Life, type LifecycleEvent, offeredLife, step } from '../../protocol/lifecycle.ts';
import type { DocumentChange } from '../../protocol/rpc.ts';
import type { Kept } from './keptRanges.ts';
import {
  advance,
  cursorOf,
  type LiveItem,
  liveItem,
  type Offer,
  type RestItem,
  restItem,
  restOf,
  visible,
} from './offer.ts';

export interface OfferTrackerDeps {
  now(): number;
  /** Runs `run` after `delayMs`; the answer cancels it. */
  schedule(delayMs: number, run: () => void): () => void;
  emit(events: readonly LifecycleEvent[]): void;
  /** Text of ours stands in the document now. */
  onKept(kept: Kept, how: 'taken' | 'typed', stage: 'accepted' | 'partlyAccepted'): void;
  /** What was kept as typed was taken with a key after all. */
  onConfirmed(episodeId: string): void;
  /** An offer appeared on the screen, or the last one is gone. */
  onLive(live: boolean): void;
}

/** Drawn for this long: the eye may have caught it. */
export const shownMs = 100;
/** Read: 20 ms a character, between 300 and 750 ms (Cody counts 750 ms for any length). */
export const readMs = (characters: number): number => Math.min(750, Math.max(300, 20 * characters));
/** Deleting the code an offer was made for turns it down, if there was time to see it (Cody: `handleUnwantedCompletionItem`). */
export const seenMs = 300;
/** Nothing happened for this long: the developer looks elsewhere (Continue counts the same time). It stays on the screen. */
export const timeOutMs = 10_000;
/** VS Code runs the item's command within milliseconds of its change. */
const commandWithinMs = 500;
const remembered = 200;

/** `ignored`: timed out, and still on the screen. */
type LiveStage = 'offered' | 'shown' | 'read' | 'partlyAccepted' | 'ignored';
interface Live {
  readonly life: Life<LiveStage>;
  readonly uri: string;
  readonly items: readonly LiveItem[];
  readonly shownAt: number | null;
}
/** All of it stands in the document; whether a key of ours put it there is told by the command, or by its absence. */
interface Arrived {
  readonly life: Life<LiveStage>;
  readonly kept: Kept;
  readonly how: 'typed' | 'inserted';
  readonly at: number;
  readonly cancel: () => void;
}

/**
 * Infers what became of the ghost text we offered, from what the stable API lets us see. At most one offer is alive. The
 * steps are those of `protocol/lifecycle.ts`.
 *
 *     offer ─▶ live ──▶ shown (100 ms) ──▶ read            accepted   the change equals the offer, or our command ran
 *               │ ▲                                        partlyAccepted, typed along: alive with a shorter rest
 *               └─┘ typed along                            ignored    typed past, moved, superseded, blurred, timed out
 *                                                          rejected   Escape, or its place deleted
 */
export class OfferTracker {
  readonly #deps: OfferTrackerDeps;
  readonly #accepted = new Set<string>();
  readonly #ended = new Set<string>();
  readonly #arrived = new Map<string, Arrived>();
  #live: Live | null = null;
  #selected: string | null = null;
  #cancelEye: () => void = () => {};
  #cancelTimeOut: () => void = () => {};

  constructor(deps: OfferTrackerDeps) {
    this.#deps = deps;
  }

  /** The episode on the screen; null when there is none. */
  get liveEpisode(): string | null {
    return this.#live?.life.episodeId ?? null;
  }

  /** A new offer is being returned to the editor; an older one is superseded. */
  offer(offer: Offer): void {
    const again = this.#live?.life.episodeId === offer.episodeId ? this.#live : null;
    if (!again) this.#ignore('superseded');
    const items = offer.items.map((item) => liveItem(offer, item));
    if (items.length === 0) return;
    // The engine may offer an episode again, for example after an undo: it can be accepted again.
    this.settle();
    this.#accepted.delete(offer.episodeId);
    const life = again?.life ?? offeredLife(offer.episodeId);
    // The engine writes down the first time only.
    if (!again && this.#ended.has(offer.episodeId))
      this.#deps.emit([{ episodeId: offer.episodeId, at: this.#deps.now(), type: 'offered' }]);
    this.#setLive({ life, uri: offer.uri, items, shownAt: again?.shownAt ?? null });
    if (life.stage === 'offered') this.#watch('shown', shownMs);
  }

  /** An answer that came too late to be drawn. */
  unseen(episodeId: string): void {
    this.#emit(step(offeredLife(episodeId), 'ignored', { at: this.#deps.now(), reason: 'superseded' }));
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
    return items.length > 0 ? { episodeId: live.life.episodeId, items } : null;
  }

  /** The document changed: changes in the order VS Code gives them, last in the document first. */
  changed(uri: string, changes: readonly DocumentChange[]): void {
    for (const change of changes) if (this.#live?.uri === uri) this.#advance(this.#live, change, changes.length === 1);
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
    if (this.#live) this.#reject(this.#live, 'escape');
  }

  /** VS Code ran the command of an item. It comes after the change; whichever is first counts, the other is nothing new. */
  acceptedByCommand(episodeId: string, candidateId: string): void {
    const arrived = this.#arrived.get(episodeId);
    if (arrived) {
      this.#deps.onConfirmed(episodeId);
      this.#tellAccepted(arrived, {});
      return;
    }
    if (this.#accepted.has(episodeId)) return;
    const live = this.#live;
    const item =
      live?.life.episodeId === episodeId ? live.items.find((one) => one.candidateId === candidateId) : undefined;
    remember(this.#accepted, episodeId);
    remember(this.#ended, episodeId);
    if (live && item) {
      this.#setLive(null);
      const start = item.start + item.lead;
      const kept = { episodeId, candidateId, uri: live.uri, start, end: item.start + item.fullText.length };
      this.#deps.onKept(kept, 'taken', 'accepted');
    }
    // Thought to have ended, it was taken all the same: the command is surer than what we inferred.
    const life: Life<LiveStage> = live && item ? live.life : { stage: 'ignored', episodeId };
    this.#emit(step(life, 'accepted', { at: this.#deps.now(), candidateId }));
  }

  /** Tells at once what waits for a command: something is about to follow from it, such as an undo. */
  settle(): void {
    for (const arrived of [...this.#arrived.values()]) this.#tellAccepted(arrived, { reason: arrived.how });
  }

  /** `alone`: the only change of its event. A person deletes at one place. */
  #advance(live: Live, change: DocumentChange, alone: boolean): void {
    const items: LiveItem[] = [];
    let part: { candidateId: string; text: string; start: number; end: number } | null = null;
    let ended: 'deleted' | 'typedPast' = 'typedPast';
    let moved = false;
    for (const item of live.items) {
      const next = advance(item, change);
      switch (next.type) {
        case 'complete':
          this.#arrive(live, item.candidateId, next);
          return;
        case 'partly':
          items.push(next.item);
          moved = true;
          if (this.#selected?.endsWith(next.text)) break;
          part ??= {
            candidateId: item.candidateId,
            text: next.text,
            start: item.start + item.lead,
            end: cursorOf(next.item),
          };
          break;
        case 'live':
          items.push(next.item);
          moved ||= cursorOf(next.item) - next.item.start !== cursorOf(item) - item.start;
          break;
        case 'ended':
          ended = next.why;
          break;
      }
    }
    if (items.length === 0) {
      const seen = live.shownAt !== null && this.#deps.now() - live.shownAt >= seenMs;
      if (ended === 'deleted' && seen && alone) this.#reject(live, 'deleted');
      else this.#ignore('typedPast');
      return;
    }
    this.#live = { ...live, items };
    if (moved && live.shownAt !== null) this.#watchTimeOut();
    if (!part) return;
    const { candidateId, text, start, end } = part;
    const { episodeId } = live.life;
    const partly = step(live.life, 'partlyAccepted', { at: this.#deps.now(), candidateId, text });
    this.#live = { ...live, items, life: partly.life };
    this.#emit(partly);
    this.#deps.onKept({ episodeId, candidateId, uri: live.uri, start, end }, 'taken', 'partlyAccepted');
  }

  #arrive(
    live: Live,
    candidateId: string,
    { start, end, how }: { start: number; end: number; how: Arrived['how'] },
  ): void {
    const { life, uri } = live;
    const { episodeId } = life;
    this.#setLive(null);
    const kept = { episodeId, candidateId, uri, start, end };
    const at = this.#deps.now();
    const cancel = this.#deps.schedule(commandWithinMs, () => {
      const arrived = this.#arrived.get(episodeId);
      if (arrived) this.#tellAccepted(arrived, { reason: how });
    });
    this.#arrived.set(episodeId, { life, kept, how, at, cancel });
    this.#deps.onKept(kept, how === 'typed' ? 'typed' : 'taken', 'accepted');
  }

  #tellAccepted({ life, kept, at, cancel }: Arrived, how: { readonly reason?: Arrived['how'] }): void {
    cancel();
    this.#arrived.delete(kept.episodeId);
    remember(this.#accepted, kept.episodeId);
    this.#emit(step(life, 'accepted', { at, candidateId: kept.candidateId, ...how }));
  }

  #reject(live: Live, reason: 'escape' | 'deleted'): void {
    this.#setLive(null);
    this.#emit(step(live.life, 'rejected', { at: this.#deps.now(), candidateId: live.items[0]?.candidateId, reason }));
  }

  #ignore(reason: IgnoredReason): void {
    const live = this.#live;
    if (!live) return;
    if (reason !== 'timedOut') this.#setLive(null);
    // Timed out before, it was told already.
    if (live.life.stage === 'ignored') return;
    const ignored = step(live.life, 'ignored', {
      at: this.#deps.now(),
      candidateId: live.items[0]?.candidateId,
      reason,
    });
    if (reason === 'timedOut') this.#live = { ...live, life: ignored.life };
    this.#emit(ignored);
  }

  #watch(type: 'shown' | 'read', delayMs: number): void {
    this.#cancelEye();
    this.#cancelEye = this.#deps.schedule(delayMs, () => {
      const live = this.#live;
      const item = live?.items.find(visible);
      if (!live || !item) return;
      const { life } = live;
      const fact = { at: this.#deps.now(), candidateId: item.candidateId };
      if (type === 'shown' && (life.stage === 'offered' || life.stage === 'partlyAccepted')) {
        const shown = step(life, 'shown', fact);
        // A word taken so fast that the eye had no time: the rest is what is shown, the word stays taken.
        this.#live = { ...live, life: life.stage === 'offered' ? shown.life : life, shownAt: fact.at };
        this.#emit(shown);
        this.#watch('read', readMs(restOf(item).length) - shownMs);
        this.#watchTimeOut();
      } else if (type === 'read' && (life.stage === 'shown' || life.stage === 'partlyAccepted')) {
        const read = step(life, 'read', fact);
        this.#live = { ...live, life: life.stage === 'shown' ? read.life : life };
        this.#emit(read);
      }
    });
  }

  #watchTimeOut(): void {
    this.#cancelTimeOut();
    this.#cancelTimeOut = this.#deps.schedule(timeOutMs, () => this.#ignore('timedOut'));
  }

  #setLive(live: Live | null): void {
    const was = this.#live;
    this.#live = live;
    if (was && was.life.episodeId !== live?.life.episodeId) remember(this.#ended, was.life.episodeId);
    if (!live) {
      this.#cancelEye();
      this.#cancelTimeOut();
    }
    if ((was !== null) !== (live !== null)) this.#deps.onLive(live !== null);
  }

  #emit({ event }: { readonly event: LifecycleEvent }): void {
    this.#deps.emit([event]);
  }
}

/** The newest of many: a day of suggestions does not grow memory. */
function remember(ids: Set<string>, id: string): void {
  ids.delete(id);
  ids.add(id);
  const [oldest] = ids;
  if (ids.size > remembered && oldest !== undefined) ids.delete(oldest);
}
