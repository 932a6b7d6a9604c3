import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A model server on loopback that answers at once, in the wire format of OpenAI's completions. */
export interface Answerer {
  /** With `/v1`. */
  readonly baseUrl: string;
  /** What it says next. */
  answer: string;
  /** Milliseconds that a bare exchange takes: the last request's very bytes once more, with nothing around them. */
  exchangeMs(): Promise<number>;
  close(): Promise<void>;
}

export async function startAnswerer(): Promise<Answerer> {
  let last = { path: '/', bytes: Buffer.alloc(0) };
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.once('end', () => {
      last = { path: request.url ?? '/', bytes: Buffer.concat(pieces) };
      const event = (text: string, finish: string | null) =>
        `data: ${JSON.stringify({ id: 'a', object: 'text_completion', choices: [{ index: 0, text, finish_reason: finish }] })}\n\n`;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(`${event(self.answer, null)}${event('', 'stop')}data: [DONE]\n\n`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const self: Answerer = {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    answer: '',
    async exchangeMs() {
      const startedAt = performance.now();
      const answer = await fetch(new URL(last.path, self.baseUrl), { method: 'POST', body: last.bytes });
      await answer.text();
      return performance.now() - startedAt;
    },
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  return self;
}
