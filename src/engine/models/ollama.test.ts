import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { collect, gap, never, talk, watchRejections } from '../../../test/fakes/collect.ts';
import type { FakeReply, FakeRequest, FakeServer } from '../../../test/fakes/fakeServer.ts';
import { startOllamaServer } from '../../../test/fakes/ollamaServer.ts';
import type { Failure } from '../../protocol/rpc.ts';
import { type OllamaModelOptions, ollamaModel } from './ollama.ts';

let server: FakeServer;
/** What the server says instead of `/api/show`, when set. */
let shown: FakeReply | null = null;
before(async () => {
  server = await startOllamaServer({
    manage: ({ path }) => (path === '/api/show' ? shown : null),
    models: [
      { name: 'qwen2.5-coder:1.5b', capabilities: ['completion', 'insert'], contextTokens: 32_768 },
      { name: 'starcoder2:3b', capabilities: ['completion'], contextTokens: 4096 },
      { name: 'llama3.2:3b', capabilities: ['completion', 'tools'], contextTokens: 131_072 },
      { name: 'deepseek-r1:7b', capabilities: ['completion', 'thinking'] },
      { name: 'my-tuned', capabilities: ['completion', 'insert'] },
      {
        name: 'old-server',
        capabilities: null,
        template: '{{- if .Suffix }}<PRE> {{ .Prompt }} <SUF>{{ .Suffix }} <MID>{{ end }}',
      },
    ],
  });
});
after(() => server.close());
beforeEach(() => {
  server.clear();
  shown = null;
});

const words = (...deltas: string[]): FakeReply => ({ kind: 'text', deltas });
const modelOf = (model = 'qwen2.5-coder:1.5b', options: Partial<OllamaModelOptions> = {}) =>
  ollamaModel({ host: server.url, model, template: 'auto', timeoutMs: 20_000, ...options });
const sent = (): FakeRequest => server.requests.at(-1) as FakeRequest;

test('a model with a fill-in-the-middle form of its own gets the suffix', async () => {
  server.script = () => words('total', ' += x;');
  const model = modelOf();
  const { text, end } = await collect(model.stream(gap, never()));
  assert.equal(text, 'total += x;');
  assert.equal(end?.usage?.completionTokens, 2);
  assert.deepEqual(sent().body, {
    model: 'qwen2.5-coder:1.5b',
    prompt: `${gap.preamble}\n${gap.prefix}`,
    suffix: gap.suffix,
    stream: true,
    keep_alive: '30m',
    options: { num_predict: 40, temperature: 0.2, num_ctx: 8192, stop: ['\n\n'] },
  });
  await collect(model.stream(gap, never()));
  assert.deepEqual(
    server.requests.map(({ path }) => path),
    ['/api/show', '/api/generate', '/api/generate'],
    'asked again what the model can do',
  );
});

test('one without gets the template of its family as raw text', async () => {
  server.script = () => words('x');
  const model = modelOf('starcoder2:3b');
  await collect(model.stream(gap, never()));
  assert.equal(sent().body?.raw, true);
  assert.equal(sent().body?.prompt, `<fim_prefix>${gap.preamble}\n${gap.prefix}<fim_suffix>${gap.suffix}<fim_middle>`);
  assert.equal(model.contextTokens, 4096);
  assert.deepEqual(model.capabilities, { fillInTheMiddle: true, chat: false });
});

test('at the end of a file the template is still used: Ollama takes an empty suffix for a conversation', async () => {
  server.script = () => words('x');
  await collect(modelOf().stream({ ...gap, suffix: '' }, never()));
  assert.deepEqual([sent().body?.raw, sent().body?.suffix], [true, undefined]);
  await collect(modelOf('my-tuned').stream({ ...gap, suffix: '' }, never()));
  assert.deepEqual([sent().body?.raw, sent().body?.suffix], [undefined, '\n']);
});

