import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import { collect, gap, never, talk, watchRejections } from '../../../test/fakes/collect.ts';
import type { FakeReply, FakeServer } from '../../../test/fakes/fakeServer.ts';
import { startOpenaiServer } from '../../../test/fakes/openaiServer.ts';
import type { Failure } from '../../protocol/rpc.ts';
import { type OpenaiModelOptions, openaiModel } from './openai.ts';
import { listOpenai } from './openaiClient.ts';

let server: FakeServer;
before(async () => {
  server = await startOpenaiServer({ models: ['a', 'b'] });
});
after(() => server.close());
beforeEach(() => server.clear());

const key = 'sk-never-shown-0123456789';
const modelOf = (options: Partial<OpenaiModelOptions> = {}) =>
  openaiModel({
    baseUrl: `${server.url}/v1`,
    model: 'some-model',
    apiKey: async () => key,
    completions: 'never',
    template: 'auto',
    timeoutMs: 20_000,
    now: () => Date.parse('2026-10-21T07:27:30Z'),
    ...options,
  });

async function outcomeOf(reply: FakeReply, options: Partial<OpenaiModelOptions> = {}) {
  const uncaught = watchRejections();
  server.script = () => reply;
  const collected = await collect(modelOf(options).stream(talk, never()));
  const shown = `${collected.failure?.message} ${collected.failure?.nextStep}`;
  assert.ok(!shown.includes(key) && !shown.includes('confidentialThing'), shown);
  await uncaught();
  return collected;
}

const status = (code: number, body: string | object, headers: Record<string, string> = {}): FakeReply => ({
  kind: 'status',
  status: code,
  body,
  headers,
});

const failures: readonly [string, FakeReply, Failure['reason']][] = [
  [
    '401 that quotes the key',
    status(401, { error: { message: `Incorrect API key provided: ${key}`, code: 'invalid_api_key' } }),
    'unauthorized',
  ],
  ['403', status(403, { error: { message: 'Country not supported' } }), 'unauthorized'],
  [
    '404, model missing',
    status(404, { error: { message: 'The model `some-model` does not exist', code: 'model_not_found' } }),
    'modelMissing',
  ],
  ['404, wrong path', status(404, '<html>not here</html>'), 'notConfigured'],
  [
    'a prompt too long',
    status(400, { error: { message: 'too long', code: 'context_length_exceeded' } }),
    'contextTooLong',
  ],
  ['a 422 that quotes the prompt', status(422, { detail: [{ msg: 'bad', input: 'confidentialThing' }] }), 'other'],
  ['500', status(500, { error: { message: 'about confidentialThing' } }), 'unavailable'],
  ['503', status(503, 'busy'), 'unavailable'],
  ['a redirect', status(307, '', { location: '/v1/models' }), 'notConfigured'],
  ['a page with status 200', { kind: 'raw', text: '<!doctype html><p>Welcome', contentType: 'text/html' }, 'malformed'],
  ['text with status 200', { kind: 'raw', text: 'Welcome', contentType: 'text/plain' }, 'malformed'],
  [
    'garbage in the stream',
    { kind: 'raw', text: 'data: {"choices":[{"delta":{"content":"a"}}]}\n\ndata: {"choi\n\n' },
    'malformed',
  ],
  ['an empty stream', { kind: 'raw', text: '' }, 'malformed'],
  ['only [DONE]', { kind: 'raw', text: 'data: [DONE]\n\n' }, 'malformed'],
  ['a torn connection', { kind: 'cut', after: ['some', ' text'] }, 'malformed'],
  ['a connection torn at once', { kind: 'cut', after: [] }, 'malformed'],
  ['an error within the stream', { kind: 'streamError', after: ['x'], message: 'the worker died' }, 'unavailable'],
  [
    'an error with status 200',
    { kind: 'raw', text: '{"error":{"message":"the model is overloaded"}}', contentType: 'application/json' },
    'unavailable',
  ],
];

