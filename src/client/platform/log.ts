import * as vscode from 'vscode';

/** The output channel “Attune”: a `Log` whose level the user sets and which VS Code writes to a file. */
export function createLog(): vscode.LogOutputChannel {
  return vscode.window.createOutputChannel('Attune', { log: true });
}
