import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A model server on loopback that answers at once, in the wire format of OpenAI's completions. */
export interface Answerer {
  /** With `/v1`. */
  readonly baseUrl: string;
  /** What it says next. */
  answer: string;
  /** Milliseconds from a request's head to the end of its answer, of all requests since the last call. */
  takeMs(): number;
  close(): Promise<void>;
}

export async function startAnswerer(): Promise<Answerer> {
  let spentMs = 0;
  const server = createServer((request, response) => {
    const arrivedAt = performance.now();
    response.once('finish', () => {
      spentMs += performance.now() - arrivedAt;
    });
    request.resume().once('end', () => {
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
    takeMs() {
      const ms = spentMs;
      spentMs = 0;
      return ms;
    },
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  return self;
}
