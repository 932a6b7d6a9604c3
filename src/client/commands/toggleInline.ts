import * as vscode from 'vscode';
import type { CommandDeps } from './deps.ts';
import { mention } from './engineWork.ts';

/** Ghost text on or off, for the user. Languages that say otherwise keep their own value. */
export async function toggleInline({ config }: CommandDeps): Promise<void> {
  const enabled = !config.inlineEnabled;
  await config.setInlineEnabled(enabled);
  mention(enabled ? vscode.l10n.t('Attune: suggestions on') : vscode.l10n.t('Attune: suggestions off'));
}

/** Ghost text on or off for the language of the active editor. */
export async function toggleInlineForLanguage({ config }: CommandDeps): Promise<void> {
  const document = vscode.window.activeTextEditor?.document;
  if (!document) return;
  const { languageId } = document;
  const enabled = !config.inlineEnabledFor(document);
  await config.setInlineEnabled(enabled, languageId);
  mention(
    enabled
      ? vscode.l10n.t('Attune: suggestions on for {0}', languageId)
      : vscode.l10n.t('Attune: suggestions off for {0}', languageId),
  );
}
