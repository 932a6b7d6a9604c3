import { redactSecrets } from '../workspace/redact.ts';

/** Many times the edits and blocks that one prompt holds. */
const capacity = 200;

/** Redacts texts that come again at every key: recent edits, blocks of open files. */
export class RedactOnce {
  readonly #known = new Map<string, string>();

  of(text: string): string {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const redacted = redactSecrets(text).text;
    this.#known.set(text, redacted);
    const [oldest] = this.#known.keys();
    if (this.#known.size > capacity && oldest !== undefined) this.#known.delete(oldest);
    return redacted;
  }
}
