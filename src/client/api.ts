import type { EngineClient } from './engine/engineClient.ts';
import type { EngineState } from './engine/engineState.ts';

/** What `activate` returns: for the product's own tests, no promise to other extensions. */
export interface AttuneApi {
  /** Resolves when the engine first answers; rejects when it could not start. */
  readonly ready: Promise<void>;
  readonly engine: {
    readonly ask: EngineClient['ask'];
    /** Where the engine process stands; while `ready`, with its process id. */
    state(): EngineState;
  };
  /** Requests for suggestions under way: of VS Code not answered yet, and to the engine not settled yet. */
  pendingRequests(): number;
}
