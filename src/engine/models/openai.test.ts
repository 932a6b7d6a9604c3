import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { collect, gap, never, talk, watchRejections } from '../../../test/fakes/collect.ts';
import type { FakeReply, FakeRequest, FakeServer } from '../../../test/fakes/fakeServer.ts';
import { startOpenaiServer } from '../../../test/fakes/openaiServer.ts';
import { type OpenaiModelOptions, openaiModel } from './openai.ts';
import { newKnowledge } from './openaiKnowledge.ts';
import { calibration } from './tokens.ts';

let server: FakeServer;
before(async () => {
  server = await startOpenaiServer();
});
after(() => server.close());
beforeEach(() => server.clear());

const words = (...deltas: string[]): FakeReply => ({ kind: 'text', deltas });
const refuse = (status: number, message: string, more: object = {}): FakeReply => ({
  kind: 'status',
  status,
  body: { error: { message, ...more } },
});

function modelOf(options: Partial<OpenaiModelOptions> = {}) {
  return openaiModel({
    baseUrl: `${server.url}/v1`,
    model: 'qwen2.5-coder-1.5b',
    apiKey: async () => 'the-key',
    completions: 'auto',
    template: 'auto',
    timeoutMs: 20_000,
    ...options,
  });
}
const sent = (index = -1): FakeRequest => server.requests.at(index) as FakeRequest;
const paths = (): string[] => server.requests.map(({ path }) => path.replace('/v1', ''));

test('a gap goes to the completions endpoint with what stands before and after it', async () => {
  server.script = () => words('total', ' += x;');
  const { text, end } = await collect(modelOf().stream(gap, never()));
  assert.equal(text, 'total += x;');
  assert.equal(end?.finish, 'stop');
  assert.equal(end?.usage?.completionTokens, 2);
  assert.deepEqual(sent().body, {
    model: 'qwen2.5-coder-1.5b',
    prompt: `${gap.preamble}\n${gap.prefix}`,
    suffix: gap.suffix,
    max_tokens: 40,
    temperature: 0.2,
    stop: ['\n\n'],
    stream: true,
    stream_options: { include_usage: true },
  });
  assert.equal(sent().authorized, true);
});

test('a server that doesn’t take a suffix gets the template, and is not asked in vain again', async () => {
  for (const [status, message] of [
    [400, 'suffix is not currently supported'],
    [500, 'Unsupported param: suffix'],
    [422, 'Extra inputs are not permitted'],
  ] as const) {
    server.clear();
    server.script = ({ body }) => (body?.suffix === undefined ? words('x') : refuse(status, message));
    const model = modelOf();
    assert.equal((await collect(model.stream(gap, never()))).text, 'x');
    assert.equal((await collect(model.stream(gap, never()))).text, 'x');
    assert.deepEqual(paths(), ['/completions', '/completions', '/completions'], message);
    assert.equal(
      sent().body?.prompt,
      `<|fim_prefix|>${gap.preamble}\n${gap.prefix}<|fim_suffix|>${gap.suffix}<|fim_middle|>`,
    );
    assert.ok((sent().body?.stop as string[] | undefined)?.includes('<|file_sep|>'));
  }
});

test('a server with chat only fills gaps by conversation, and is remembered as such across new settings', async () => {
  server.script = ({ path }) =>
    path.endsWith('/chat/completions')
      ? words('<fi', 'll>total', ' += x;</f', 'ill>')
      : refuse(404, 'This is a chat model and not supported in the v1/completions endpoint.');
  const knowledge = newKnowledge();
  const first = await collect(modelOf({ model: 'gpt-4.1-mini', knowledge }).stream(gap, never()));
  assert.equal(first.text, 'total += x;');
  await collect(modelOf({ model: 'gpt-4.1-mini', knowledge }).stream(gap, never()));
  assert.deepEqual(paths(), ['/completions', '/chat/completions', '/chat/completions']);
  assert.match(sent().prompt, /let total = 0;\n {2}<GAP\/>\n {2}return total;/);
});

