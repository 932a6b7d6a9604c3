import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Failure } from '../../protocol/rpc.ts';
import { HttpError, MalformedAnswer, Silence } from './errors.ts';
import { type FailureContext, shownAddress, toFailure } from './failure.ts';
import { retryAfterMs } from './retryAfter.ts';
import { serverWords } from './serverWords.ts';

const openai: FailureContext = {
  source: 'openai',
  address: 'http://127.0.0.1:8080/v1',
  model: 'qwen2.5-coder',
  nowMs: 0,
  hide: [],
};
const ollama: FailureContext = {
  ...openai,
  source: 'ollama',
  address: 'http://127.0.0.1:11434',
  model: 'qwen2.5-coder:1.5b',
};

const http = (status: number, body: unknown, headers: Record<string, string> = {}): HttpError =>
  new HttpError(status, new Headers(headers), typeof body === 'string' ? body : JSON.stringify(body));
const caused = (code: string): Error =>
  Object.assign(new TypeError('fetch failed'), { cause: Object.assign(new Error('x'), { code }) });

interface Case {
  readonly name: string;
  readonly error: unknown;
  readonly context?: FailureContext;
  readonly reason: Failure['reason'];
  readonly message?: RegExp;
  readonly nextStep?: RegExp;
}

const cases: readonly Case[] = [
  {
    name: 'server not running',
    error: caused('ECONNREFUSED'),
    reason: 'refused',
    message: /Nothing answers at http:\/\/127\.0\.0\.1:8080\.$/,
    nextStep: /Start the server/,
  },
  {
    name: 'Ollama not running',
    error: caused('ECONNREFUSED'),
    context: ollama,
    reason: 'refused',
    nextStep: /ollama serve/,
  },
  {
    name: 'both addresses of localhost refused',
    error: Object.assign(new TypeError('fetch failed'), {
      cause: Object.assign(new AggregateError([Object.assign(new Error('a'), { code: 'ECONNREFUSED' })]), {}),
    }),
    reason: 'refused',
  },
  { name: 'unknown host', error: caused('ENOTFOUND'), reason: 'refused', message: /host of .* isn’t known/ },
  { name: 'no route', error: caused('EHOSTUNREACH'), reason: 'refused', message: /can’t be reached/ },
  {
    name: 'connection never made',
    error: caused('UND_ERR_CONNECT_TIMEOUT'),
    reason: 'refused',
    message: /can’t be reached/,
  },
  {
    name: 'self-signed certificate',
    error: caused('DEPTH_ZERO_SELF_SIGNED_CERT'),
    reason: 'refused',
    message: /certificate/i,
    nextStep: /NODE_EXTRA_CA_CERTS/,
  },
  {
    name: 'https to an http port',
    error: caused('ERR_SSL_WRONG_VERSION_NUMBER'),
    reason: 'refused',
    nextStep: /http or https/,
  },
  {
    name: 'address that is none',
    error: Object.assign(new TypeError('Invalid URL'), { code: 'ERR_INVALID_URL' }),
    reason: 'notConfigured',
    nextStep: /attune\.openai\.baseUrl/,
  },
  {
    name: 'connection torn',
    error: Object.assign(new TypeError('terminated'), {
      cause: Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' }),
    }),
    reason: 'malformed',
    message: /broke off/,
  },
  {
    name: '401',
    error: http(401, { error: { message: 'Incorrect API key provided: sk-abc***xyz.', code: 'invalid_api_key' } }),
    reason: 'unauthorized',
    nextStep: /Attune: Set API Key/,
  },
  { name: '403', error: http(403, {}), reason: 'unauthorized', message: /\(403\)/ },
  {
    name: 'Ollama behind a wall',
    error: http(403, ''),
    context: ollama,
    reason: 'unauthorized',
    nextStep: /OLLAMA_ORIGINS/,
  },
  {
    name: 'OpenAI: no such model',
    error: http(404, {
      error: { message: 'The model `x` does not exist or you do not have access to it.', code: 'model_not_found' },
    }),
    reason: 'modelMissing',
    nextStep: /Attune: Select Model/,
  },
  {
    name: 'vLLM: no such model',
    error: http(404, { object: 'error', message: 'The model `qwen2.5-coder` does not exist.', type: 'NotFoundError' }),
    reason: 'modelMissing',
    message: /“qwen2\.5-coder”/,
  },
  {
    name: '400: no such model',
    error: http(400, { error: { message: 'Invalid model name passed in model=foo' } }),
    reason: 'modelMissing',
  },
  {
    name: 'Ollama: no such model',
    error: http(404, { error: "model 'qwen2.5-coder:1.5b' not found" }),
    context: ollama,
    reason: 'modelMissing',
    nextStep: /ollama pull qwen2\.5-coder:1\.5b/,
  },
  {
    name: 'Ollama library: no such model',
    error: http(0, { error: 'pull model manifest: file does not exist' }),
    context: ollama,
    reason: 'modelMissing',
  },
  {
    name: 'Ollama library out of reach',
    error: http(0, {
      error: 'pull model manifest: Get "https://registry/v2": dial tcp: lookup registry: no such host',
    }),
    context: ollama,
    reason: 'unavailable',
    nextStep: /network/,
  },
  { name: 'wrong path', error: http(404, { detail: 'Not Found' }), reason: 'notConfigured', nextStep: /ends in \/v1/ },
  { name: 'wrong path, as a page', error: http(404, '<!DOCTYPE html><title>404</title>'), reason: 'notConfigured' },
  { name: 'redirect', error: http(301, ''), reason: 'notConfigured', message: /redirects/ },
  {
    name: '429',
    error: http(429, { error: { message: 'Rate limit reached' } }, { 'retry-after': '20' }),
    reason: 'rateLimited',
    nextStep: /in 20 seconds/,
  },
  {
    name: 'no credit',
    error: http(429, { error: { code: 'insufficient_quota', message: 'You exceeded your current quota' } }),
    reason: 'rateLimited',
    message: /no credit/,
  },
  {
    name: '402',
    error: http(402, { error: { message: 'Insufficient credits' } }),
    reason: 'rateLimited',
    message: /no credit/,
  },
  {
    name: '500',
    error: http(500, { error: { message: 'Internal error' } }),
    reason: 'unavailable',
    message: /\(500\) \(internal error\)/,
  },
  {
    name: '503 while loading',
    error: http(503, { error: { code: 503, message: 'Loading model', type: 'unavailable_error' } }),
    reason: 'unavailable',
    message: /still loading/,
  },
  {
    name: '502 page of a proxy',
    error: http(502, '<html><h1>Bad Gateway</h1></html>'),
    reason: 'unavailable',
    message: /\(502\)\.$/,
  },
  {
    name: 'not enough memory',
    error: http(500, { error: 'model requires more system memory (9.3 GiB) than is available (4.1 GiB)' }),
    context: ollama,
    reason: 'unavailable',
    nextStep: /smaller/,
  },
  {
    name: 'silence at first',
    error: new Silence('first', 60_000),
    reason: 'timeout',
    message: /sent nothing for 60 seconds/,
  },
  {
    name: 'silence in the middle',
    error: new Silence('next', 30_000),
    context: ollama,
    reason: 'timeout',
    message: /middle of its answer/,
  },
  {
    name: 'a page instead of a stream',
    error: new MalformedAnswer('notAStream'),
    reason: 'malformed',
    nextStep: /\/v1/,
  },
  { name: 'garbage', error: new SyntaxError('Unexpected token < in JSON'), reason: 'malformed' },
  { name: 'cancelled', error: new DOMException('This operation was aborted', 'AbortError'), reason: 'cancelled' },
  { name: 'a bug', error: new RangeError('secret detail'), reason: 'other', message: /^The request to .* failed\.$/ },
  { name: 'not even an error', error: undefined, reason: 'other' },
  {
    name: '400 of any kind',
    error: http(400, { error: { message: 'Value error in field seed.' } }),
    reason: 'other',
    message: /\(400\) \(value error in field seed\)/,
  },
];

