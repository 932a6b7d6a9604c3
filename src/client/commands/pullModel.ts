import * as vscode from 'vscode';
import type { CommandDeps } from './deps.ts';
import { withEngineProgress } from './engineWork.ts';
import { showFailure } from './failure.ts';
import { selectModel } from './selectModel.ts';

/** A coder model that fits most laptops (986 MB) and fills in the middle. */
const suggested = 'qwen2.5-coder:1.5b';

/** Has Ollama load a model, with progress; then offers to use it. */
export async function pullModel(deps: CommandDeps, given?: string): Promise<void> {
  const { l10n } = vscode;
  const { ollama } = deps.config.current.engine;
  const id =
    given ??
    (await vscode.window.showInputBox({
      title: l10n.t('Pull an Ollama model'),
      prompt: l10n.t('Ollama at {0} downloads it.', ollama.baseUrl),
      value: ollama.model === '' ? suggested : ollama.model,
      validateInput: (text) => (text.trim() === '' ? l10n.t('A name is needed') : null),
    }));
  const name = id?.trim();
  if (name === undefined || name === '') return;
  const title = l10n.t('Attune: pulling {0}', name);
  const result = await withEngineProgress(deps.engine, { title, bar: false }, (requestId, token) =>
    deps.engine.ask('pullModel', { requestId, id: name }, token),
  );
  if (!result.ok) {
    showFailure(result.failure);
    return;
  }
  const use = l10n.t('Use It');
  void vscode.window.showInformationMessage(l10n.t('{0} is ready.', name), use).then(async (chosen) => {
    if (chosen === use) await selectModel(deps, { source: 'ollama', id: name, use: 'both' });
  });
}
