import type { EngineConfig } from '../../protocol/config.ts';
import type { Failure } from '../../protocol/rpc.ts';

/** What is missing before a source can be asked, and what to do about it; null when it can. */

const unset = (message: string, nextStep: string): Failure => ({ reason: 'notConfigured', message, nextStep });

export function openaiUnset({ baseUrl, model }: EngineConfig['openai']): Failure | null {
  if (baseUrl === '') {
    return unset(
      'No OpenAI-compatible server is set.',
      'Set attune.openai.baseUrl and attune.openai.model, or run “Attune: Select Model”.',
    );
  }
  if (model !== '') return null;
  return unset(
    'No model of the OpenAI-compatible server is chosen.',
    'Run “Attune: Select Model”, or set attune.openai.model.',
  );
}

export function ollamaUnset({ baseUrl, model }: EngineConfig['ollama']): Failure | null {
  if (baseUrl === '') {
    return unset('No address of Ollama is set.', 'Set attune.ollama.baseUrl, usually http://127.0.0.1:11434.');
  }
  if (model !== '') return null;
  return unset(
    'No Ollama model is chosen.',
    'Run “Attune: Select Model”, or “Attune: Pull an Ollama Model” to get one.',
  );
}

/** VS Code offers no model, or not the one of the settings. */
export function vscodeUnset(wanted: string, offered: number): Failure {
  if (offered > 0) {
    const message = `VS Code has no language model “${wanted}”.`;
    return { reason: 'modelMissing', message, nextStep: 'Run “Attune: Select Model”.' };
  }
  return unset(
    'VS Code has no language model here.',
    'Sign in to an extension that brings one, or run “Attune: Select Model” for another source.',
  );
}

/** Edits were asked for and no source has a model for them. */
export const nothingForEdits: Failure = unset(
  'No model that can follow an instruction is set up.',
  'Run “Attune: Select Model”: Ollama on this machine, an OpenAI-compatible server, or VS Code’s language models.',
);
