import type { ClientRequests, Result } from '../../protocol/rpc.ts';

type Initialized = Result<ClientRequests, 'initialize'>;

/** Where the engine process stands. Only `ready` answers requests. */
export type EngineState =
  | { readonly type: 'starting' }
  | ({ readonly type: 'ready'; readonly pid: number } & Initialized)
  /** It died and comes back after `delayMs`; `tellUser` is true at the first crash of a series. */
  | { readonly type: 'restarting'; readonly crashes: number; readonly delayMs: number; readonly tellUser: boolean }
  | { readonly type: 'down'; readonly why: DownReason; readonly detail: string };

/** `crashed`: too often, the client gave up. `cannotStart`: it refused to start. `stopped`: we stopped it. */
export type DownReason = 'crashed' | 'cannotStart' | 'stopped';

export type UnavailableReason = 'starting' | 'restarting' | DownReason;

/** The engine can't answer now. Not a bug: callers show it or stay silent. */
export class EngineUnavailable extends Error {
  readonly reason: UnavailableReason;

  constructor(reason: UnavailableReason) {
    super(`The engine is not available: ${reason}.`);
    this.name = 'EngineUnavailable';
    this.reason = reason;
  }
}

/** Why a request made in `state` is rejected; null when it is not. */
export function unavailable(state: EngineState): UnavailableReason | null {
  switch (state.type) {
    case 'ready':
      return null;
    case 'starting':
    case 'restarting':
      return state.type;
    case 'down':
      return state.why;
  }
}
