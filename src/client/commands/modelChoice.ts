import type { EngineConfig } from '../../protocol/config.ts';
import { settings } from '../../protocol/ids.ts';
import type { ModelRow } from '../../protocol/rpc.ts';
import type { L10n } from '../platform/l10n.ts';

/** What a model is to be used for. */
export type ModelUse = 'inline' | 'edit' | 'both';
type SettingKey = (typeof settings)[keyof typeof settings];
type Model = Pick<ModelRow, 'source' | 'id'>;

/** The uses a model can serve. VS Code's models are for requested edits only, the built-in one for ghost text only. */
export function possibleUses({ source, capabilities }: Pick<ModelRow, 'source' | 'capabilities'>): readonly ModelUse[] {
  switch (source) {
    case 'workspace':
      return ['inline'];
    case 'vscode':
      return ['edit'];
    case 'openai':
    case 'ollama':
      return capabilities.chat ? ['both', 'inline', 'edit'] : ['inline'];
  }
}

/** The settings to write, at user scope. */
export function settingsFor({ source, id }: Model, use: ModelUse): readonly (readonly [SettingKey, string])[] {
  const writes: (readonly [SettingKey, string])[] = [];
  if (source === 'openai') writes.push([settings.openaiModel, id]);
  if (source === 'ollama') writes.push([settings.ollamaModel, id]);
  if (source === 'vscode') writes.push([settings.vscodeModel, id]);
  if (use !== 'edit' && source !== 'vscode') writes.push([settings.inlineModel, source]);
  if (use !== 'inline' && source !== 'workspace') writes.push([settings.editModel, source]);
  return writes;
}

/** What the model serves now. */
export function usesNow(
  { source, id }: Model,
  config: EngineConfig,
): { readonly inline: boolean; readonly edit: boolean } {
  switch (source) {
    case 'workspace':
      return { inline: config.inlineModel === 'workspace', edit: false };
    case 'openai': {
      const named = config.openai.model === id;
      return { inline: named && config.inlineModel === 'openai', edit: named && config.editModel === 'openai' };
    }
    case 'ollama': {
      const named = config.ollama.model === id;
      return { inline: named && config.inlineModel === 'ollama', edit: named && config.editModel === 'ollama' };
    }
    case 'vscode':
      return { inline: false, edit: config.vscodeModel === id && config.editModel === 'vscode' };
  }
}

/** Size in megabytes or gigabytes, as stores write it. */
export function sizeText(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  if (bytes >= 1e6) return `${(bytes / 1e6).toFixed(1)} MB`;
  return `${Math.ceil(bytes / 1e3)} kB`;
}

/** One line about a model: what it is, how large, and how a gap is marked in its prompt. */
export function modelDetail(row: ModelRow, l10n: L10n): string {
  const template =
    row.source === 'workspace' || row.template === 'chat' ? '' : l10n.t('fill-in-the-middle: {0}', row.template);
  const size = row.sizeBytes === undefined ? '' : sizeText(row.sizeBytes);
  return [row.detail, size, template].filter((part) => part !== '').join(' · ');
}

/** An address a model server can have; a sentence when it is none. */
export function addressProblem(text: string, l10n: L10n): string | null {
  const url = URL.parse(text.trim());
  if (url && (url.protocol === 'http:' || url.protocol === 'https:') && url.hostname !== '') return null;
  return l10n.t('An address like http://127.0.0.1:8080/v1 or https://api.example.com/v1');
}
