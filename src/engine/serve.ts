import type { CancellationToken } from 'vscode-jsonrpc';
import { type ClientRequests, clientRequests, type Params } from '../protocol/rpc.ts';
import type { Log } from './clock.ts';
import type { Engine } from './engine.ts';
import type { ClientPeer, RequestHandlers } from './peer.ts';

function signalOf(token: CancellationToken): AbortSignal {
  const controller = new AbortController();
  if (token.isCancellationRequested) controller.abort();
  else token.onCancellationRequested(() => controller.abort());
  return controller.signal;
}

/** Routes every message of `client` to `engine`. Exceptions are bugs: logged here once, without their data. */
export function serve(engine: Engine, client: ClientPeer, log: Log): void {
  const bind = <K extends keyof ClientRequests>(method: K): void => {
    const handler = engine.requests[method] as RequestHandlers[K];
    client.answer(method, async (params, token) => {
      try {
        return await handler(params as Params<ClientRequests, K>, signalOf(token));
      } catch (error) {
        log.error(`${method} failed: ${error instanceof Error ? error.name : 'unknown error'}`);
        log.debug(`${method}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
        throw error;
      }
    });
  };
  for (const method of Object.keys(clientRequests) as (keyof ClientRequests)[]) bind(method);
  client.hear('documentOpened', (document) => engine.documentOpened(document));
  client.hear('documentChanged', (change) => engine.documentChanged(change));
  client.hear('documentSaved', ({ uri }) => engine.documentSaved(uri));
  client.hear('documentClosed', ({ uri }) => engine.documentClosed(uri));
  client.hear('events', ({ events }) => engine.events(events));
  client.hear('hostModelChunk', ({ requestId, text }) => engine.hostModelChunk(requestId, text));
}
