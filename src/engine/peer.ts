import type { Peer } from '../protocol/connection.ts';
import type {
  ClientNotifications,
  ClientRequests,
  EngineNotifications,
  HostRequests,
  Params,
  Result,
} from '../protocol/rpc.ts';
import type { Log } from './clock.ts';

/** The client as the engine sees it. */
export type ClientPeer = Peer<HostRequests, EngineNotifications, ClientRequests, ClientNotifications>;

/** One method per request, with cancellation as an AbortSignal. */
export type RequestHandlers = {
  readonly [K in keyof ClientRequests]: (
    params: Params<ClientRequests, K>,
    signal: AbortSignal,
  ) => Promise<Result<ClientRequests, K>>;
};

/** The client keeps the log. */
export function logTo(client: Pick<ClientPeer, 'tell'>): Log {
  const at = (level: keyof Log) => (message: string) => client.tell('log', { level, message });
  return { trace: at('trace'), debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
