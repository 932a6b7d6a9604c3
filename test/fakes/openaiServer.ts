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

export interface OpenaiServerOptions {
  readonly script?: FakeScript;
  /** What `/v1/models` lists. */
  readonly models?: readonly string[];
  readonly port?: number;
}

/**
 * A local server that speaks OpenAI's wire format: `/v1/models`, `/v1/chat/completions`, `/v1/completions` and Mistral's
 * `/v1/fim/completions`, streamed as server-sent events or whole. Its base URL is `url + '/v1'`.
 */
export function startOpenaiServer({
  script = editing,
  models = ['demo-coder'],
  port,
}: OpenaiServerOptions = {}): Promise<FakeServer> {
  return startFake(
    { script, promptOf, ...(port === undefined ? {} : { port }) },
    async ({ request, response }, server) => {
      const chat = /\/(chat|fim)\/completions$/.test(request.path);
      if (request.path.endsWith('/models') && request.method === 'GET') {
        const data = models.map((id) => ({ id, object: 'model', created: 1_700_000_000, owned_by: 'fake' }));
        const reply: FakeReply =
          models.length > 0
            ? { kind: 'status', status: 200, body: { object: 'list', data } }
            : await server.script(request);
        return carryOut(reply, eventWire(request, true), response);
      }
      if (!request.path.endsWith('/completions') || request.method !== 'POST') {
        return carryOut(
          { kind: 'status', status: 404, body: { detail: 'Not Found' } },
          eventWire(request, chat),
          response,
        );
      }
      const reply = await server.script(request);
      if (reply.kind === 'text' && request.body?.stream !== true) {
        return carryOut(
          { kind: 'status', status: 200, body: wholeAnswer(request, chat, reply) },
          eventWire(request, chat),
          response,
        );
      }
      return carryOut(reply, eventWire(request, chat), response);
    },
  );
}

/** What the model reads: the messages, or prompt and suffix around the gap. */
function promptOf(_path: string, body: FakeRequest['body']): string {
  if (Array.isArray(body?.messages)) {
    return body.messages
      .map((message: { role?: unknown; content?: unknown }) => `${message.role}: ${message.content}`)
      .join('\n\n');
  }
  const prompt = typeof body?.prompt === 'string' ? body.prompt : '';
  return typeof body?.suffix === 'string' ? `${prompt}\u2038${body.suffix}` : prompt;
}

function eventWire(request: FakeRequest, chat: boolean): Wire {
  const common = {
    id: 'fake-1',
    object: chat ? 'chat.completion.chunk' : 'text_completion',
    created: 1_700_000_000,
    model: request.body?.model ?? '',
  };
  const event = (fields: object): string => `data: ${JSON.stringify({ ...common, ...fields })}\n\n`;
  const choice = (text: string, finish: string | null): object =>
    chat
      ? { index: 0, delta: text === '' ? {} : { content: text }, finish_reason: finish }
      : { index: 0, text, logprobs: null, finish_reason: finish };
  const options = request.body?.stream_options as { include_usage?: boolean } | undefined;
  return {
    contentType: 'text/event-stream; charset=utf-8',
    piece: (text) => event({ choices: [choice(text, null)] }),
    end: ({ finish = 'stop', usage, without = [], deltas }) => {
      const counted = usage === undefined ? estimated(request, deltas) : usage;
      const tokens = counted && {
        prompt_tokens: counted.promptTokens,
        completion_tokens: counted.completionTokens,
        total_tokens: counted.promptTokens + counted.completionTokens,
      };
      return [
        without.includes('finish') ? '' : event({ choices: [choice('', finish)] }),
        options?.include_usage && tokens ? event({ choices: [], usage: tokens }) : '',
        without.includes('done') ? '' : 'data: [DONE]\n\n',
      ].join('');
    },
    error: (message) => `data: ${JSON.stringify({ error: { message, type: 'server_error', code: null } })}\n\n`,
  };
}

function wholeAnswer(
  request: FakeRequest,
  chat: boolean,
  { deltas, finish = 'stop', usage }: Extract<FakeReply, { kind: 'text' }>,
): object {
  const text = deltas.join('');
  const counted = usage === undefined ? estimated(request, deltas) : usage;
  return {
    id: 'fake-1',
    object: chat ? 'chat.completion' : 'text_completion',
    created: 1_700_000_000,
    model: request.body?.model ?? '',
    choices: [
      chat
        ? { index: 0, message: { role: 'assistant', content: text }, finish_reason: finish }
        : { index: 0, text, finish_reason: finish },
    ],
    ...(counted ? { usage: { prompt_tokens: counted.promptTokens, completion_tokens: counted.completionTokens } } : {}),
  };
}

const estimated = (request: FakeRequest, deltas: readonly string[]) => ({
  promptTokens: Math.ceil(request.prompt.length / 4),
  completionTokens: deltas.length,
});