test('a chat model fills the gap by conversation', async () => {
  server.script = () => words('Sure: <fill>total', ' += x;</fill>');
  const { text } = await collect(modelOf('llama3.2:3b').stream(gap, never()));
  assert.equal(text, 'total += x;');
  assert.equal(sent().path, '/api/chat');
});

test('before Ollama told what models can do, the template tells', async () => {
  server.script = () => words('x');
  await collect(modelOf('old-server').stream(gap, never()));
  assert.equal(sent().body?.suffix, gap.suffix);
});

test('a template chosen in the settings is believed more than Ollama’s own', async () => {
  server.script = () => words('x');
  await collect(modelOf('qwen2.5-coder:1.5b', { template: 'codestral' }).stream(gap, never()));
  assert.deepEqual([sent().body?.raw, sent().body?.suffix], [true, undefined]);
  assert.match(String(sent().body?.prompt), /^\[SUFFIX\]/);
});

test('a thinking model is told not to, and thoughts that come anyway are dropped', async () => {
  server.script = () => words('<think>hm', '</think>', '\nconst a = 1;');
  const { text } = await collect(modelOf('deepseek-r1:7b').stream(talk, never()));
  assert.equal(text, 'const a = 1;');
  assert.equal(sent().body?.think, false);
  await collect(modelOf('llama3.2:3b').stream(talk, never()));
  assert.equal(sent().body?.think, undefined);
});

test('control tokens in the user’s code reach the model broken up and come back whole', async () => {
  server.script = () => words('"< |fim_', 'suffix|>"', '<|endoftext|>more');
  const { text } = await collect(modelOf().stream({ ...gap, prefix: 'x = "<|fim_suffix|>" + ' }, never()));
  assert.ok(!sent().text.includes('<|fim_suffix|>'));
  assert.equal(text, '"<|fim_suffix|>"');
});

test('the context asked for is the same for every request, and never more than the model has', async () => {
  server.script = () => words('x');
  const model = modelOf('starcoder2:3b', { contextTokens: 16_384 });
  await collect(model.stream(gap, never()));
  await collect(model.stream({ ...gap, maxTokens: 400 }, never()));
  const sizes = server.requests
    .filter(({ path }) => path === '/api/generate')
    .map(({ body }) => (body?.options as { num_ctx: number } | undefined)?.num_ctx);
  assert.deepEqual(sizes, [4096, 4096]);
});

const failures: readonly [string, FakeReply, Failure['reason'], RegExp][] = [
  [
    'not enough memory',
    {
      kind: 'status',
      status: 500,
      body: { error: 'model requires more system memory (9 GiB) than is available (4 GiB)' },
    },
    'unavailable',
    /smaller/,
  ],
  [
    'too long',
    { kind: 'status', status: 400, body: { error: 'the input length exceeds the context length' } },
    'contextTooLong',
    /attune\.context\.tokens/,
  ],
  [
    'limited',
    { kind: 'status', status: 429, body: { error: 'slow down' }, headers: { 'retry-after': '3' } },
    'rateLimited',
    /3 seconds/,
  ],
  ['not Ollama', { kind: 'raw', text: '<html>', contentType: 'text/html' }, 'malformed', /attune\.ollama\.baseUrl/],
  ['garbage', { kind: 'raw', text: '{"response":"a","done":false}\n{"resp\n' }, 'malformed', /proxy/],
  ['garbage that is JSON', { kind: 'raw', text: '3\n' }, 'malformed', /proxy/],
  ['cut within a line', { kind: 'raw', text: '{"response":"a","done":false}\n{"resp' }, 'malformed', /Try again/],
  ['ended without an end', { kind: 'raw', text: '{"response":"a","done":false}\n' }, 'malformed', /\S/],
  ['torn', { kind: 'cut', after: ['a', 'b'] }, 'malformed', /\S/],
  [
    'an error within the stream',
    { kind: 'streamError', after: ['a'], message: 'the runner has terminated: confidentialThing' },
    'unavailable',
    /log/,
  ],
];

