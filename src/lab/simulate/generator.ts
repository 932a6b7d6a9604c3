/** A model that writes candidates in styles, behind a real server that speaks OpenAI's wire format. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { squash } from '../../engine/suggest/place.ts';
import { influenceOf, type ReadPrompt, readPrompt } from './promptReading.ts';
import type { Presence } from './styles.ts';
import { type Candidate, type Draws, styleOf, type World } from './world.ts';

/** One task a prompt may ask for by its number. */
export interface Task {
  /** Index of the place in the world. */
  readonly at: number;
  /** Chance of each answer in its turn: without any influence they are what the direct harness offers. */
  readonly draws: readonly Draws[];
}

/** What goes wrong with a request. `truncated`: the connection ends in the middle of the answer. */
export type ServerFault = 'tooManyRequests' | 'serverError' | 'truncated' | { readonly slowMs: number };

export interface GeneratorOptions {
  readonly world: World;
  readonly task: (number: number) => Task | undefined;
  /** Temperatures of the parallel requests for one task, by which they are told apart; others answer in order of arrival. */
  readonly temperatures?: readonly number[];
  /** `request`: how many came before. */
  readonly fault?: (request: number) => ServerFault | null;
}

export interface Generator {
  /** For the setting; ends in `/v1`. */
  readonly baseUrl: string;
  /** What was answered to a task so far, whole, in the order of its draws. */
  answers(task: number): readonly Candidate[];
  /** A text somebody else wrote: it can be read in later prompts too. */
  know(written: Candidate): void;
  /** Requests, examples that stood in them, and those that could not be read: that is, not as they were written. */
  readonly counts: { readonly requests: number; readonly examples: number; readonly unreadable: number };
  close(): Promise<void>;
}

export const generatorModel = 'styles';

interface Body {
  readonly messages?: readonly { readonly role: string; readonly content: string }[];
  readonly stream?: boolean;
  readonly n?: number;
  readonly temperature?: number;
  readonly max_tokens?: number;
  readonly stop?: string | readonly string[];
  readonly stream_options?: { readonly include_usage?: boolean };
}

