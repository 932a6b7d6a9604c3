import type { Event } from 'vscode';
import type { EngineClient } from './engine/engineClient.ts';
import type { EngineState } from './engine/engineState.ts';
import type { LifecycleEvent } from './inline/lifecycleEvent.ts';

/** What `activate` returns: for the product's own tests, no promise to other extensions. */
export interface AttuneApi {
  /** Resolves when the engine first answers; rejects when it could not start. */
  readonly ready: Promise<void>;
  readonly engine: {
    readonly ask: EngineClient['ask'];
    /** Where the engine process stands; while `ready`, with its process id. */
    state(): EngineState;
  };
  /** Every fact the client saw about a suggestion. */
  readonly onEvents: Event<readonly LifecycleEvent[]>;
  /** When to look what is left of an accepted text, in milliseconds: a test can't wait two minutes. */
  setRetentionDelays(delaysMs: readonly [number, number]): void;
}
