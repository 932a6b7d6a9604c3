import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { never } from '../../../test/fakes/collect.ts';
import type { FakeReply, FakeServer } from '../../../test/fakes/fakeServer.ts';
import { startOllamaServer } from '../../../test/fakes/ollamaServer.ts';
import { listOllama, pullOllama } from './ollamaLibrary.ts';

let server: FakeServer;
let managed: (path: string) => FakeReply | null = () => null;
before(async () => {
  server = await startOllamaServer({
    manage: ({ path }) => managed(path),
    models: [
      {
        name: 'llama3.2:3b',
        sizeBytes: 2_019_393_189,
        parameters: '3.2B',
        quantization: 'Q4_K_M',
        capabilities: ['completion', 'tools'],
        modifiedAt: '2026-01-01T00:00:00Z',
      },
      { name: 'nomic-embed-text:latest', capabilities: ['embedding'], modifiedAt: '2026-01-02T00:00:00Z' },
      {
        name: 'qwen2.5-coder:1.5b-base',
        sizeBytes: 986_061_892,
        parameters: '1.5B',
        quantization: 'Q8_0',
        capabilities: ['completion', 'insert'],
        modifiedAt: '2026-01-03T00:00:00Z',
      },
    ],
  });
});
after(() => server.close());

test('models are listed with size, quantisation and what they can do, without those that only embed', async () => {
  managed = () => null;
  const listed = await listOllama({ host: server.url }, never());
  assert.deepEqual(listed, {
    ok: true,
    rows: [
      {
        source: 'ollama',
        id: 'qwen2.5-coder:1.5b-base',
        label: 'qwen2.5-coder:1.5b-base',
        detail: '1.5B · Q8_0 · 986 MB',
        sizeBytes: 986_061_892,
        capabilities: { fillInTheMiddle: true, chat: false },
        template: 'qwen',
      },
      {
        source: 'ollama',
        id: 'llama3.2:3b',
        label: 'llama3.2:3b',
        detail: '3.2B · Q4_K_M · 2.0 GB',
        sizeBytes: 2_019_393_189,
        capabilities: { fillInTheMiddle: false, chat: true },
        template: 'chat',
      },
    ],
  });
});

test('a model that can’t be looked into is listed all the same', async () => {
  managed = (path) => (path === '/api/show' ? { kind: 'status', status: 500, body: { error: 'corrupt' } } : null);
  const listed = await listOllama({ host: server.url }, never());
  assert.equal(listed.ok && listed.rows.length, 3);
});

test('something else at Ollama’s address is a failure with a next step', async () => {
  for (const reply of [
    { kind: 'raw', text: '<html>', contentType: 'text/html' },
    { kind: 'raw', text: '[]', contentType: 'application/json' },
    { kind: 'status', status: 404, body: 'not here' },
  ] as const) {
    managed = () => reply;
    const listed = await listOllama({ host: server.url }, never());
    assert.ok(!listed.ok);
    assert.match(listed.failure.nextStep, /attune\.ollama\.baseUrl/);
  }
});

test('a pull reports its progress and ends well', async () => {
  managed = () => null;
  const seen: [string, number | undefined][] = [];
  const done = await pullOllama(
    { host: server.url },
    'tiny:1b',
    (message, share) => seen.push([message, share]),
    never(),
  );
  assert.deepEqual(done, { ok: true });
  assert.deepEqual(
    seen.map(([, share]) => share).filter((share) => share !== undefined),
    [0, 0.25, 0.5, 1],
  );
  assert.deepEqual(seen[2], ['1 MB of 4 MB', 0.25]);
  assert.equal(seen.at(-1)?.[0], 'success');
});

test('a pull that fails says why', async () => {
  const pull = async (reply: FakeReply) => {
    managed = () => reply;
    const done = await pullOllama({ host: server.url }, 'no-such', () => {}, never());
    return done.ok ? 'ok' : done.failure.reason;
  };
  assert.equal(
    await pull({
      kind: 'raw',
      text: '{"status":"pulling manifest"}\n{"error":"pull model manifest: file does not exist"}\n',
    }),
    'modelMissing',
  );
  assert.equal(await pull({ kind: 'raw', text: '{"status":"pulling manifest"}\n' }), 'malformed');
  assert.equal(await pull({ kind: 'status', status: 500, body: { error: 'disk full' } }), 'unavailable');
});

test('a pull can be cancelled, and the download stops', async () => {
  managed = () => ({ kind: 'hang', after: [] });
  const controller = new AbortController();
  const arrived = server.next(({ path }) => path === '/api/pull');
  const result = pullOllama({ host: server.url }, 'big:70b', () => {}, controller.signal);
  const request = await arrived;
  controller.abort();
  assert.deepEqual(await result, { ok: false, failure: { reason: 'cancelled', message: 'Cancelled.', nextStep: '' } });
  assert.equal(await request.ended, 'aborted');
  server.clear();
  await pullOllama({ host: server.url }, 'big:70b', () => {}, AbortSignal.abort());
  assert.equal(server.requests.length, 0);
});
