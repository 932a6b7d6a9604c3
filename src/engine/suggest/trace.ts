import type { Trace } from '../../protocol/rpc.ts';
import type { Clock } from '../clock.ts';

/** Enough to see what happened around the suggestion somebody asks about. */
const capacity = 50;

/** The last requests, newest first. Held in memory only: prompts are code. */
export class TraceLog {
  #traces: Trace[] = [];

  add(trace: Trace): void {
    // Typing along an offer asks for it with every key: the last time tells as much as all.
    if (isRepeat(trace) && this.#traces[0]?.episodeId === trace.episodeId && isRepeat(this.#traces[0]))
      this.#traces.shift();
    this.#traces.unshift(trace);
    this.#traces.length = Math.min(this.#traces.length, capacity);
  }

  recent(): readonly Trace[] {
    return this.#traces;
  }

  /** How one episode came about, and when it was offered again. Empty when that is too long ago. */
  of(episodeId: string): readonly Trace[] {
    return this.#traces.filter((trace) => trace.episodeId === episodeId);
  }

  clear(): void {
    this.#traces = [];
  }
}

/** An offer made before, out of the cache. */
const isRepeat = ({ episodeId, candidates }: Trace): boolean => episodeId !== null && candidates.length === 0;

/** Writes one trace: every step is timed from the end of the one before. */
export class Tracer {
  model = '';
  prompt = '';
  file: string;
  readonly answers: string[] = [];
  /** What was decided about, what was offered first. */
  readonly candidates: Trace['candidates'] = [];
  /** When the request came. */
  readonly requestedAt: number;
  readonly #clock: Clock;
  readonly #kind: Trace['kind'];
  readonly #steps: Trace['steps'] = [];
  #last: number;

  constructor(options: { readonly clock: Clock; readonly kind: Trace['kind']; readonly file: string }) {
    this.#clock = options.clock;
    this.#kind = options.kind;
    this.file = options.file;
    this.requestedAt = options.clock.now();
    this.#last = this.requestedAt;
  }

  step(name: string, note: string): void {
    const now = this.#clock.now();
    this.#steps.push({ name, ms: now - this.#last, note });
    this.#last = now;
  }

  /** What ran beside the others has its own duration. */
  timed(name: string, ms: number, note: string): void {
    this.#steps.push({ name, ms, note });
    this.#last = this.#clock.now();
  }

  /** `episodeId`: the episode that came of it; null where none was written. */
  finish(decision: string, episodeId: string | null): Trace {
    const { model, prompt, file, answers, candidates, requestedAt: at } = this;
    return { episodeId, at, kind: this.#kind, file, model, steps: this.#steps, prompt, answers, candidates, decision };
  }
}
