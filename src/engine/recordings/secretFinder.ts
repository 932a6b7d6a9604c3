import { secretSpans } from '../workspace/redact.ts';

/** Text around a change in which a secret is looked for: its name may stand lines above its value. */
const around = 2000;
/** So much of a secret gives it away where it stands alone. */
const fragmentCharacters = 8;
/** Shorter values are looked for nowhere but where they stand as secrets: they are words too. */
const shortestFragment = 5;

/** Finds secrets near a change, and later the pieces of them that stand elsewhere. */
export class SecretFinder {
  readonly #fragments = new Set<string>();
  readonly #short = new Set<string>();

  /** Whether a second look for pieces can find anything. */
  get found(): boolean {
    return this.#fragments.size + this.#short.size > 0;
  }

  /** Calls `mark` with the offsets of every character of a secret in the lines around `from` to `to`, and remembers it. */
  secrets(text: string, from: number, to: number, mark: (offset: number) => void): void {
    // A private key may be longer than any window.
    const whole = text.length <= 4 * around || text.includes('PRIVATE KEY');
    const start = whole ? 0 : text.lastIndexOf('\n', Math.max(0, from - around)) + 1;
    const lineEnd = text.indexOf('\n', Math.min(text.length, to + around));
    const end = whole || lineEnd === -1 ? text.length : lineEnd;
    for (const span of secretSpans(text.slice(start, end))) {
      this.#remember(text.slice(start + span.start, start + span.end));
      for (let at = span.start; at < span.end; at += 1) mark(start + at);
    }
  }

  /** The same for pieces of secrets found before, of those that reach into `from` to `to`. */
  pieces(text: string, from: number, to: number, mark: (offset: number) => void): void {
    const start = Math.max(0, from - fragmentCharacters);
    const end = Math.min(text.length, to + fragmentCharacters);
    for (let at = start; at < end; at += 1) {
      for (let length = shortestFragment; length <= fragmentCharacters && at + length <= end; length += 1) {
        const known = length === fragmentCharacters ? this.#fragments : this.#short;
        if (!known.has(text.slice(at, at + length))) continue;
        for (let one = at; one < at + length; one += 1) mark(one);
      }
    }
  }

  #remember(secret: string): void {
    if (secret.length < fragmentCharacters) {
      if (secret.length >= shortestFragment) this.#short.add(secret);
      return;
    }
    for (let at = 0; at + fragmentCharacters <= secret.length; at += 1) {
      this.#fragments.add(secret.slice(at, at + fragmentCharacters));
    }
  }
}