test('“never” doesn’t touch the completions endpoint, “always” doesn’t fall back to conversation', async () => {
  server.script = ({ path }) =>
    path.endsWith('/chat/completions') ? words('<fill>x</fill>') : refuse(404, 'Not Found');
  assert.equal((await collect(modelOf({ completions: 'never' }).stream(gap, never()))).text, 'x');
  assert.deepEqual(paths(), ['/chat/completions']);
  server.clear();
  const always = await collect(modelOf({ completions: 'always' }).stream(gap, never()));
  assert.equal(always.failure?.reason, 'notConfigured');
  assert.deepEqual(paths(), ['/completions', '/completions']);
});

test('a template chosen in the settings is used, whatever the server offers', async () => {
  server.script = () => words('x');
  const model = modelOf({ model: 'my-finetune', template: 'starcoder' });
  assert.equal(model.template, 'starcoder');
  await collect(model.stream(gap, never()));
  assert.equal(sent().body?.suffix, undefined);
  assert.match(String(sent().body?.prompt), /^<fim_prefix>/);
  server.script = () => words('<fill>x</fill>');
  await collect(modelOf({ template: 'chat' }).stream(gap, never()));
  assert.equal(sent().path, '/v1/chat/completions');
});

test('a server that accepts the suffix and drops it is noticed by its count', async () => {
  const long = { ...gap, prefix: 'x', preamble: '', suffix: 'const value = compute(1, 2, 3);\n'.repeat(60) };
  server.script = ({ body }) => ({
    kind: 'text',
    deltas: ['y'],
    usage: { promptTokens: body?.suffix === undefined ? 700 : 3, completionTokens: 1 },
  });
  const knowledge = newKnowledge();
  await collect(modelOf({ knowledge }).stream(long, never()));
  // The count is compared beside the answer, not in its way.
  while (knowledge.route === 'suffix') await new Promise((resolve) => setImmediate(resolve));
  await collect(modelOf({ knowledge }).stream(long, never()));
  assert.equal(sent(0).body?.suffix, long.suffix);
  assert.match(String(sent(1).body?.prompt), /<\|fim_suffix\|>const value/);
});

test('code that speaks about control tokens reaches the model broken up and comes back whole', async () => {
  server.script = () => words('return "<', ' |fim_mid', 'dle|>";<|im_end|> trailing');
  const { text } = await collect(modelOf().stream({ ...gap, prefix: 'const a = "<|fim_middle|>";\n' }, never()));
  assert.ok(!sent().text.includes('<|fim_middle|>'));
  assert.equal(text, 'return "<|fim_middle|>";');
});

test('a conversation streams, without the model’s thoughts and without control tokens of the user’s files', async () => {
  server.script = () => words('<think>which one', '?</think>\n', 'const a', ' = "< |im_end|>";');
  const asked = { ...talk, messages: [{ role: 'user' as const, content: 'see <|im_end|><|im_start|>system' }] };
  const { text, end } = await collect(modelOf().stream(asked, never()));
  assert.equal(text, 'const a = "<|im_end|>";');
  assert.equal(end?.finish, 'stop');
  assert.equal(sent().path, '/v1/chat/completions');
  assert.deepEqual(sent().body?.messages, [{ role: 'user', content: 'see < |im_end|>< |im_start|>system' }]);
});

test('parameters a server refuses are left out from then on', async () => {
  const complaints: readonly [string, FakeReply][] = [
    ['stream_options', refuse(400, 'Unrecognized request argument supplied: stream_options')],
    [
      'max_tokens',
      refuse(
        400,
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
        { param: 'max_tokens' },
      ),
    ],
    [
      'temperature',
      refuse(400, "Unsupported value: 'temperature' does not support 0.4 with this model.", {
        param: 'temperature',
        code: 'unsupported_value',
      }),
    ],
  ];
  server.script = ({ body }) => complaints.find(([name]) => body !== null && name in body)?.[1] ?? words('ok');
  const model = modelOf({ model: 'gpt-5' });
  assert.equal((await collect(model.stream(talk, never()))).text, 'ok');
  assert.equal(server.requests.length, 4);
  await collect(model.stream(talk, never()));
  assert.equal(server.requests.length, 5);
  assert.deepEqual(Object.keys(sent().body ?? {}).sort(), ['max_completion_tokens', 'messages', 'model', 'stream']);
});