for (const [name, reply, reason, nextStep] of failures) {
  test(`one clear failure, and nothing printed to the console: ${name}`, async (t) => {
    const printed = (['log', 'warn', 'error', 'info'] as const).map((method) =>
      t.mock.method(console, method, () => {}),
    );
    const uncaught = watchRejections();
    for (const request of [gap, talk]) {
      server.script = () => reply;
      const { failure } = await collect(modelOf().stream(request, never()));
      assert.equal(failure?.reason, reason, failure?.message);
      assert.match(failure?.nextStep ?? '', nextStep);
      assert.ok(request === gap || !failure?.message.includes('confidentialthing'));
    }
    await uncaught();
    // The package prints broken lines, which hold what the model wrote.
    for (const { mock } of printed) assert.equal(mock.callCount(), 0);
  });
}

test('a model that isn’t there comes with the command that gets it', async () => {
  const { failure } = await collect(modelOf('codestral:22b').stream(gap, never()));
  assert.equal(failure?.reason, 'modelMissing');
  assert.match(failure?.nextStep ?? '', /ollama pull codestral:22b/);
});

test('a server that says nothing about its models is a failure too', async () => {
  shown = { kind: 'raw', text: 'Hello', contentType: 'text/plain' };
  assert.equal((await collect(modelOf().stream(gap, never()))).failure?.reason, 'malformed');
  shown = { kind: 'status', status: 500, body: 'oh' };
  assert.equal((await collect(modelOf().stream(gap, never()))).failure?.reason, 'unavailable');
});

test('silence while a model loads, and within an answer, comes to an end', async () => {
  server.script = () => ({ kind: 'hang' });
  const first = await collect(modelOf('qwen2.5-coder:1.5b', { timeoutMs: 80 }).stream(gap, never()));
  assert.equal(first.failure?.reason, 'timeout');
  server.script = () => ({ kind: 'hang', after: ['x'] });
  const second = await collect(modelOf('qwen2.5-coder:1.5b', { stallMs: 80 }).stream(gap, never()));
  assert.deepEqual([second.text, second.failure?.reason], ['x', 'timeout']);
});

test('nobody at the address: the failure says how to start Ollama', async () => {
  const gone = await startOllamaServer();
  await gone.close();
  const { failure } = await collect(
    ollamaModel({ host: gone.url, model: 'm', template: 'auto', timeoutMs: 20_000 }).stream(gap, never()),
  );
  assert.equal(failure?.reason, 'refused');
  assert.match(failure?.nextStep ?? '', /ollama serve/);
});

test('cancelling one request closes its connection and leaves the other alone', async () => {
  const uncaught = watchRejections();
  server.script = () => ({ kind: 'hang', after: ['x'] });
  const model = modelOf();
  const [first, second] = [new AbortController(), new AbortController()];
  const a = model.stream(gap, first.signal)[Symbol.asyncIterator]();
  const b = model.stream(talk, second.signal)[Symbol.asyncIterator]();
  assert.equal((await a.next()).value?.type, 'text');
  assert.equal((await b.next()).value?.type, 'text');
  const requestOf = (path: string) => server.requests.find((request) => request.path === path);
  first.abort();
  const last = (await a.next()).value;
  assert.equal(last?.type === 'failed' && last.failure.reason, 'cancelled');
  assert.equal(await requestOf('/api/generate')?.ended, 'aborted');
  const other = requestOf('/api/chat')?.ended.then(() => 'closed');
  assert.equal(await Promise.race([other, new Promise((resolve) => setImmediate(() => resolve('open')))]), 'open');
  second.abort();
  assert.equal((await b.next()).value?.type, 'failed');
  assert.equal(await other, 'closed');
  await uncaught();
});

test('cancelling while the server hasn’t answered closes the connection', async () => {
  server.script = () => new Promise(() => {});
  const controller = new AbortController();
  const arrived = server.next(({ path }) => path === '/api/generate');
  const result = collect(modelOf().stream(gap, controller.signal));
  const request = await arrived;
  controller.abort();
  assert.equal((await result).failure?.reason, 'cancelled');
  assert.equal(await request.ended, 'aborted');
});
