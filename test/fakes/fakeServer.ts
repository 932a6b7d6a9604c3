import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** One request as it arrived. */
export interface FakeRequest {
  readonly method: string;
  readonly path: string;
  /** Lower-case names, without `authorization`. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whether an `authorization` header came; its value is never kept. */
  readonly authorized: boolean;
  /** The body, byte for byte. */
  readonly bytes: Buffer;
  readonly text: string;
  /** The body as JSON; null where it is none. */
  readonly body: Readonly<Record<string, unknown>> | null;
  /** Everything the model would read, in its order. */
  readonly prompt: string;
  /** Resolves when the connection has closed or the answer is complete: `aborted` if the client left before that. */
  readonly ended: Promise<'complete' | 'aborted'>;
}

export interface FakeUsage {
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/** What the server does with a request. */
export type FakeReply =
  /** Answers with these pieces, `delayMs` apart. */
  | {
      readonly kind: 'text';
      readonly deltas: readonly string[];
      readonly delayMs?: number;
      readonly finish?: 'stop' | 'length';
      readonly usage?: FakeUsage | null;
      /** Leaves the end of the stream out: no `[DONE]`, no finish reason, the connection stays open. */
      readonly without?: readonly ('done' | 'finish' | 'close')[];
      /** Bytes a write: pieces are then torn anywhere, in the middle of characters too. */
      readonly chunkBytes?: number;
    }
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly body: string | object;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** Sends these pieces and then nothing, for ever. */
  | { readonly kind: 'hang'; readonly after?: readonly string[] }
  /** Sends pieces as fast as they are taken, for as long as the client stays. */
  | { readonly kind: 'endless'; readonly pieceOf: (index: number) => string }
  /** Sends these bytes as they are. */
  | { readonly kind: 'raw'; readonly text: string | Buffer; readonly contentType?: string }
  /** Sends these pieces and then tears the connection. */
  | { readonly kind: 'cut'; readonly after: readonly string[] }
  /** Tears the connection before anything was answered. */
  | { readonly kind: 'drop' }
  /** Answers, after pieces, with an error inside the stream. */
  | { readonly kind: 'streamError'; readonly after: readonly string[]; readonly message: string };

export type FakeScript = (request: FakeRequest) => FakeReply | Promise<FakeReply>;

export interface FakeServer {
  /** Without a slash at the end. */
  readonly url: string;
  /** In the order of arrival. */
  readonly requests: readonly FakeRequest[];
  /** What the server does from now on. */
  script: FakeScript;
  /** Forgets the requests so far. */
  clear(): void;
  /** Resolves with the next request, from now on, that `matches`. */
  next(matches?: (request: FakeRequest) => boolean): Promise<FakeRequest>;
  close(): Promise<void>;
}

/** How one wire format writes the parts of an answer. */
export interface Wire {
  readonly contentType: string;
  readonly piece: (text: string) => string;
  readonly end: (reply: Extract<FakeReply, { kind: 'text' }>) => string;
  readonly error: (message: string) => string;
}

export interface Arrived {
  readonly request: FakeRequest;
  readonly response: ServerResponse;
}

/** A server on a free loopback port. `answer` decides what to do with a request that was recorded. */
export async function startFake(
  options: {
    readonly port?: number;
    readonly script: FakeScript;
    readonly promptOf: (path: string, body: FakeRequest['body']) => string;
  },
  answer: (arrived: Arrived, server: FakeServer) => Promise<void>,
): Promise<FakeServer> {
  const requests: FakeRequest[] = [];
  const waiting = new Set<{ matches: (request: FakeRequest) => boolean; resolve: (request: FakeRequest) => void }>();
  const sockets = new Set<Socket>();
  const http = createServer((incoming, response) => {
    void record(incoming, response, options.promptOf).then(async (request) => {
      requests.push(request);
      for (const waiter of [...waiting]) {
        if (!waiter.matches(request)) continue;
        waiting.delete(waiter);
        waiter.resolve(request);
      }
      try {
        await answer({ request, response }, server);
      } catch (error) {
        // A mistake in a script must be seen by the test, not hang it.
        if (!response.headersSent) response.writeHead(599, { 'content-type': 'text/plain' });
        response.end(`fake server: ${String(error)}`);
      }
    });
  });
  http.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => http.listen(options.port ?? 0, '127.0.0.1', resolve));
  const server: FakeServer = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    requests,
    script: options.script,
    clear: () => {
      requests.length = 0;
    },
    next: (matches = () => true) => new Promise((resolve) => waiting.add({ matches, resolve })),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => http.close(() => resolve()));
    },
  };
  return server;
}