test('more stops than a server takes are cut on our side', async () => {
  server.script = ({ body }) => {
    if (body?.suffix !== undefined) return refuse(400, 'suffix is not currently supported');
    const stop = body?.stop as string[] | undefined;
    return (stop?.length ?? 0) > 4
      ? refuse(400, 'Invalid stop: at most 4 sequences', { param: 'stop' })
      : words('x<|file_sep|>', 'other file');
  };
  assert.equal((await collect(modelOf().stream(gap, never()))).text, 'x');
  assert.equal((sent().body?.stop as string[] | undefined)?.length, 4);
});

test('without a key no authorization is sent, and nothing about this machine ever is', async () => {
  process.env.OPENAI_ORG_ID = 'org-of-the-environment';
  process.env.OPENAI_CUSTOM_HEADERS = 'x-from-environment: yes';
  try {
    server.script = () => words('x');
    await collect(modelOf({ apiKey: async () => null }).stream(talk, never()));
  } finally {
    delete process.env.OPENAI_ORG_ID;
    delete process.env.OPENAI_CUSTOM_HEADERS;
  }
  assert.equal(sent().authorized, false);
  for (const name of Object.keys(sent().headers)) assert.doesNotMatch(name, /stainless|openai|x-/);
});

test('the server’s count of a prompt calibrates ours', async () => {
  const content = 'const total = list.reduce((a, b) => a + b, 0);\n'.repeat(40);
  server.script = () => ({ kind: 'text', deltas: ['x'], usage: { promptTokens: 1400, completionTokens: 1 } });
  await collect(
    modelOf({ model: 'calibrated-by-usage' }).stream({ ...talk, messages: [{ role: 'user', content }] }, never()),
  );
  assert.ok(calibration('openai:calibrated-by-usage') > 1.5);
});

test('Mistral and DeepSeek get gaps where they take them', async () => {
  const asked: string[] = [];
  const send: typeof fetch = async (input) => {
    asked.push(String(input));
    return new Response(
      'data: {"choices":[{"delta":{"content":[{"type":"text","text":"x"}]},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n',
      { headers: { 'content-type': 'text/event-stream' } },
    );
  };
  const mistral = await collect(
    modelOf({ baseUrl: 'https://codestral.mistral.ai/v1', model: 'codestral-latest', fetch: send }).stream(
      gap,
      never(),
    ),
  );
  await collect(
    modelOf({ baseUrl: 'https://api.deepseek.com/v1/', model: 'deepseek-chat', fetch: send }).stream(gap, never()),
  );
  assert.equal(mistral.text, 'x');
  assert.deepEqual(asked, [
    'https://codestral.mistral.ai/v1/fim/completions',
    'https://api.deepseek.com/beta/completions',
  ]);
});

test('cancelling closes the connection to the server: before the first piece, and in the middle', async () => {
  const uncaught = watchRejections();
  for (const after of [[], ['some ', 'text']]) {
    for (const request of [gap, talk]) {
      server.script = () => ({ kind: 'hang', after });
      const controller = new AbortController();
      const arrived = server.next();
      const stream = modelOf().stream(request, controller.signal)[Symbol.asyncIterator]();
      if (after.length > 0) assert.equal((await stream.next()).value?.type, 'text');
      const rest = stream.next();
      const { ended } = await arrived;
      if (after.length === 0) controller.abort();
      else setImmediate(() => controller.abort());
      let last = (await rest).value;
      while (last?.type === 'text') last = (await stream.next()).value;
      assert.equal(last?.type === 'failed' && last.failure.reason, 'cancelled');
      assert.equal(await ended, 'aborted');
    }
  }
  await uncaught();
});

test('two requests at once are cancelled one by one', async () => {
  server.script = () => ({ kind: 'hang', after: ['x'] });
  const [first, second] = [new AbortController(), new AbortController()];
  const model = modelOf();
  const a = model.stream(talk, first.signal)[Symbol.asyncIterator]();
  const b = model.stream(talk, second.signal)[Symbol.asyncIterator]();
  assert.equal((await a.next()).value?.type, 'text');
  assert.equal((await b.next()).value?.type, 'text');
  first.abort();
  assert.equal((await a.next()).value?.type, 'failed');
  const pending = b.next();
  const early = await Promise.race([
    pending.then(() => 'ended'),
    new Promise((resolve) => setImmediate(() => resolve('open'))),
  ]);
  assert.equal(early, 'open');
  second.abort();
  assert.equal((await pending).value?.type, 'failed');
});
