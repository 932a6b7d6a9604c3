/** A tiny engine over IPC for tests of the client: answers the protocol, and dies or hangs where it is told to. */
import { writeSync } from 'node:fs';
import { createMessageConnection, IPCMessageReader, IPCMessageWriter } from 'vscode-jsonrpc/node';
import { peer } from '../../protocol/connection.ts';
import {
  clientNotifications,
  clientRequests,
  engineNotifications,
  hostRequests,
  hostStream,
} from '../../protocol/rpc.ts';

const connection = createMessageConnection(new IPCMessageReader(process), new IPCMessageWriter(process));
const client = peer(
  connection,
  {
    ask: hostRequests,
    tell: engineNotifications,
    answer: clientRequests,
    hear: { ...clientNotifications, ...hostStream },
  },
  () => {},
);
const heard: string[] = [];
const chunks: string[] = [];
const store = { episodes: 0, ratings: 0, bytes: 0, openMs: 0, problems: [] };

client.answer('initialize', ({ trusted, rater }) => {
  if (process.env.SCRIPT === 'refuse') throw new Error('The storage folder cannot be written.');
  if (process.env.SCRIPT === 'dieAtStart') process.exit(7);
  heard.push(`initialize ${rater} ${trusted}`);
  return { version: 'scripted', store };
});
client.answer('configure', ({ trusted }) => {
  heard.push(`configure ${trusted}`);
  return null;
});
client.answer('shutdown', async () => {
  if (process.env.SCRIPT === 'hangAtShutdown') await new Promise(() => {});
  writeSync(1, 'folded\n');
  setImmediate(() => process.exit(0));
  return null;
});
client.hear('documentOpened', ({ uri, version }) => void heard.push(`opened ${uri} ${version}`));
client.hear('documentChanged', ({ uri, version }) => void heard.push(`changed ${uri} ${version}`));
client.hear('hostModelChunk', ({ text }) => void chunks.push(text));

// `trace` tells what was heard, in order; the environment rides along.
client.answer('trace', () => ({
  traces: [
    {
      episodeId: null,
      at: 0,
      kind: 'inline',
      file: String(process.env.ORT_DISABLE_TELEMETRY),
      model: process.execArgv.join(' '),
      steps: [],
      prompt: heard.join('\n'),
      answers: chunks,
      candidates: [],
      decision: '',
    },
  ],
}));
client.answer('suggest', ({ uri }) => {
  heard.push(`suggest ${uri}`);
  return { episodeId: null, items: [] };
});
client.answer('memoryStats', () => new Promise(() => {}));
client.answer('rebuildWorkspaceModel', () => process.exit(3));
client.answer('listModels', async () => {
  const secret = await client.ask('secret', { key: 'k' });
  const models = await client.ask('listHostModels', {});
  const chat = await client.ask('hostModelChat', { requestId: 'r', id: 'm', messages: [] });
  const failure = { reason: 'other', message: `${secret} ${models.length} ${chat.ok}`, nextStep: '' } as const;
  return { rows: [], problems: [failure] };
});
client.answer('pullModel', ({ requestId }, token) => {
  client.tell('progress', { requestId, message: 'half', share: 0.5 });
  return new Promise((resolve) => {
    const cancelled = { reason: 'cancelled', message: 'Stopped.', nextStep: '' } as const;
    token.onCancellationRequested(() => resolve({ ok: false, failure: cancelled }));
  });
});
process.on('disconnect', () => process.exit(0));
console.log('a line on stdout');
connection.listen();
