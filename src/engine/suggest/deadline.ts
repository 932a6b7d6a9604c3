import type { Clock } from '../clock.ts';

/** Calls `fire` once after `ms`; the returned function calls it off. */
export interface Timer {
  after(ms: number, fire: () => void): () => void;
}
export const systemTimer: Timer = {
  after(ms, fire) {
    const handle = setTimeout(fire, ms);
    return () => clearTimeout(handle);
  },
};

/** Something that may know more about a place. `gather` should heed the signal, but isn't trusted to. */
export interface Source<T> {
  readonly name: string;
  readonly empty: T;
  gather(signal: AbortSignal): Promise<T> | T;
  /** What came of it, for the trace. */
  describe(value: T): string;
}

export interface Gathered<T> {
  readonly value: T;
  readonly ms: number;
  readonly note: string;
}

/**
 * What the source gives within `deadlineMs`; else its empty value, and the note says that it was dropped. A source that
 * throws counts as empty: a suggestion never fails for want of context.
 */
export async function withDeadline<T>(
  source: Source<T>,
  options: { readonly deadlineMs: number; readonly clock: Clock; readonly timer: Timer; readonly signal: AbortSignal },
): Promise<Gathered<T>> {
  const { deadlineMs, clock, timer, signal } = options;
  const start = clock.now();
  const late = new AbortController();
  const done = (value: T, note: string): Gathered<T> => ({ value, ms: clock.now() - start, note });
  return new Promise((resolve) => {
    const cancel = timer.after(deadlineMs, () => {
      resolve(done(source.empty, `dropped: not ready after ${deadlineMs} ms`));
      late.abort();
    });
    // A source that works at once answers at once; one that throws at once is caught like the others.
    new Promise<T>((settle) => settle(source.gather(AbortSignal.any([signal, late.signal])))).then(
      (value) => {
        cancel();
        resolve(done(value, source.describe(value)));
      },
      (error: unknown) => {
        cancel();
        resolve(done(source.empty, `dropped: ${error instanceof Error ? error.name : 'failed'}`));
      },
    );
  });
}
