import type { Trace } from '../../protocol/rpc.ts';
import type { Clock } from '../clock.ts';

/** Enough to see what happened around the suggestion somebody asks about. */
const capacity = 20;

/** The last requests, newest first. Held in memory only: prompts are code. */
export class TraceLog {
  #traces: Trace[] = [];

  add(trace: Trace): void {
    this.#traces.unshift(trace);
    this.#traces.length = Math.min(this.#traces.length, capacity);
  }

  recent(): readonly Trace[] {
    return this.#traces;
  }

  clear(): void {
    this.#traces = [];
  }
}

/** Writes one trace: every step is timed from the end of the one before. */
export class Tracer {
  model = '';
  prompt = '';
  file: string;
  readonly answers: string[] = [];
  readonly #clock: Clock;
  readonly #kind: Trace['kind'];
  readonly #at: number;
  readonly #steps: Trace['steps'] = [];
  #last: number;

  constructor(options: { readonly clock: Clock; readonly kind: Trace['kind']; readonly file: string }) {
    this.#clock = options.clock;
    this.#kind = options.kind;
    this.file = options.file;
    this.#at = options.clock.now();
    this.#last = this.#at;
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

  finish(decision: string): Trace {
    const { model, prompt, file, answers } = this;
    return { at: this.#at, kind: this.#kind, file, model, steps: this.#steps, prompt, answers, decision };
  }
}
