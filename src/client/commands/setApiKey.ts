import * as vscode from 'vscode';
import { secrets } from '../../protocol/ids.ts';
import type { CommandDeps } from './deps.ts';
import { mention } from './engineWork.ts';

/** Asks for a key without showing it. Undefined: dismissed; empty: none. */
export async function askApiKey(prompt: string): Promise<string | undefined> {
  const key = await vscode.window.showInputBox({
    title: vscode.l10n.t('API key'),
    prompt,
    password: true,
    ignoreFocusOut: true,
  });
  return key?.trim();
}

/** Puts the key into VS Code's secret storage; empty removes it. */
export async function setApiKey({ secrets: storage, engine }: CommandDeps, given?: string): Promise<void> {
  const { l10n } = vscode;
  const key =
    given ??
    (await askApiKey(l10n.t('Kept in VS Code’s secret storage, never in settings. Leave empty to remove it.')));
  if (key === undefined) return;
  if (key === '') await storage.delete(secrets.openaiApiKey);
  else await storage.store(secrets.openaiApiKey, key);
  // What the engine knows of the server (models, endpoints) was learnt with the old key.
  await engine.configure();
  mention(`$(key) Attune: ${key === '' ? l10n.t('API key removed') : l10n.t('API key stored')}`);
}