async function record(
  incoming: IncomingMessage,
  response: ServerResponse,
  promptOf: (path: string, body: FakeRequest['body']) => string,
): Promise<FakeRequest> {
  const ended = new Promise<'complete' | 'aborted'>((resolve) => {
    response.on('close', () => resolve(response.writableFinished ? 'complete' : 'aborted'));
  });
  const pieces: Buffer[] = [];
  for await (const piece of incoming) pieces.push(piece as Buffer);
  const bytes = Buffer.concat(pieces);
  const text = bytes.toString('utf8');
  const path = new URL(incoming.url ?? '/', 'http://fake').pathname;
  const body = jsonObject(text);
  const headers = Object.fromEntries(
    Object.entries(incoming.headers)
      .filter(([name]) => name !== 'authorization')
      .map(([name, value]) => [name, String(value)]),
  );
  const { authorization } = incoming.headers;
  return {
    method: incoming.method ?? '',
    path,
    headers,
    authorized: authorization !== undefined,
    bytes,
    text,
    body,
    prompt: promptOf(path, body),
    ended,
  };
}

function jsonObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : null;
  } catch {
    return null;
  }
}

/** Carries out a reply in a wire format. */
export async function carryOut(reply: FakeReply, wire: Wire, response: ServerResponse): Promise<void> {
  const begin = (): void => {
    response.writeHead(200, { 'content-type': wire.contentType, 'cache-control': 'no-cache' });
    response.flushHeaders();
  };
  switch (reply.kind) {
    case 'status':
      response.writeHead(reply.status, {
        'content-type': typeof reply.body === 'string' ? 'text/html' : 'application/json',
        ...reply.headers,
      });
      response.end(typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body));
      return;
    case 'raw':
      response.writeHead(200, { 'content-type': reply.contentType ?? wire.contentType });
      response.end(reply.text);
      return;
    case 'hang':
      begin();
      for (const text of reply.after ?? []) response.write(wire.piece(text));
      return;
    case 'endless':
      begin();
      for (let index = 0; !response.destroyed; index += 1) await written(response, wire.piece(reply.pieceOf(index)));
      return;
    case 'drop':
      response.destroy();
      return;
    case 'cut':
      begin();
      for (const text of reply.after) await written(response, wire.piece(text));
      response.destroy();
      return;
    case 'streamError':
      begin();
      for (const text of reply.after) response.write(wire.piece(text));
      response.end(wire.error(reply.message));
      return;
    case 'text': {
      begin();
      for (const delta of reply.deltas) {
        if (reply.delayMs) await pause(reply.delayMs);
        if (response.destroyed) return;
        await inBytes(response, wire.piece(delta), reply.chunkBytes);
      }
      await inBytes(response, wire.end(reply), reply.chunkBytes);
      if (!reply.without?.includes('close')) response.end();
      return;
    }
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Writes and waits until the bytes have left, so that tearing the connection doesn't take them along. */
function written(response: ServerResponse, text: string | Buffer): Promise<void> {
  return new Promise((resolve) => response.write(text, () => setImmediate(resolve)));
}

async function inBytes(response: ServerResponse, text: string, size?: number): Promise<void> {
  if (text === '') return;
  if (!size) {
    response.write(text);
    return;
  }
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) await written(response, bytes.subarray(at, at + size));
}
