import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import type { EngineClient } from '../engine/engineClient.ts';

/**
 * Runs long work of the engine with a progress notification that can cancel it. `run` gets the id that names the
 * work's progress. `bar`: the shares add up over the whole work; else only the message moves.
 */
export async function withEngineProgress<T>(
  engine: Pick<EngineClient, 'hear'>,
  options: { readonly title: string; readonly bar: boolean; readonly describe?: (message: string) => string },
  run: (requestId: string, token: vscode.CancellationToken) => Promise<T>,
): Promise<T> {
  const requestId = randomUUID();
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: options.title, cancellable: true },
    async (progress, token) => {
      let reached = 0;
      const subscription = engine.hear('progress', ({ requestId: of, message: raw, share }) => {
        if (of !== requestId) return;
        const message = options.describe?.(raw) ?? raw;
        const percent = options.bar && share !== undefined ? Math.min(100, share * 100) : reached;
        progress.report(percent > reached ? { message, increment: percent - reached } : { message });
        reached = Math.max(reached, percent);
      });
      try {
        return await run(requestId, token);
      } finally {
        subscription.dispose();
      }
    },
  );
}

/** A word in the status bar that goes by itself: for what needs no answer. */
export function mention(text: string): void {
  vscode.window.setStatusBarMessage(text, 4000);
}
