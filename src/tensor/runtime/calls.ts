/** Calls wait their turn here: the runtime's process gets one at a time, in order. */

export interface CallOptions {
  /** A call that waits is dropped; one under way rejects at once, and what it makes is not kept. */
  readonly signal?: AbortSignal | undefined;
  /** From when the call's turn comes; then `onTimeout` is called, which must make the task fail. */
  readonly timeoutMs?: number | undefined;
}

/** False: the caller has given up. True: from here on a cancellation comes too late. */
export type Settle = () => boolean;

export interface Calls {
  enqueue<T>(task: (settle: Settle) => Promise<T>, options?: CallOptions): Promise<T>;
  /** Rejects what waits; the call under way is its task's to end. */
  rejectWaiting(error: Error): void;
}

export function serialCalls(onTimeout: (timeoutMs: number) => void): Calls {
  interface Waiting {
    start(): Promise<void>;
    reject(error: Error): void;
  }
  const waiting: Waiting[] = [];
  let busy = false;

  async function pump(): Promise<void> {
    if (busy) return;
    busy = true;
    for (let next = waiting.shift(); next; next = waiting.shift()) await next.start();
    busy = false;
  }

  return {
    enqueue<T>(task: (settle: Settle) => Promise<T>, { signal, timeoutMs }: CallOptions = {}) {
      return new Promise<T>((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const detach = () => signal?.removeEventListener('abort', onAbort);
        const settle: Settle = () => {
          if (signal?.aborted) return false;
          detach();
          return true;
        };
        const call: Waiting = {
          reject(error) {
            detach();
            reject(error);
          },
          async start() {
            const timer = timeoutMs === undefined ? undefined : setTimeout(() => onTimeout(timeoutMs), timeoutMs);
            try {
              resolve(await task(settle));
            } catch (error) {
              reject(error);
            } finally {
              clearTimeout(timer);
              detach();
            }
          },
        };
        const onAbort = () => {
          const index = waiting.indexOf(call);
          if (index >= 0) waiting.splice(index, 1);
          reject(signal?.reason);
        };
        signal?.addEventListener('abort', onAbort, { once: true });
        waiting.push(call);
        void pump();
      });
    },
    rejectWaiting(error) {
      for (const call of waiting.splice(0)) call.reject(error);
    },
  };
}
