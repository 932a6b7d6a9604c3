/** What can go wrong while talking to a model server, as our adapters see it. `failure.ts` words them for the user. */

/** The server answered with an error status, or with an error inside its stream (`status` 0). */
export class HttpError extends Error {
  readonly status: number;
  readonly headers: Headers;
  /** The server's own words; they may quote the request, so they are never shown unchecked. */
  readonly body: string;
  constructor(status: number, headers: Headers, body: string) {
    super(`HTTP ${status}`);
    this.name = 'HttpError';
    this.status = status;
    this.headers = headers;
    this.body = body;
  }
}

/** An answer that isn't in the format: HTML, broken JSON, an empty stream, a stream cut off. */
export class MalformedAnswer extends Error {
  readonly kind: 'notAStream' | 'garbage' | 'cut';
  constructor(kind: 'notAStream' | 'garbage' | 'cut') {
    super(kind);
    this.name = 'MalformedAnswer';
    this.kind = kind;
  }
}

/** The stored key holds characters no header can carry. */
export class UnusableKey extends Error {
  constructor() {
    super('key');
    this.name = 'UnusableKey';
  }
}

/** The server kept silent for `ms`: before the first piece of the answer, or after one. */
export class Silence extends Error {
  readonly phase: 'first' | 'next';
  readonly ms: number;
  constructor(phase: 'first' | 'next', ms: number) {
    super(phase);
    this.name = 'Silence';
    this.phase = phase;
    this.ms = ms;
  }
}
