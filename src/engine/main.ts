/**
 * Entry of the engine process: JSON-RPC over the IPC channel of whoever forked it (the client, the CLI, a test).
 * It ends with its parent, after folding what is not yet on the disk.
 */
import { createMessageConnection, IPCMessageReader, IPCMessageWriter } from 'vscode-jsonrpc/node';
import { peer } from '../protocol/connection.ts';
import { clientNotifications, clientRequests, engineNotifications, hostRequests, hostStream } from '../protocol/rpc.ts';
import { systemClock, systemIds } from './clock.ts';
import { Engine } from './engine.ts';
import { logTo } from './peer.ts';
import { serve } from './serve.ts';

// Before anything can load onnxruntime: nothing phones home.
process.env.ORT_DISABLE_TELEMETRY = '1';

if (!process.send) {
  console.error(
    'The Attune engine is started by the extension or by `npm run demo`; it speaks JSON-RPC over Node IPC.',
  );
  process.exit(2);
}

const connection = createMessageConnection(new IPCMessageReader(process), new IPCMessageWriter(process));
const client = peer(
  connection,
  {
    ask: hostRequests,
    tell: engineNotifications,
    answer: clientRequests,
    hear: { ...clientNotifications, ...hostStream },
  },
  (problem) => log.warn(problem),
);
const log = logTo(client);

const engine = new Engine({ clock: systemClock, ids: systemIds, log, client });
serve(engine, client, log);

let closing = false;
async function leave(code: number): Promise<void> {
  if (closing) return;
  closing = true;
  await engine.close().catch(() => {});
  process.exit(code);
}
connection.onClose(() => void leave(0));
process.on('disconnect', () => void leave(0));
process.on('SIGTERM', () => void leave(0));
// A bug in one request must not take the memory down; the client sees the request fail.
process.on('unhandledRejection', (reason) =>
  log.error(`unhandled: ${reason instanceof Error ? reason.name : 'error'}`),
);
connection.listen();
