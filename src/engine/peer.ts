import type { Peer } from '../protocol/connection.ts';
import type {
  ClientNotifications,
  ClientRequests,
  EngineNotifications,
  HostRequests,
  Params,
  Result,
} from '../protocol/rpc.ts';

/** The client as the engine sees it. */
export type ClientPeer = Peer<HostRequests, EngineNotifications, ClientRequests, ClientNotifications>;

/** One method per request, with cancellation as an AbortSignal. */
export type RequestHandlers = {
  readonly [K in keyof ClientRequests]: (
    params: Params<ClientRequests, K>,
    signal: AbortSignal,
  ) => Promise<Result<ClientRequests, K>>;
};
