import { HttpError, MalformedAnswer } from './errors.ts';
import { field } from './json.ts';
import { steadyFetch } from './steadyFetch.ts';

type Client = import('ollama/browser').Ollama;

/**
 * A client for one request: the package can only abort all streams of a client. Its `fetch` carries our signal, gives us
 * the server's headers with an error, and lets nothing through that the package would print to the console.
 */
export async function ollamaClient(host: string, signal: AbortSignal, send: typeof fetch = fetch): Promise<Client> {
  const { Ollama } = await import('ollama/browser');
  return new Ollama({ host, fetch: carrying(signal, steadyFetch(send)) });
}

function carrying(signal: AbortSignal, send: typeof fetch): typeof fetch {
  return async (input, init) => {
    const response = await send(input, {
      ...init,
      headers: withoutPlatform(init?.headers),
      signal,
      redirect: 'manual',
    });
    if (!response.ok)
      throw new HttpError(response.status, response.headers, (await response.text().catch(() => '')).slice(0, 8000));
    if (response.headers.get('content-type')?.toLowerCase().includes('html')) {
      await response.body?.cancel();
      throw new MalformedAnswer('notAStream');
    }
    const lines = response.headers.get('content-type')?.includes('ndjson') ?? false;
    return lines && response.body
      ? new Response(response.body.pipeThrough(jsonLines(response.headers)), response)
      : response;
  };
}

/** The package names processor and system; the server needs neither. */
function withoutPlatform(headers: RequestInit['headers']): Headers {
  const plain = new Headers(headers);
  plain.set('user-agent', 'attune');
  return plain;
}

/** Passes whole lines of JSON on. A line that is none, or that is an error, ends the stream with it; so does a missing end. */
function jsonLines(headers: Headers): TransformStream<Uint8Array, Uint8Array> {
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  let held = '';
  let complete = false;
  const pass = (line: string, controller: TransformStreamDefaultController<Uint8Array>): void => {
    if (line.trim() === '') return;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      throw new MalformedAnswer('garbage');
    }
    const error = field(value, 'error');
    if (error !== undefined) throw new HttpError(0, headers, JSON.stringify({ error }));
    if (typeof value !== 'object' || value === null) throw new MalformedAnswer('garbage');
    complete = field(value, 'done') === true || field(value, 'status') === 'success';
    controller.enqueue(encoder.encode(`${line}\n`));
  };
  return new TransformStream({
    transform(bytes, controller) {
      held += decoder.decode(bytes, { stream: true });
      const lines = held.split('\n');
      held = lines.pop() ?? '';
      for (const line of lines) pass(line, controller);
    },
    flush(controller) {
      // The last line may have no end: whole, or what is left of a stream that was cut.
      try {
        pass(held, controller);
      } catch (error) {
        throw error instanceof HttpError ? error : new MalformedAnswer('cut');
      }
      if (!complete) throw new MalformedAnswer('cut');
    },
  });
}

/** What Ollama knows of a model. */
export interface OllamaFacts {
  /** It has a fill-in-the-middle form of its own. */
  readonly insert: boolean;
  readonly completion: boolean;
  readonly thinking: boolean;
  /** The context it was trained with; null where unknown. */
  readonly contextTokens: number | null;
}

/** Asks `/api/show`. Before 0.6.4 there were no capabilities: then the template tells. Throws what the network throws. */
export async function showOllama(
  host: string,
  model: string,
  signal: AbortSignal,
  send?: typeof fetch,
): Promise<OllamaFacts> {
  const client = await ollamaClient(host, signal, send);
  const answer: unknown = await client.show({ model });
  const listed = field(answer, 'capabilities');
  const capabilities = Array.isArray(listed) ? listed : null;
  const template = field(answer, 'template');
  const info = field(answer, 'model_info');
  const architecture = field(info, 'general.architecture');
  const context = typeof architecture === 'string' ? field(info, `${architecture}.context_length`) : undefined;
  return {
    insert: capabilities?.includes('insert') ?? (typeof template === 'string' && template.includes('.Suffix')),
    completion: capabilities?.includes('completion') ?? true,
    thinking: capabilities?.includes('thinking') ?? false,
    contextTokens: typeof context === 'number' && context > 0 ? context : null,
  };
}
