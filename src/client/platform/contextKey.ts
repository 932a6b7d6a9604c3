import * as vscode from 'vscode';

/** A context key of the manifest's `when` clauses; VS Code hears of it only when it changes. */
export class ContextKey {
  readonly #key: string;
  #value: boolean | undefined;

  constructor(key: string) {
    this.#key = key;
  }

  set(value: boolean): void {
    if (value === this.#value) return;
    this.#value = value;
    void vscode.commands.executeCommand('setContext', this.#key, value);
  }
}
