/** Quiet after a key before the next place is asked for. */
export const quietMs = 300;
/** An edit older than this is nothing to go on from. */
export const freshMs = 10_000;

export interface AskPolicyDeps {
  now(): number;
  /** Runs `run` after `delayMs`; the answer cancels it. */
  schedule(delayMs: number, run: () => void): () => void;
  /** Ask the engine about what was edited in this document. */
  ask(uri: string): void;
  /** A question is on its way to be asked, or no longer. */
  onPending(): void;
}

/** When it is worth asking for a place for the same change: after the user's own keys, in a pause, once. */
export class AskPolicy {
  readonly #deps: AskPolicyDeps;
  #edit: { readonly uri: string; readonly at: number; readonly answered: 'no' | 'unfinished' | 'yes' } | null = null;
  #cancel: () => void = () => {};
  #pending = false;

  constructor(deps: AskPolicyDeps) {
    this.#deps = deps;
  }

  /** The user is typing: what is on the screen may be outdated in a moment. */
  get pending(): boolean {
    return this.#pending;
  }

  /** A key of the user's changed the document. */
  edited(uri: string): void {
    this.#edit = { uri, at: this.#deps.now(), answered: 'no' };
    this.#soon(quietMs);
    this.#setPending(true);
  }

  /** The cursor moved without a change. Out of a name that may be unfinished, it is finished. */
  moved(uri: string, single: boolean): void {
    if (!single || this.#edit?.uri !== uri) this.reset();
    else if (this.#edit.answered === 'unfinished') this.#soon(quietMs);
  }

  /** The engine answered: `askAgainMs` when the edit may not be finished. */
  answered(uri: string, askAgainMs: number | null): void {
    if (this.#edit?.uri !== uri) return;
    this.#edit = { ...this.#edit, answered: askAgainMs === null ? 'yes' : 'unfinished' };
    if (askAgainMs !== null) this.#soon(askAgainMs);
  }

  /** Undo, several cursors, another document: there is nothing to go on from. */
  reset(): void {
    this.#cancel();
    this.#edit = null;
    this.#setPending(false);
  }

  #soon(delayMs: number): void {
    this.#cancel();
    this.#cancel = this.#deps.schedule(delayMs, () => {
      this.#setPending(false);
      const edit = this.#edit;
      if (edit && this.#deps.now() - edit.at <= freshMs) this.#deps.ask(edit.uri);
    });
  }

  #setPending(pending: boolean): void {
    if (pending === this.#pending) return;
    this.#pending = pending;
    this.#deps.onPending();
  }
}
