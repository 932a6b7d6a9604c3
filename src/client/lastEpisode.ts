import type { LifecycleEvent } from '../protocol/lifecycle.ts';

/** Remembers which suggestion “the last one” is: the last that was shown or taken. */
export class LastEpisode {
  #episodeId: string | null = null;

  get current(): string | null {
    return this.#episodeId;
  }

  hear(events: readonly LifecycleEvent[]): void {
    for (const { type, episodeId } of events) {
      switch (type) {
        case 'shown':
        case 'accepted':
        case 'partlyAccepted':
        case 'rejected':
        case 'reverted':
          this.#episodeId = episodeId;
          break;
        case 'offered':
        case 'read':
        case 'ignored':
        case 'retained':
          break;
      }
    }
  }
}
