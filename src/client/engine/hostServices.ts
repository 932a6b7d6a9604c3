import * as vscode from 'vscode';
import type { LmMessage } from '../../protocol/rpc.ts';
import { type Log, logError } from '../platform/logging.ts';
import type { HostServices } from './engineClient.ts';
import { hostModelFailure } from './hostModelFailure.ts';

/** Secrets and language models of VS Code, for the engine. */
export function hostServices(secrets: vscode.SecretStorage, log: Log): HostServices {
  return {
    async secret(key) {
      return (await secrets.get(key)) ?? null;
    },
    async listHostModels() {
      const models = await vscode.lm.selectChatModels();
      return models.map(({ id, name, vendor, family, maxInputTokens }) => ({
        id,
        label: name,
        detail: [vendor, family].filter((part) => part !== '' && part !== name).join(' · '),
        maxInputTokens,
      }));
    },
    async hostModelChat({ id, messages }, onText, token) {
      try {
        // Empty: the first one there is, as the setting says.
        const [model] = await vscode.lm.selectChatModels(id === '' ? {} : { id });
        if (!model) return { ok: false, failure: hostModelFailure('NotFound', vscode.l10n) };
        const justification = vscode.l10n.t('Attune asks this model for the edit you requested.');
        const response = await model.sendRequest(messages.map(chatMessage), { justification }, token);
        for await (const text of response.text) onText(text);
        return { ok: true };
      } catch (error) {
        if (token.isCancellationRequested) return { ok: false, failure: hostModelFailure('Cancelled', vscode.l10n) };
        logError(log, 'VS Code language model', error);
        const code = error instanceof vscode.LanguageModelError ? error.code : 'Unknown';
        return { ok: false, failure: hostModelFailure(code, vscode.l10n) };
      }
    },
  };
}

/** The stable API has no system role: a system message goes first, as the user's. */
function chatMessage({ role, content }: LmMessage): vscode.LanguageModelChatMessage {
  const { Assistant, User } = vscode.LanguageModelChatMessage;
  return role === 'assistant' ? Assistant(content) : User(content);
}
