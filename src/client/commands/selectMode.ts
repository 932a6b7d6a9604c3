import * as vscode from 'vscode';
import { type InlineMode, inlineModes } from '../../protocol/config.ts';
import { modeEffect, modeName } from '../inline/modeTexts.ts';
import type { CommandDeps } from './deps.ts';
import { mention } from './engineWork.ts';

/** For which language (without one: everywhere), and for scripts the mode in place of the picker; null: as everywhere. */
export interface ModeArguments {
  readonly languageId?: string | undefined;
  readonly mode?: InlineMode | null | undefined;
}

type Item = vscode.QuickPickItem &
  (
    | { readonly type: 'mode'; readonly mode: InlineMode | null }
    | { readonly type: 'language'; readonly languageId: string }
    | { readonly type: 'separator' }
  );

/** How readily suggestions come, for everything or for one language; written at user scope. */
export async function selectMode(deps: CommandDeps, { languageId, mode }: ModeArguments = {}): Promise<void> {
  if (mode !== undefined) {
    await useMode(deps, mode, languageId);
    return;
  }
  const { l10n } = vscode;
  const chosen = await vscode.window.showQuickPick(modeItems(deps, languageId), {
    title: languageId === undefined ? l10n.t('Mode of suggestions') : l10n.t('Mode of suggestions in {0}', languageId),
    placeHolder: l10n.t('How readily suggestions come while you type'),
    matchOnDetail: true,
  });
  switch (chosen?.type) {
    case 'mode':
      await useMode(deps, chosen.mode, languageId);
      return;
    case 'language':
      await selectMode(deps, { languageId: chosen.languageId });
      return;
    case 'separator':
    case undefined:
      return;
  }
}

function modeItems({ config }: CommandDeps, languageId: string | undefined): readonly Item[] {
  const { l10n } = vscode;
  const everywhere = config.current.client.inlineMode;
  const own = languageId === undefined ? everywhere : config.inlineModeOfLanguage(languageId);
  const marked = (is: boolean): string => (is ? `$(check) ${l10n.t('current')}` : '');
  const modes = inlineModes.map(
    (mode): Item => ({
      type: 'mode',
      mode,
      label: modeName(mode, l10n),
      description: marked(mode === own),
      detail: modeEffect(mode, l10n),
    }),
  );
  if (languageId !== undefined) {
    const same = l10n.t('Same as everywhere');
    const detail = modeName(everywhere, l10n);
    return [{ type: 'mode', mode: null, label: same, description: marked(own === null), detail }, ...modes];
  }
  const active = vscode.window.activeTextEditor?.document.languageId;
  if (active === undefined) return modes;
  return [
    ...modes,
    { type: 'separator', label: '', kind: vscode.QuickPickItemKind.Separator },
    { type: 'language', languageId: active, label: l10n.t('Mode for {0}…', active) },
  ];
}

async function useMode({ config }: CommandDeps, mode: InlineMode | null, languageId?: string): Promise<void> {
  const { l10n } = vscode;
  await config.setInlineMode(mode, languageId);
  const name = modeName(mode ?? config.current.client.inlineMode, l10n);
  mention(
    languageId === undefined ? l10n.t('Attune: mode {0}', name) : l10n.t('Attune: mode {0} for {1}', name, languageId),
  );
}
