import type { EngineConfig, ModelSource } from '../../protocol/config.ts';
import { secrets } from '../../protocol/ids.ts';
import type { Failure, LmMessage, ModelRow } from '../../protocol/rpc.ts';
import { type Clock, type Log, systemClock } from '../clock.ts';
import { cancelledFailure, toFailure } from './failure.ts';
import { hostModel } from './hostModel.ts';
import type { LanguageModel } from './languageModel.ts';
import { limited } from './limited.ts';
import { ollamaModel } from './ollama.ts';
import type { OllamaFacts } from './ollamaClient.ts';
import { listOllama, pullOllama } from './ollamaLibrary.ts';
import { openaiModel } from './openai.ts';
import { listOpenai } from './openaiClient.ts';
import { newKnowledge, type ServerKnowledge } from './openaiKnowledge.ts';
import { type TestResult, testModel } from './testModel.ts';
import { nothingForEdits, ollamaUnset, openaiUnset, vscodeUnset } from './unconfigured.ts';

/** What only the editor has. */
export interface ModelHost {
  list(): Promise<
    readonly { readonly id: string; readonly label: string; readonly detail: string; readonly maxInputTokens: number }[]
  >;
  chat(
    id: string,
    messages: readonly LmMessage[],
    onText: (text: string) => void,
    signal: AbortSignal,
  ): Promise<{ readonly ok: true } | { readonly ok: false; readonly failure: Failure }>;
}

export interface ModelsOptions {
  readonly config: EngineConfig;
  readonly secret: (key: string) => Promise<string | null>;
  readonly host: ModelHost;
  /** The built-in model. */
  readonly workspace: LanguageModel;
  readonly log: Log;
  readonly clock?: Clock;
  readonly fetch?: typeof fetch;
}

export type Chosen =
  | { readonly ok: true; readonly model: LanguageModel }
  | { readonly ok: false; readonly failure: Failure };
type Done = { readonly ok: true } | { readonly ok: false; readonly failure: Failure };

/** The models the settings name. Talks to no server but the one chosen, and to none before it is asked something. */
export interface Models {
  /** The model for suggestions while typing. No request is made. */
  inline(): Chosen;
  /** The model for requested edits. `auto` looks whether Ollama answers, so call it only when the user asked for an edit. */
  edit(signal?: AbortSignal): Promise<Chosen>;
  /** Every model there is, for the picker: asks the configured servers and the editor. */
  list(signal?: AbortSignal): Promise<{ rows: ModelRow[]; problems: Failure[] }>;
  /** One real completion by a model, chosen or not, with timings. */
  test(source: ModelSource, id: string, signal: AbortSignal): Promise<TestResult>;
  /** Has Ollama download a model. */
  pull(id: string, onProgress: (message: string, share?: number) => void, signal: AbortSignal): Promise<Done>;
  configure(config: EngineConfig): void;
}

/** Loading a model from disk may take this long; prompt processing on a CPU too. */
const ollamaFirstMs = 120_000;
const openaiFirstMs = 60_000;
const stallMs = 30_000;
/** Lists are short: a server that takes longer is as good as absent. */
const listMs = 5_000;
/** `auto` must not hold up an edit for an Ollama that isn't there. */
const probeMs = 1_500;
/** How long a probe's answer is believed. */
const probeAgeMs = 30_000;

