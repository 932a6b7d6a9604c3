import { editing } from './editing.ts';
import {
  carryOut,
  type FakeReply,
  type FakeRequest,
  type FakeScript,
  type FakeServer,
  startFake,
  type Wire,
} from './fakeServer.ts';

/** A model the server has. */
export interface FakeOllamaModel {
  readonly name: string;
  readonly sizeBytes?: number;
  readonly parameters?: string;
  readonly quantization?: string;
  /** Left out of `/api/show` when null, as by servers before 0.6.4. */
  readonly capabilities?: readonly string[] | null;
  readonly template?: string;
  readonly contextTokens?: number;
  readonly modifiedAt?: string;
}

export interface OllamaServerOptions {
  readonly script?: FakeScript;
  readonly models?: readonly FakeOllamaModel[];
  /** Asked instead of the built-in `/api/tags`, `/api/show` and `/api/pull`, where it answers. */
  readonly manage?: (request: FakeRequest) => FakeReply | null;
  readonly port?: number;
}

const usual: readonly FakeOllamaModel[] = [
  {
    name: 'qwen2.5-coder:1.5b',
    sizeBytes: 986_061_892,
    parameters: '1.5B',
    quantization: 'Q4_K_M',
    capabilities: ['completion', 'tools', 'insert'],
    contextTokens: 32_768,
  },
];

/** A local server that speaks Ollama's wire format: tags, show, generate, chat and pull, as lines of JSON. */
export function startOllamaServer({
  script = editing,
  models = usual,
  manage = () => null,
  port,
}: OllamaServerOptions = {}): Promise<FakeServer> {
  const have = [...models];
  return startFake(
    { script, promptOf, ...(port === undefined ? {} : { port }) },
    async ({ request, response }, server) => {
      const wire = lineWire(request);
      const managed = manage(request);
      if (managed) return carryOut(managed, wire, response);
      const wanted = String(request.body?.model ?? request.body?.name ?? '');
      const found = have.find(({ name }) => name === wanted || name === `${wanted}:latest`);
      const missing: FakeReply = { kind: 'status', status: 404, body: { error: `model '${wanted}' not found` } };
      switch (request.path) {
        case '/api/version':
          return carryOut({ kind: 'status', status: 200, body: { version: '0.12.0' } }, wire, response);
        case '/api/tags':
          return carryOut({ kind: 'status', status: 200, body: { models: have.map(tagOf) } }, wire, response);
        case '/api/show':
          return carryOut(found ? { kind: 'status', status: 200, body: showOf(found) } : missing, wire, response);
        case '/api/pull': {
          const lines = pullLines(wanted);
          if (!found) have.push({ name: wanted, capabilities: ['completion'] });
          return carryOut(
            { kind: 'raw', text: lines.map((line) => `${JSON.stringify(line)}\n`).join('') },
            wire,
            response,
          );
        }
        case '/api/generate':
        case '/api/chat': {
          if (!found) return carryOut(missing, wire, response);
          if (
            request.body?.suffix &&
            !(found.capabilities ?? []).includes('insert') &&
            !found.template?.includes('.Suffix')
          ) {
            const body = { error: `registry.ollama.ai/library/${wanted} does not support insert` };
            return carryOut({ kind: 'status', status: 400, body }, wire, response);
          }
          return carryOut(await server.script(request), wire, response);
        }
        default:
          return carryOut({ kind: 'status', status: 404, body: '404 page not found' }, wire, response);
      }
    },
  );
}

function promptOf(_path: string, body: FakeRequest['body']): string {
  if (Array.isArray(body?.messages)) {
    return body.messages
      .map((message: { role?: unknown; content?: unknown }) => `${message.role}: ${message.content}`)
      .join('\n\n');
  }
  const prompt = typeof body?.prompt === 'string' ? body.prompt : '';
  return typeof body?.suffix === 'string' ? `${prompt}\u2038${body.suffix}` : prompt;
}

function lineWire(request: FakeRequest): Wire {
  const chat = request.path === '/api/chat';
  const line = (fields: object): string =>
    `${JSON.stringify({ model: request.body?.model ?? '', created_at: '2026-01-01T00:00:00Z', ...fields })}\n`;
  const part = (text: string): object =>
    chat ? { message: { role: 'assistant', content: text } } : { response: text };
  return {
    contentType: 'application/x-ndjson',
    piece: (text) => line({ ...part(text), done: false }),
    end: ({ finish = 'stop', usage, without = [], deltas }) => {
      if (without.includes('done') || without.includes('finish')) return '';
      const counts =
        usage === null
          ? {}
          : {
              prompt_eval_count: usage?.promptTokens ?? Math.ceil(request.prompt.length / 4),
              eval_count: usage?.completionTokens ?? deltas.length,
            };
      return line({ ...part(''), done: true, done_reason: finish, total_duration: 1_000_000, ...counts });
    },
    error: (message) => `${JSON.stringify({ error: message })}\n`,
  };
}

const tagOf = ({
  name,
  sizeBytes = 1_000_000,
  parameters = '',
  quantization = '',
  modifiedAt = '2026-01-01T00:00:00Z',
}: FakeOllamaModel): object => ({
  name,
  model: name,
  modified_at: modifiedAt,
  size: sizeBytes,
  digest: 'fake',
  details: {
    format: 'gguf',
    family: 'fake',
    families: ['fake'],
    parameter_size: parameters,
    quantization_level: quantization,
  },
});

const showOf = ({
  capabilities = ['completion'],
  template = '{{ .Prompt }}',
  contextTokens = 4096,
  parameters = '',
  quantization = '',
}: FakeOllamaModel): object => ({
  modelfile: '',
  parameters: '',
  template,
  details: { format: 'gguf', family: 'fake', parameter_size: parameters, quantization_level: quantization },
  model_info: { 'general.architecture': 'fake', 'fake.context_length': contextTokens },
  ...(capabilities === null ? {} : { capabilities }),
});

function pullLines(name: string): object[] {
  const digest = `sha256:${name.length.toString(16).padStart(12, '0')}`;
  const total = 4_000_000;
  return [
    { status: 'pulling manifest' },
    ...[0, 0.25, 0.5, 1].map((share) => ({
      status: `pulling ${digest.slice(7, 19)}`,
      digest,
      total,
      ...(share > 0 ? { completed: total * share } : {}),
    })),
    { status: 'verifying sha256 digest' },
    { status: 'writing manifest' },
    { status: 'success' },
  ];
}
