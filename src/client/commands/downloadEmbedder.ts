import * as vscode from 'vscode';
import { defaultConfig } from '../../protocol/config.ts';
import { settings } from '../../protocol/ids.ts';
import type { CommandDeps } from './deps.ts';
import { mention, withEngineProgress } from './engineWork.ts';
import { showFailure } from './failure.ts';
import { sizeText } from './modelChoice.ts';

const host = 'huggingface.co';
/** `Xenova/all-MiniLM-L6-v2`, quantised: 23.0 MB of weights and 0.7 MB of tokenizer. */
const defaultSize = '24 MB';

/** Downloads the semantic embedder after an explicit yes that names what comes from where; then switches to it. */
export async function downloadEmbedder(deps: CommandDeps, confirmed: boolean): Promise<void> {
  const { l10n } = vscode;
  const { engine, config } = deps;
  const model = config.current.engine.semanticModel;
  if (!confirmed && !(await consents(model))) return;
  const title = l10n.t('Attune: downloading {0}', model);
  const result = await withEngineProgress(engine, { title, bar: false }, (requestId, token) =>
    engine.ask('downloadEmbedder', { requestId }, token),
  );
  if (!result.ok) {
    showFailure(result.failure);
    return;
  }
  if (config.current.engine.embedder !== 'semantic') await config.set(settings.embedder, 'semantic');
  mention(`$(check) Attune: ${l10n.t('{0} is ready ({1})', model, sizeText(result.bytes))}`);
}

async function consents(model: string): Promise<boolean> {
  const { l10n } = vscode;
  const size =
    model === defaultConfig.semanticModel
      ? l10n.t('about {0}', defaultSize)
      : l10n.t('its size is shown while it is downloaded');
  const download = l10n.t('Download');
  const chosen = await vscode.window.showInformationMessage(
    l10n.t('Download “{0}” from {1}?', model, host),
    {
      modal: true,
      detail: l10n.t(
        'Size: {0}. It is stored on this machine and runs here; afterwards no connection is needed. Only the model’s files are asked for: nothing of yours is sent.',
        size,
      ),
    },
    download,
  );
  return chosen === download;
}