for (const { name, error, context = openai, reason, message, nextStep } of cases) {
  test(`the user is told what to do: ${name}`, () => {
    const failure = toFailure(error, context);
    assert.equal(failure.reason, reason, failure.message);
    if (message) assert.match(failure.message, message);
    if (nextStep) assert.match(failure.nextStep, nextStep);
    if (reason !== 'cancelled') assert.match(failure.nextStep, /\S/);
    assert.match(failure.message, /^[A-Zh].*[.]$/s);
  });
}

/** As the servers word it. */
const tooLong: readonly [string, HttpError][] = [
  [
    'OpenAI',
    http(400, {
      error: {
        message: "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.",
        code: 'context_length_exceeded',
      },
    }),
  ],
  [
    'vLLM',
    http(400, {
      object: 'error',
      message:
        "This model's maximum context length is 4096 tokens. However, you requested 4472 tokens (376 in the messages, 4096 in the completion).",
    }),
  ],
  [
    'llama.cpp',
    http(400, {
      error: {
        code: 400,
        message: 'the request exceeds the available context size, try increasing it',
        type: 'exceed_context_size_error',
        n_prompt_tokens: 1407,
        n_ctx: 256,
      },
    }),
  ],
  [
    'llama.cpp, before',
    http(500, {
      error: {
        code: 500,
        message:
          'the request exceeds the available context size. try increasing the context size or enable context shift',
      },
    }),
  ],
  ['llama-cpp-python', http(500, { error: { message: 'Requested tokens (2285) exceed context window of 2048' } })],
  ['Ollama', http(400, { error: 'the input length exceeds the context length' })],
  ['Ollama, in the stream', http(0, { error: 'input length exceeds maximum context length' })],
  [
    'TGI',
    http(422, {
      error: 'Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Prompt is too long',
    }),
  ],
  ['a proxy', http(413, '<html>Request Entity Too Large</html>')],
];

