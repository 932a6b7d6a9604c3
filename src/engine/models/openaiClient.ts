import type OpenAI from 'openai';
import { MalformedAnswer, UnusableKey } from './errors.ts';
import { field } from './json.ts';
import { steadyFetch } from './steadyFetch.ts';

export interface OpenaiServer {
  /** Ends before `/completions`: usually in `/v1`. */
  readonly baseUrl: string;
  readonly apiKey: () => Promise<string | null>;
  /** For tests and proxies; the platform's by default. */
  readonly fetch?: typeof fetch;
}

/**
 * A client for one key. Takes nothing from the environment, repeats nothing a server has answered, logs nothing.
 * Throws `UnusableKey`.
 */
export async function openaiClient(
  { baseUrl, fetch: send = fetch }: OpenaiServer,
  stored: string | null,
): Promise<OpenAI> {
  // A key that was pasted may end with a line break.
  const key = stored?.trim() || null;
  if (key !== null && /[^\x21-\x7e]/.test(key)) throw new UnusableKey();
  // 135 ms of loading that a user of the built-in model never pays.
  const { OpenAI: Client } = await import('openai');
  return new Client({
    baseURL: baseUrl.replace(/\/+$/, ''),
    // The package insists on one; `plainFetch` takes the header away again.
    apiKey: key ?? 'none',
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    maxRetries: 0,
    logLevel: 'off',
    // Silence is measured by `guarded`, per piece.
    timeout: 24 * 3600 * 1000,
    fetch: plainFetch(steadyFetch(send), key !== null),
  });
}

const sent = new Set(['accept', 'authorization', 'content-type', 'user-agent']);

/**
 * Sends what the protocol needs and nothing about this machine: the package adds its platform, and headers from the
 * environment. Redirects aren't followed, so a prompt goes only to the address the user chose.
 */
function plainFetch(send: typeof fetch, withKey: boolean): typeof fetch {
  return async (input, init) => {
    const headers = new Headers(init?.headers);
    for (const name of [...headers.keys()]) {
      if (!sent.has(name) || (name === 'authorization' && !withKey)) headers.delete(name);
    }
    const response = await send(input, { ...init, headers, redirect: 'manual' });
    return response.ok && init?.method?.toUpperCase() === 'POST' ? asEvents(response) : response;
  };
}

/** Servers that ignore `stream` answer with one JSON object; proxies and wrong addresses with a page. */
async function asEvents(response: Response): Promise<Response> {
  const type = response.headers.get('content-type')?.toLowerCase() ?? '';
  if (type.includes('html')) {
    await response.body?.cancel();
    throw new MalformedAnswer('notAStream');
  }
  if (!type.includes('json') || type.includes('event-stream')) return response;
  const body = await response.text();
  const oneLine = body.replace(/[\r\n]+/g, ' ').trim();
  return new Response(oneLine === '' ? '' : `data: ${oneLine}\n\n`, {
    status: 200,
    headers: { 'content-type': 'text/event-stream' },
  });
}

/** Where this server takes `prompt` and `suffix`. Two big ones keep it off the usual path. */
export function fillInPath(baseUrl: string): string {
  const host = hostOf(baseUrl);
  if (host === 'codestral.mistral.ai' || host === 'api.mistral.ai') return '/fim/completions';
  if (host === 'api.deepseek.com') return 'https://api.deepseek.com/beta/completions';
  return '/completions';
}

function hostOf(url: string): string {
  try {
    return new URL(url).hostname;
  } catch {
    return '';
  }
}

/** A model as `/models` lists it. */
export interface ListedModel {
  readonly id: string;
  /** Tokens of prompt and answer, where the server says. */
  readonly contextTokens: number | null;
}

/** The server's models. Throws what the network throws. */
export async function listOpenai(server: OpenaiServer, signal: AbortSignal): Promise<ListedModel[]> {
  const key = await server.apiKey();
  const client = await openaiClient(server, key);
  const answer: unknown = await client.get('/models', { signal });
  const rows = Array.isArray(answer) ? answer : (field(answer, 'data') ?? field(answer, 'models'));
  if (!Array.isArray(rows)) throw new MalformedAnswer('notAStream');
  return rows.flatMap((row: unknown) => {
    const id = field(row, 'id') ?? field(row, 'name');
    return typeof id === 'string' && id !== '' ? [{ id, contextTokens: contextOf(row) }] : [];
  });
}

/** vLLM, OpenRouter, Groq and llama.cpp each say it in their own way. */
function contextOf(row: unknown): number | null {
  const meta = field(row, 'meta');
  const known = [
    field(row, 'max_model_len'),
    field(row, 'context_length'),
    field(row, 'context_window'),
    field(row, 'max_context_length'),
    field(meta, 'n_ctx'),
    field(meta, 'n_ctx_train'),
  ];
  const tokens = known.find((one) => typeof one === 'number' && one > 0);
  return typeof tokens === 'number' ? tokens : null;
}
