import * as vscode from 'vscode';
import type { CommandDeps } from './deps.ts';
import { mention, withEngineProgress } from './engineWork.ts';
import { showFailure } from './failure.ts';

/** Has the built-in model read the workspace again, from nothing. */
export async function rebuildWorkspaceModel({ engine }: CommandDeps): Promise<void> {
  const { l10n } = vscode;
  const options = {
    title: l10n.t('Attune: reading the workspace'),
    bar: false,
    // The engine counts files.
    describe: (message: string) => l10n.t('{0} files', message),
  };
  const result = await withEngineProgress(engine, options, (requestId, token) =>
    engine.ask('rebuildWorkspaceModel', { requestId }, token),
  );
  if (!result.ok) showFailure(result.failure);
  else {
    const seconds = (result.ms / 1000).toFixed(1);
    mention(`$(check) Attune: ${l10n.t('{0} files, {1} tokens in {2} s', result.files, result.tokens, seconds)}`);
  }
}
