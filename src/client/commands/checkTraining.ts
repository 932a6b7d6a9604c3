import * as vscode from 'vscode';
import type { CommandDeps } from './deps.ts';
import { withEngineProgress } from './engineWork.ts';
import { showFailure } from './failure.ts';
import { trainingText } from './trainingText.ts';

/** Tries real training steps on everything this machine has, and shows what came out as a read-only document. */
export async function checkTraining({ engine, documents }: CommandDeps): Promise<void> {
  const { l10n } = vscode;
  const options = {
    title: l10n.t('Attune: checking what this machine can train on'),
    bar: true,
    // The engine names what it tries.
    describe: (message: string) => l10n.t('trying {0}', message),
  };
  const result = await withEngineProgress(engine, options, (requestId, token) =>
    engine.ask('checkTraining', { requestId }, token),
  );
  if (result.ok) await documents.show('training.md', trainingText(result, l10n));
  else showFailure(result.failure);
}