export function createModels({
  host,
  secret,
  workspace,
  log,
  clock = systemClock,
  fetch: send,
  ...options
}: ModelsOptions): Models {
  let config = options.config;
  /** Outlive a change of settings: they belong to servers, not to settings. */
  const knowledge = new Map<string, ServerKnowledge>();
  const facts = new Map<string, OllamaFacts>();
  const contexts = new Map<string, number>();
  let probe: { readonly host: string; readonly at: number; readonly rows: readonly ModelRow[] } | null = null;
  const network = send ? { fetch: send } : {};
  const now = (): number => clock.now();

  return {
    inline() {
      switch (config.inlineModel) {
        case 'workspace':
          return { ok: true, model: workspace };
        case 'openai':
          return openaiChosen();
        case 'ollama':
          return ollamaChosen();
      }
    },
    async edit(signal) {
      switch (config.editModel) {
        case 'openai':
          return openaiChosen();
        case 'ollama': {
          const chosen = ollamaChosen();
          return chosen.ok ? chosen : ((await installedOllama(listMs, signal)) ?? chosen);
        }
        case 'vscode':
          return vscodeChosen();
        case 'auto':
          return automatic(signal);
      }
    },
    async list(signal) {
      const parts = await Promise.all([openaiRows(signal), ollamaRows(signal), vscodeRows()]);
      const rows = [workspaceRow(workspace), ...parts.flatMap((part) => part.rows)];
      return { rows, problems: parts.flatMap((part) => part.problems) };
    },
    async test(source, id, signal) {
      const chosen = await named(source, id);
      return chosen.ok ? testModel(chosen.model, clock, signal) : chosen;
    },
    async pull(id, onProgress, signal) {
      const done = await pullOllama({ host: config.ollama.baseUrl, ...network, now }, id, onProgress, signal);
      probe = null;
      return done;
    },
    configure(next) {
      config = next;
      probe = null;
    },
  };

  function openaiNamed(model: string): LanguageModel {
    const { baseUrl, completions } = config.openai;
    const key = `${baseUrl}\n${model}`;
    const known = knowledge.get(key) ?? newKnowledge();
    knowledge.set(key, known);
    const contextTokens = contexts.get(key);
    return openaiModel({
      baseUrl,
      model,
      apiKey: () => secret(secrets.openaiApiKey),
      completions,
      template: config.fimTemplate,
      timeoutMs: openaiFirstMs,
      stallMs,
      knowledge: known,
      now,
      ...(contextTokens === undefined ? {} : { contextTokens }),
      ...network,
    });
  }

  function ollamaNamed(model: string): LanguageModel {
    return ollamaModel({
      host: config.ollama.baseUrl,
      model,
      template: config.fimTemplate,
      timeoutMs: ollamaFirstMs,
      stallMs,
      // Twice the prompt's budget leaves room for edits; one value for both, or Ollama loads the model anew each time.
      contextTokens: Math.max(8192, 2 ** Math.ceil(Math.log2(config.contextTokens * 2))),
      facts,
      now,
      ...network,
    });
  }

  function openaiChosen(): Chosen {
    const failure = openaiUnset(config.openai);
    return failure ? { ok: false, failure } : { ok: true, model: openaiNamed(config.openai.model) };
  }

  function ollamaChosen(): Chosen {
    const failure = ollamaUnset(config.ollama);
    return failure ? { ok: false, failure } : { ok: true, model: ollamaNamed(config.ollama.model) };
  }

  async function vscodeChosen(): Promise<Chosen> {
    const models = await host.list().catch(() => []);
    const model = config.vscodeModel === '' ? models[0] : models.find(({ id }) => id === config.vscodeModel);
    if (model) return { ok: true, model: fromHost(model) };
    return { ok: false, failure: vscodeUnset(config.vscodeModel, models.length) };
  }

  function fromHost({
    id,
    label,
    maxInputTokens,
  }: {
    id: string;
    label: string;
    maxInputTokens: number;
  }): LanguageModel {
    return hostModel({
      id,
      label,
      maxInputTokens,
      chat: (messages, onText, signal) => host.chat(id, messages, onText, signal),
      now,
    });
  }

  async function automatic(signal?: AbortSignal): Promise<Chosen> {
    const openai = openaiChosen();
    if (openai.ok) return openai;
    const ollama = await installedOllama(probeMs, signal);
    if (ollama) return ollama;
    if (signal?.aborted) return { ok: false, failure: cancelledFailure };
    const vscode = await vscodeChosen();
    return vscode.ok ? vscode : { ok: false, failure: nothingForEdits };
  }

  /** The Ollama model of the settings where Ollama has it; with none set, the one for code that changed last. */
  async function installedOllama(withinMs: number, signal?: AbortSignal): Promise<Chosen | null> {
    const { baseUrl, model } = config.ollama;
    if (baseUrl === '') return null;
    if (probe === null || probe.host !== baseUrl || now() - probe.at > probeAgeMs) {
      const listed = await limited(withinMs, signal, (limit) =>
        listOllama({ host: baseUrl, template: config.fimTemplate, ...network, now }, limit, facts),
      );
      if (!listed.ok) {
        log.debug(`Ollama isn't used for this edit: ${listed.failure.reason}`);
        return null;
      }
      probe = { host: baseUrl, at: now(), rows: listed.rows };
    }
    const able = probe.rows.filter(({ capabilities }) => capabilities.chat);
    const row =
      model === ''
        ? (able.find(({ id }) => /code|devstral|codestral/i.test(id)) ?? able[0])
        : probe.rows.find(({ id }) => id === model || id === `${model}:latest`);
    return row ? { ok: true, model: ollamaNamed(model === '' ? row.id : model) } : null;
  }

  async function openaiRows(signal?: AbortSignal): Promise<{ rows: ModelRow[]; problems: Failure[] }> {
    const { baseUrl, model } = config.openai;
    if (baseUrl === '') return { rows: [], problems: [] };
    const rowOf = (id: string): ModelRow => {
      const { capabilities, template } = openaiNamed(id);
      const context = contexts.get(`${baseUrl}\n${id}`);
      return {
        source: 'openai',
        id,
        label: id,
        detail: context === undefined ? '' : `${Math.round(context / 1024)}k context`,
        capabilities,
        template,
      };
    };
    let key: string | null = null;
    try {
      const listed = await limited(listMs, signal, async (limit) => {
        key = await secret(secrets.openaiApiKey);
        return listOpenai({ baseUrl, apiKey: async () => key, ...network }, limit);
      });
      for (const { id, contextTokens } of listed)
        if (contextTokens !== null) contexts.set(`${baseUrl}\n${id}`, contextTokens);
      const ids = listed.map(({ id }) => id).filter((id) => !/embed|rerank|whisper|tts|dall-e|moderation/i.test(id));
      // Gateways may serve a model they don't list.
      return { rows: (model === '' || ids.includes(model) ? ids : [model, ...ids]).map(rowOf), problems: [] };
    } catch (error) {
      const failure = signal?.aborted
        ? cancelledFailure
        : toFailure(error, { source: 'openai', address: baseUrl, model, nowMs: now(), hide: [key ?? ''] });
      return { rows: model === '' ? [] : [rowOf(model)], problems: [failure] };
    }
  }

  async function ollamaRows(signal?: AbortSignal): Promise<{ rows: readonly ModelRow[]; problems: Failure[] }> {
    if (config.ollama.baseUrl === '') return { rows: [], problems: [] };
    const listed = await limited(listMs, signal, (limit) =>
      listOllama({ host: config.ollama.baseUrl, template: config.fimTemplate, ...network, now }, limit, facts),
    );
    return listed.ok ? { rows: listed.rows, problems: [] } : { rows: [], problems: [listed.failure] };
  }

  async function vscodeRows(): Promise<{ rows: ModelRow[]; problems: Failure[] }> {
    // Without the right to them, or in an editor that has none, there are simply none.
    const models = await host.list().catch(() => []);
    const capabilities = { fillInTheMiddle: false, chat: true };
    return {
      rows: models.map(({ id, label, detail }) => ({
        source: 'vscode',
        id,
        label,
        detail,
        capabilities,
        template: 'chat',
      })),
      problems: [],
    };
  }

  async function named(source: ModelSource, id: string): Promise<Chosen> {
    switch (source) {
      case 'workspace':
        return { ok: true, model: workspace };
      case 'openai':
        return config.openai.baseUrl === '' ? openaiChosen() : { ok: true, model: openaiNamed(id) };
      case 'ollama':
        return config.ollama.baseUrl === '' ? ollamaChosen() : { ok: true, model: ollamaNamed(id) };
      case 'vscode': {
        const model = (await host.list().catch(() => [])).find((one) => one.id === id);
        return model ? { ok: true, model: fromHost(model) } : vscodeChosen();
      }
    }
  }
}

function workspaceRow({ label, capabilities, template }: LanguageModel): ModelRow {
  return { source: 'workspace', id: 'workspace', label, detail: '', capabilities: { ...capabilities }, template };
}
