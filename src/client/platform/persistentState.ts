import { randomUUID } from 'node:crypto';
import type * as vscode from 'vscode';

const keys = { rater: 'rater', instructions: 'instructions' } as const;

/** The few things the client itself remembers between sessions. Nothing here is synchronised to other machines. */
export class PersistentState {
  readonly #global: vscode.Memento;
  readonly #workspace: vscode.Memento;

  constructor(context: Pick<vscode.ExtensionContext, 'globalState' | 'workspaceState'>) {
    this.#global = context.globalState;
    this.#workspace = context.workspaceState;
  }

  /** Who rates: random, made once, says nothing about the person. Stored with each rating. */
  get rater(): string {
    const known = this.#global.get<string>(keys.rater);
    if (known) return known;
    const made = `rater-${randomUUID()}`;
    void this.#global.update(keys.rater, made);
    return made;
  }

  /** Instructions given to Propose Edit in this workspace, newest first. */
  get instructions(): readonly string[] {
    return this.#workspace.get<string[]>(keys.instructions) ?? [];
  }

  rememberInstructions(instructions: readonly string[]): void {
    void this.#workspace.update(keys.instructions, instructions);
  }
}