for (const [server, error] of tooLong) {
  test(`a prompt that is too long is told apart from every other refusal: ${server}`, () => {
    const failure = toFailure(error, openai);
    assert.equal(failure.reason, 'contextTooLong');
    assert.match(failure.nextStep, /attune\.context\.tokens/);
  });
}

test('the key and the prompt never get into a message, whatever the server quotes', () => {
  const key = 'sk-live-0123456789abcdef';
  const prompt = 'const databasePassword = lookup("prod");';
  const context = { ...openai, hide: [prompt, key], address: `http://user:${key}@127.0.0.1:8080/v1?token=${key}` };
  const errors = [
    http(401, { error: { message: `Incorrect API key provided: ${key}.` } }),
    http(422, { detail: [{ loc: ['body', 'prompt'], msg: 'bad', input: { prompt } }] }),
    http(400, { error: { message: `invalid input: ${prompt}` } }),
    http(400, { error: { message: `Bad value databasePassword = look` } }),
    http(500, `could not handle Bearer ${key}`),
    http(500, { error: { message: prompt } }),
    Object.assign(new TypeError(`Failed to parse URL from http://user:${key}@x`), {
      code: 'ERR_INVALID_URL',
      input: key,
    }),
    Object.assign(new Error(prompt), { status: 400, error: { message: prompt } }),
    caused('ECONNREFUSED'),
  ];
  for (const error of errors) {
    const { message, nextStep } = toFailure(error, context);
    const shown = `${message} ${nextStep}`.toLowerCase();
    for (const secret of [key, 'live-0123', prompt, 'databasepassword', 'lookup("prod")']) {
      assert.ok(!shown.includes(secret.toLowerCase()), `${shown} holds ${secret}`);
    }
  }
});

test('what a server says is passed on only when it is short, plain and its own', () => {
  assert.equal(serverWords('400 invalid seed. more', []), ' (invalid seed)');
  assert.equal(serverWords('x'.repeat(200), []), '');
  assert.equal(serverWords('<html>no</html>', []), '');
  assert.equal(serverWords('key sk-abcdefgh is wrong', []), '');
  assert.equal(serverWords('near "foo"', ['foo']), '');
});

test('the time to wait is read as seconds, as milliseconds and as a date', () => {
  const of = (headers: Record<string, string>, nowMs = 0) => retryAfterMs(new Headers(headers), nowMs);
  assert.equal(of({ 'retry-after': '2' }), 2000);
  assert.equal(of({ 'retry-after': '0.5' }), 500);
  assert.equal(of({ 'retry-after-ms': '1500', 'retry-after': '9' }), 1500);
  const date = 'Wed, 21 Oct 2026 07:28:00 GMT';
  assert.equal(of({ 'retry-after': date }, Date.parse(date) - 30_000), 30_000);
  assert.equal(of({ 'retry-after': date }, Date.parse(date) + 30_000), 0);
  assert.equal(of({ 'retry-after': 'soon' }), undefined);
  assert.equal(of({ 'retry-after': '-5' }), undefined);
  assert.equal(of({}), undefined);
  assert.equal(of({ 'retry-after': '999999999' }), 24 * 3600 * 1000);
});

test('an address is shown without what may be secret in it', () => {
  assert.equal(shownAddress('https://me:pw@host.example/v1?key=1'), 'https://host.example');
  assert.equal(shownAddress('127.0.0.1:11434'), 'http://127.0.0.1:11434');
  assert.equal(shownAddress('::::'), 'the configured address');
});
