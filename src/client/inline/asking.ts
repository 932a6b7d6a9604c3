/** What is needed of VS Code's cancellation tokens. */
export interface Cancellation {
  readonly isCancellationRequested: boolean;
  readonly onCancellationRequested: (listener: () => void) => { dispose(): void };
}

/** Runs `run` after `delayMs`; the answer cancels it. */
export type Schedule = (delayMs: number, run: () => void) => () => void;

/**
 * Asks questions that may never be answered, for an editor that must not wait. Every call settles: with the answer, or
 * with null as soon as its token is cancelled, during the quiet before the question or after.
 */
export class Asking {
  readonly #schedule: Schedule;
  #calls = 0;
  #questions = 0;

  constructor(schedule: Schedule) {
    this.#schedule = schedule;
  }

  /** Calls that have not settled, and questions that were asked and neither answered nor refused yet. */
  get pending(): number {
    return this.#calls + this.#questions;
  }

  /** Asks after `delayMs` of quiet. Rejects as the question does; a rejection after the cancellation is dropped. */
  async ask<T>(token: Cancellation, delayMs: number, question: () => Promise<T>): Promise<T | null> {
    if (token.isCancellationRequested) return null;
    const cancelled = Promise.withResolvers<null>();
    const subscription = token.onCancellationRequested(() => cancelled.resolve(null));
    this.#calls += 1;
    try {
      if (delayMs > 0) await this.#quiet(delayMs, cancelled.promise);
      if (token.isCancellationRequested) return null;
      return await Promise.race([this.#counted(question), cancelled.promise]);
    } finally {
      subscription.dispose();
      this.#calls -= 1;
    }
  }

  async #quiet(delayMs: number, cancelled: Promise<null>): Promise<void> {
    const over = Promise.withResolvers<void>();
    const cancel = this.#schedule(delayMs, over.resolve);
    await Promise.race([over.promise, cancelled]);
    cancel();
  }

  async #counted<T>(question: () => Promise<T>): Promise<T> {
    this.#questions += 1;
    try {
      return await question();
    } finally {
      this.#questions -= 1;
    }
  }
}