for (const [name, reply, reason] of failures) {
  test(`one clear failure instead of an exception: ${name}`, async () => {
    const { failure } = await outcomeOf(reply);
    assert.equal(failure?.reason, reason, failure?.message);
    assert.match(failure?.nextStep ?? '', /\S/);
    assert.equal(server.requests.length, 1, 'asked again without being told to');
  });
}

test('how long to wait is passed on, given in seconds or as a date', async () => {
  const inSeconds = await outcomeOf(status(429, { error: { message: 'slow down' } }, { 'retry-after': '7' }));
  assert.deepEqual([inSeconds.failure?.reason, inSeconds.failure?.retryAfterMs], ['rateLimited', 7000]);
  const atDate = await outcomeOf(status(429, '', { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' }));
  assert.deepEqual([atDate.failure?.reason, atDate.failure?.retryAfterMs], ['rateLimited', 30_000]);
});

test('a server that keeps silent is given up', async () => {
  const before = await outcomeOf({ kind: 'hang' }, { timeoutMs: 60 });
  assert.equal(before.failure?.reason, 'timeout');
  const within = await outcomeOf({ kind: 'hang', after: ['x'] }, { stallMs: 60 });
  assert.deepEqual([within.text, within.failure?.reason], ['x', 'timeout']);
  assert.equal(await server.requests.at(-1)?.ended, 'aborted');
});

test('answers in unusual form are read', async () => {
  const event = (fields: object): string => `data: ${JSON.stringify(fields)}\n\n`;
  const unusual: readonly [string, FakeReply, string][] = [
    ['no [DONE]', { kind: 'text', deltas: ['a', 'b'], without: ['done'] }, 'ab'],
    ['no finish reason', { kind: 'text', deltas: ['a', 'b'], without: ['finish'] }, 'ab'],
    ['a connection left open after the end', { kind: 'text', deltas: ['a', 'b'], without: ['done', 'close'] }, 'ab'],
    [
      'torn into single bytes, in the middle of letters',
      { kind: 'text', deltas: ['größe ', '漢字 ', '👍'], chunkBytes: 1 },
      'größe 漢字 👍',
    ],
    [
      'whole, though a stream was asked for',
      {
        kind: 'raw',
        text: '{\n "choices": [{"message": {"content": "ab"}, "finish_reason": "stop"}],\n "usage": null }',
        contentType: 'application/json',
      },
      'ab',
    ],
    [
      'empty choices and comments between',
      {
        kind: 'raw',
        text: `: hello\n\n${event({ choices: [] })}${event({ choices: [{ delta: { role: 'assistant', content: '' } }] })}${event({ choices: [{ delta: { content: 'ab' } }] })}${event({ choices: [{ delta: {}, finish_reason: 'stop' }] })}`,
      },
      'ab',
    ],
    [
      'null content and thoughts in a field of their own',
      {
        kind: 'raw',
        text:
          event({ choices: [{ delta: { content: null, reasoning_content: 'hm' } }] }) +
          event({ choices: [{ delta: { content: 'ab' }, finish_reason: 'stop' }] }),
      },
      'ab',
    ],
    [
      'line ends of Windows',
      {
        kind: 'raw',
        text: 'data: {"choices":[{"delta":{"content":"ab"},"finish_reason":"stop"}]}\r\n\r\ndata: [DONE]\r\n\r\n',
      },
      'ab',
    ],
  ];
  for (const [name, reply, text] of unusual) {
    const collected = await outcomeOf(reply);
    assert.deepEqual([collected.text, collected.end?.finish], [text, 'stop'], name);
  }
});

test('an answer cut by its limit is marked as such', async () => {
  const { end } = await outcomeOf({ kind: 'text', deltas: ['a'], finish: 'length' });
  assert.equal(end?.finish, 'length');
});

test('no server, no such host, no address: each says so', async () => {
  const free = createServer();
  await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve));
  const { port } = free.address() as { port: number };
  await new Promise((resolve) => free.close(resolve));
  const reasonAt = async (baseUrl: string) =>
    (await collect(modelOf({ baseUrl }).stream(talk, never()))).failure?.reason;
  assert.equal(await reasonAt(`http://127.0.0.1:${port}/v1`), 'refused');
  assert.equal(await reasonAt('not an address'), 'notConfigured');
  assert.equal(await reasonAt('http://user:pw@127.0.0.1/v1'), 'notConfigured');
  assert.equal(await reasonAt('ftp://127.0.0.1/v1'), 'notConfigured');
});

test('a failure of another way of asking isn’t hidden by the next one', async () => {
  server.script = () => status(401, {});
  const { failure } = await collect(modelOf({ completions: 'auto', model: 'qwen2.5-coder' }).stream(gap, never()));
  assert.equal(failure?.reason, 'unauthorized');
  assert.equal(server.requests.length, 1);
  server.clear();
  server.script = () =>
    status(400, { error: { message: "This model's maximum context length is 100 tokens, suffix included" } });
  assert.equal(
    (await collect(modelOf({ completions: 'auto', model: 'qwen2.5-coder' }).stream(gap, never()))).failure?.reason,
    'contextTooLong',
  );
  assert.equal(server.requests.length, 1);
});

test('a connection that the server closed meanwhile is noticed by nobody; one that always breaks is', async () => {
  server.script = () => (server.requests.length === 1 ? { kind: 'drop' } : { kind: 'text', deltas: ['x'] });
  assert.equal((await collect(modelOf().stream(talk, never()))).text, 'x');
  assert.equal(server.requests.length, 2);
  server.clear();
  server.script = () => ({ kind: 'drop' });
  assert.equal((await collect(modelOf().stream(talk, never()))).failure?.reason, 'malformed');
  assert.equal(server.requests.length, 2);
});

test('a key pasted with a line break works, one with strange letters is named as the cause', async () => {
  server.script = () => ({ kind: 'text', deltas: ['x'] });
  assert.equal((await collect(modelOf({ apiKey: async () => `${key}\n` }).stream(talk, never()))).text, 'x');
  assert.equal((await collect(modelOf({ apiKey: async () => ' ' }).stream(talk, never()))).text, 'x');
  assert.deepEqual(
    server.requests.map(({ authorized }) => authorized),
    [true, false],
  );
  const odd = await collect(modelOf({ apiKey: async () => 'sk-“quoted”' }).stream(talk, never()));
  assert.equal(odd.failure?.reason, 'unauthorized');
  assert.doesNotMatch(odd.failure?.message ?? '', /quoted/);
});

test('a key that can’t be read is a failure, not an exception', async () => {
  const model = modelOf({ apiKey: () => Promise.reject(new Error('keyring locked')) });
  assert.equal((await collect(model.stream(talk, never()))).failure?.reason, 'other');
  assert.equal(server.requests.length, 0);
});

test('models are listed, with their context where the server says', async () => {
  const read = () => listOpenai({ baseUrl: `${server.url}/v1`, apiKey: async () => key }, never());
  assert.deepEqual(await read(), [
    { id: 'a', contextTokens: null },
    { id: 'b', contextTokens: null },
  ]);
  const other = await startOpenaiServer({
    models: [],
    script: () => ({
      kind: 'status',
      status: 200,
      body: { data: [{ id: 'v', max_model_len: 4096 }, { id: 'r', context_length: 32_768 }, { name: 'n' }, {}] },
    }),
  });
  try {
    assert.deepEqual(await listOpenai({ baseUrl: `${other.url}/v1`, apiKey: async () => null }, never()), [
      { id: 'v', contextTokens: 4096 },
      { id: 'r', contextTokens: 32_768 },
      { id: 'n', contextTokens: null },
    ]);
  } finally {
    await other.close();
  }
});
