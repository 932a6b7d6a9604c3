import * as v from 'valibot';
import { CancellationToken } from 'vscode-jsonrpc';
import type { ClientPeer } from '../engine/peer.ts';
import { describeIssues, type Peer } from '../protocol/connection.ts';
import { clientNotifications, clientRequests, engineNotifications, hostRequests, hostStream } from '../protocol/rpc.ts';
import type { EnginePeer } from './headless.ts';

type Handler = (params: unknown, token: CancellationToken) => unknown;
type Listener = (params: unknown) => void;
type Requests = Record<string, { readonly params: v.GenericSchema; readonly result: v.GenericSchema }>;
type Notifications = Record<string, v.GenericSchema>;

interface Desk {
  readonly handlers: Map<string, Handler>;
  readonly listeners: Map<string, Listener>;
}

/**
 * Client and engine in one process, with nothing between them: messages are validated and copied as on a wire, but arrive
 * at once, so that nothing depends on when a pipe is read.
 */
export function directPeers(): { readonly client: EnginePeer; readonly engine: ClientPeer } {
  const desks = { client: desk(), engine: desk() };
  return {
    client: side(desks.client, desks.engine, {
      ask: clientRequests,
      tell: { ...clientNotifications, ...hostStream },
    }) as unknown as EnginePeer,
    engine: side(desks.engine, desks.client, {
      ask: hostRequests,
      tell: engineNotifications,
    }) as unknown as ClientPeer,
  };
}

const desk = (): Desk => ({ handlers: new Map(), listeners: new Map() });

function side(
  own: Desk,
  other: Desk,
  tables: { readonly ask: Requests; readonly tell: Notifications },
): Peer<Requests, Notifications, Requests, Notifications> {
  return {
    async ask(method, params, token) {
      const { params: sent, result } = tables.ask[method]!;
      const handler = other.handlers.get(method);
      if (!handler) throw new Error(`Nobody answers ${method}.`);
      const answer = await handler(passed(sent, params, method), token ?? CancellationToken.None);
      return passed(result, answer, method) as never;
    },
    tell(method, params) {
      other.listeners.get(method)?.(passed(tables.tell[method]!, params, method));
    },
    answer(method, handler) {
      own.handlers.set(method, handler as Handler);
    },
    hear(method, listener) {
      own.listeners.set(method, listener as Listener);
    },
  };
}

/** A valid copy; a message of the wrong shape is a bug of one of the two. */
function passed(schema: v.GenericSchema, value: unknown, method: string): unknown {
  const parsed = v.safeParse(schema, structuredClone(value));
  if (!parsed.success) throw new Error(`${method} has the wrong shape (${describeIssues(parsed.issues)}).`);
  return parsed.output;
}
