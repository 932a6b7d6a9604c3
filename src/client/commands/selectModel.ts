import * as vscode from 'vscode';
import { modelSources } from '../../protocol/config.ts';
import { commands, settings } from '../../protocol/ids.ts';
import type { Failure, ModelRow } from '../../protocol/rpc.ts';
import { modelName } from '../status/statusView.ts';
import type { CommandDeps } from './deps.ts';
import { mention } from './engineWork.ts';
import { showFailure } from './failure.ts';
import { addressProblem, type ModelUse, modelDetail, possibleUses, settingsFor, usesNow } from './modelChoice.ts';
import { askApiKey, setApiKey } from './setApiKey.ts';

/** Arguments for scripts and tests: the choice, without the pickers. */
export type ModelArguments = Pick<ModelRow, 'source' | 'id'> & { readonly use: ModelUse };

type Item = vscode.QuickPickItem &
  (
    | { readonly type: 'model'; readonly row: ModelRow }
    | { readonly type: 'problem'; readonly failure: Failure }
    | { readonly type: 'address' | 'pull' | 'separator' }
  );

/** Lets the user choose who writes suggestions and edits; writes the settings at user scope. */
export async function selectModel(deps: CommandDeps, given?: ModelArguments): Promise<void> {
  if (given) {
    await useModel(deps, given, given.use);
    return;
  }
  const chosen = await vscode.window.showQuickPick(modelItems(deps), {
    title: vscode.l10n.t('Select a model'),
    placeHolder: vscode.l10n.t('Who writes suggestions and edits'),
    matchOnDetail: true,
    matchOnDescription: true,
  });
  switch (chosen?.type) {
    case 'model': {
      const use = await askUse(chosen.row);
      if (use) await useModel(deps, chosen.row, use);
      return;
    }
    case 'problem':
      showFailure(chosen.failure);
      return;
    case 'address':
      await enterServer(deps);
      return;
    case 'pull':
      await vscode.commands.executeCommand(commands.pullModel);
      return;
    case 'separator':
    case undefined:
      return;
  }
}

async function modelItems({ engine, config }: CommandDeps): Promise<Item[]> {
  const { l10n } = vscode;
  const { rows, problems } = await engine.ask('listModels', {});
  const sourceNames: Record<ModelRow['source'], string> = {
    workspace: l10n.t('Built in'),
    openai: l10n.t('OpenAI-compatible server'),
    ollama: 'Ollama',
    vscode: l10n.t('VS Code’s language models'),
  };
  const separator = (label: string): Item => ({
    type: 'separator',
    label,
    kind: vscode.QuickPickItemKind.Separator,
  });
  const models = modelSources.flatMap((source): Item[] => {
    const ofSource = rows.filter((row) => row.source === source);
    if (ofSource.length === 0) return [];
    const items = ofSource.map((row): Item => {
      const { inline, edit } = usesNow(row, config.current.engine);
      const uses = [...(inline ? [l10n.t('suggestions')] : []), ...(edit ? [l10n.t('edits')] : [])];
      const description = uses.length > 0 ? `$(check) ${uses.join(', ')}` : '';
      return { type: 'model', row, label: row.label, description, detail: modelDetail(row, l10n) };
    });
    return [separator(sourceNames[source]), ...items];
  });
  return [
    ...models,
    separator(l10n.t('More')),
    { type: 'address', label: `$(globe) ${l10n.t('Enter the address of an OpenAI-compatible server…')}` },
    { type: 'pull', label: `$(cloud-download) ${l10n.t('Pull another Ollama model…')}` },
    ...problems.map(
      (failure): Item => ({
        type: 'problem',
        failure,
        label: `$(warning) ${failure.message}`,
        detail: failure.nextStep,
      }),
    ),
  ];
}

async function askUse(model: Pick<ModelRow, 'source' | 'capabilities' | 'label'>): Promise<ModelUse | undefined> {
  const { l10n } = vscode;
  const [only, ...others] = possibleUses(model);
  if (others.length === 0) return only;
  const labels: Record<ModelUse, string> = {
    both: l10n.t('Suggestions and requested edits'),
    inline: l10n.t('Suggestions while typing'),
    edit: l10n.t('Requested edits'),
  };
  const items = possibleUses(model).map((use) => ({ label: labels[use], use }));
  const chosen = await vscode.window.showQuickPick(items, { title: l10n.t('Use {0} for', model.label) });
  return chosen?.use;
}

async function useModel({ config }: CommandDeps, model: Pick<ModelRow, 'source' | 'id'>, use: ModelUse): Promise<void> {
  for (const [key, value] of settingsFor(model, use)) await config.set(key, value);
  mention(`$(check) Attune: ${vscode.l10n.t('{0} selected', modelName(model.id, vscode.l10n))}`);
}

/** Address, model and key of a server, in three boxes. Nothing is written before the last one. */
async function enterServer(deps: CommandDeps): Promise<void> {
  const { l10n, window } = vscode;
  const title = l10n.t('OpenAI-compatible server');
  const { openai } = deps.config.current.engine;
  const baseUrl = await window.showInputBox({
    title,
    prompt: l10n.t('Address. Code near the cursor will be sent there.'),
    value: openai.baseUrl,
    placeHolder: 'http://127.0.0.1:8080/v1',
    ignoreFocusOut: true,
    validateInput: (text) => addressProblem(text, l10n),
  });
  if (baseUrl === undefined) return;
  const id = await window.showInputBox({
    title,
    prompt: l10n.t('Name of the model at this server'),
    value: openai.model,
    ignoreFocusOut: true,
    validateInput: (text) => (text.trim() === '' ? l10n.t('A name is needed') : null),
  });
  if (id === undefined) return;
  const key = await askApiKey(l10n.t('API key, if the server wants one. Leave empty to keep what is stored.'));
  if (key === undefined) return;
  const row = { source: 'openai', capabilities: { fillInTheMiddle: true, chat: true }, label: id.trim() } as const;
  const use = await askUse(row);
  if (use === undefined) return;
  if (key !== '') await setApiKey(deps, key);
  await deps.config.set(settings.openaiBaseUrl, baseUrl.trim());
  await useModel(deps, { source: 'openai', id: id.trim() }, use);
}