/** Starts one on a free port of this machine. */
export async function startGenerator(options: GeneratorOptions): Promise<Generator> {
  const { world, temperatures = [], fault = () => null } = options;
  const presences = new Map<string, readonly Presence[]>();
  const answered = new Map<number, Map<number, Candidate>>();
  const arrived = new Map<number, number>();
  const counts = { requests: 0, examples: 0, unreadable: 0 };
  const know = ({ text, presence }: Candidate): void => void presences.set(squash(text), presence);

  /** The answers to one request: `n` of them, from the one that is its turn. */
  function write({ task: number, examples, notes }: ReadPrompt, { n = 1, temperature = 1 }: Body): Candidate[] | null {
    const task = number === null ? undefined : options.task(number);
    if (number === null || task === undefined) return null;
    const seen = examples.flatMap((code) => {
      const presence = presences.get(squash(code));
      counts.examples += 1;
      if (presence === undefined) counts.unreadable += 1;
      return presence === undefined ? [] : [presence];
    });
    const moved = influenceOf(seen, notes);
    const before = arrived.get(number) ?? 0;
    arrived.set(number, before + n);
    const turn = temperatures.indexOf(temperature);
    const first = turn === -1 ? before : turn;
    const written = answered.get(number) ?? new Map<number, Candidate>();
    answered.set(number, written);
    return Array.from({ length: n }, (_, index) => {
      const which = (first + index) % task.draws.length;
      const candidate = world.candidate(task.at, styleOf(task.draws[which]!, moved));
      know(candidate);
      written.set(which, candidate);
      return candidate;
    });
  }

  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (!response.headersSent) refuse(response, 500, String(error));
      else response.destroy();
    });
  });
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'GET' && request.url === '/v1/models') {
      json(response, { object: 'list', data: [{ id: generatorModel, object: 'model', created: 0, owned_by: 'lab' }] });
      return;
    }
    if (request.method !== 'POST' || request.url !== '/v1/chat/completions') {
      refuse(response, 404, `Nothing is served at ${request.method} ${request.url}.`);
      return;
    }
    const body = await bodyOf(request);
    const wrong = fault(counts.requests);
    counts.requests += 1;
    if (wrong === 'tooManyRequests') return refuse(response, 429, 'Too many requests.', { 'retry-after': '1' });
    if (wrong === 'serverError') return refuse(response, 500, 'The server had an error.');
    if (typeof wrong === 'object' && wrong !== null) await new Promise((resolve) => setTimeout(resolve, wrong.slowMs));
    if (body === null || !Array.isArray(body.messages)) return refuse(response, 400, 'The body has no messages.');
    const { messages, max_tokens = Number.POSITIVE_INFINITY } = body;
    const prompt = messages.at(-1)?.content ?? '';
    const written = write(readPrompt(prompt), body);
    if (written === null) return refuse(response, 400, 'No task is named in the prompt.');
    const choices = written.map(({ text }) => cutAt(text, max_tokens));
    const usage = usageOf(
      messages.reduce((sum: number, { content }) => sum + tokensOf(content), 0),
      choices.reduce((sum, { text }) => sum + tokensOf(text), 0),
    );
    const common = { id: `styles-${counts.requests}`, created: 0, model: generatorModel };
    if (!body.stream) {
      const whole = {
        ...common,
        object: 'chat.completion',
        choices: choices.map(({ text, finish }, index) => ({
          index,
          message: { role: 'assistant', content: filled(text) },
          finish_reason: finish,
        })),
        usage,
      };
      if (wrong === 'truncated') tear(response, 'application/json', JSON.stringify(whole));
      else json(response, whole);
      return;
    }
    const events = choices.flatMap(({ text, finish }, index) => [
      ...piecesOf(filled(text)).map((content) => ({ choices: [{ index, delta: { content }, finish_reason: null }] })),
      { choices: [{ index, delta: {}, finish_reason: finish }] },
    ]);
    const all = body.stream_options?.include_usage ? [...events, { choices: [], usage }] : events;
    const stream = all
      .map((event) => `data: ${JSON.stringify({ ...common, object: 'chat.completion.chunk', ...event })}\n\n`)
      .join('');
    const type = 'text/event-stream; charset=utf-8';
    if (wrong === 'truncated') return tear(response, type, stream);
    response.writeHead(200, { 'content-type': type, 'cache-control': 'no-cache' });
    response.end(`${stream}data: [DONE]\n\n`);
  }
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    answers: (task) => [...(answered.get(task) ?? [])].sort(([one], [other]) => one - other).map(([, text]) => text),
    know,
    counts,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** As the product asks a model that converses to answer. */
const filled = (text: string): string => `<fill>${text}</fill>`;

const charactersPerToken = 4;
const tokensOf = (text: string): number => Math.ceil(text.length / charactersPerToken);
const usageOf = (prompt: number, completion: number): object => ({
  prompt_tokens: prompt,
  completion_tokens: completion,
  total_tokens: prompt + completion,
});

function cutAt(text: string, maxTokens: number): { readonly text: string; readonly finish: 'stop' | 'length' } {
  const most = maxTokens * charactersPerToken;
  return text.length <= most ? { text, finish: 'stop' } : { text: text.slice(0, most), finish: 'length' };
}

const piecesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+/g) ?? [];

function json(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

function refuse(response: ServerResponse, status: number, message: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify({ error: { message, type: 'error', code: null } }));
}

/** Half of it, and then nothing. */
function tear(response: ServerResponse, type: string, whole: string): void {
  response.writeHead(200, { 'content-type': type });
  response.write(whole.slice(0, Math.floor(whole.length / 2)), () => response.destroy());
}

async function bodyOf(request: IncomingMessage): Promise<Body | null> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  try {
    return JSON.parse(Buffer.concat(pieces).toString('utf8')) as Body;
  } catch {
    return null;
  }
}
