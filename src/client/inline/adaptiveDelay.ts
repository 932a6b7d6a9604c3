import type { InlineMode } from '../../protocol/config.ts';
import type { LifecycleEvent } from '../../protocol/lifecycle.ts';

/** Longer than this between two keys is a pause to think, not rhythm. */
const pauseMs = 1000;
/** Tabby's sample sizes (`debouncer.ts`): before the fewest the base is the fallback, older ones than the most are forgotten. */
const samples = { fewest: 20, most: 100 } as const;
/** Bounds of Tabby for the base; the fallback is Cody's 75 ms and what VS Code has waited already. */
const base = { leastMs: 100, mostMs: 400, fallbackMs: 125 } as const;
/** Copilot's factors (`userInteractionMonitor.ts`): the last ten verdicts, each fading to nothing in ten minutes. */
const verdicts = { rejected: 1.5, accepted: 0.8, most: 10, fadeMs: 10 * 60_000 } as const;
/** VS Code asks this long after the keystroke (fixed, `inlineCompletionsModel`): it counts towards the quiet. */
const editorWaitsMs = 50;
const mostMs = 400;

/** What a mode does to the quiet before a request. */
const modeFactors: Readonly<Record<InlineMode, number>> = { eager: 0.5, normal: 1, subtle: 1.5, manual: 1 };

interface Verdict {
  readonly episodeId: string;
  readonly at: number;
  readonly type: 'accepted' | 'rejected';
}

/**
 * How long to wait for quiet before asking for a suggestion.
 *
 *     base = the median of the last 20–100 intervals between keys (pauses left out), 100–400 ms
 *     wait = base · mode · 1.5^rejections · 0.8^acceptances − what VS Code waited, 0–400 ms
 *
 * Who types fast asks less often for what the next key throws away; who just rejected is left alone a little longer.
 */
export class AdaptiveDelay {
  readonly #now: () => number;
  #intervalsMs: number[] = [];
  #lastKey: { readonly uri: string; readonly at: number } | null = null;
  #verdicts: Verdict[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  /** A single character was typed into this document. */
  typed(uri: string): void {
    const at = this.#now();
    const last = this.#lastKey;
    this.#lastKey = { uri, at };
    if (last?.uri !== uri) return;
    const interval = at - last.at;
    // The clock of the system may be set back.
    if (interval < 0 || interval > pauseMs) return;
    this.#intervalsMs.push(interval);
    if (this.#intervalsMs.length > samples.most) this.#intervalsMs.shift();
  }

  /** What became of inline suggestions. Only what somebody decided counts; the last word about an episode holds. */
  hear(events: readonly LifecycleEvent[]): void {
    for (const { type, episodeId } of events) {
      switch (type) {
        case 'accepted':
        case 'partlyAccepted':
          this.#note(episodeId, 'accepted');
          break;
        case 'rejected':
        case 'reverted':
          this.#note(episodeId, 'rejected');
          break;
        case 'offered':
        case 'shown':
        case 'read':
        case 'ignored':
        case 'retained':
          break;
      }
    }
  }

  /** Milliseconds to wait from the moment VS Code asks, 0 to 400. Requests by hand and typing along don't wait. */
  delayMs(mode: InlineMode): number {
    const now = this.#now();
    let quietMs = this.#baseMs() * modeFactors[mode];
    for (const { at, type } of this.#verdicts) {
      const left = Math.min(1, Math.max(0, 1 - (now - at) / verdicts.fadeMs));
      quietMs *= verdicts[type] ** left;
    }
    return Math.round(Math.min(mostMs, Math.max(0, quietMs - editorWaitsMs)));
  }

  #baseMs(): number {
    if (this.#intervalsMs.length < samples.fewest) return base.fallbackMs;
    const sorted = [...this.#intervalsMs].sort((a, b) => a - b);
    const median = sorted[sorted.length >> 1] ?? base.fallbackMs;
    return Math.min(base.mostMs, Math.max(base.leastMs, median));
  }

  #note(episodeId: string, type: Verdict['type']): void {
    const others = this.#verdicts.filter((one) => one.episodeId !== episodeId);
    this.#verdicts = [...others, { episodeId, at: this.#now(), type }].slice(-verdicts.most);
  }
}
