import type { LifecycleEvent } from '../../protocol/lifecycle.ts';

const maxWaiting = 500;

/** Lifecycle facts on their way to the engine. They wait while it restarts, the oldest giving way. */
export class EventOutbox {
  readonly #send: (events: readonly LifecycleEvent[]) => void;
  readonly #isReady: () => boolean;
  #waiting: LifecycleEvent[] = [];

  constructor(send: (events: readonly LifecycleEvent[]) => void, isReady: () => boolean) {
    this.#send = send;
    this.#isReady = isReady;
  }

  emit(events: readonly LifecycleEvent[]): void {
    this.#waiting = [...this.#waiting, ...events].slice(-maxWaiting);
    if (this.#isReady()) this.flush();
  }

  /** The engine hears again. */
  flush(): void {
    const events = this.#waiting;
    this.#waiting = [];
    if (events.length > 0) this.#send(events);
  }
}
