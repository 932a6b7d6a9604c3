import { defaultConfig, EngineConfig, fimTemplateNames, type InlineMode, inlineModes } from '../../protocol/config.ts';
import { settings } from '../../protocol/ids.ts';

type SettingKey = (typeof settings)[keyof typeof settings];

/** Settings that only the client needs. */
export interface ClientConfig {
  /** How readily suggestions come where no language says otherwise. */
  readonly inlineMode: InlineMode;
}

/** All settings at one moment; replaced as a whole, never changed. */
export interface ConfigSnapshot {
  readonly engine: Readonly<EngineConfig>;
  readonly client: ClientConfig;
}

/** A setting that could not be used as it stands, and what is used instead. Holds no value: it may be a secret. */
export interface ConfigProblem {
  readonly key: SettingKey;
  readonly problem: 'outOfRange' | 'wrongKind';
  readonly used: string;
}

/** What a fresh installation has; package.json's defaults are held to it by a test. */
export const defaultClientConfig: ClientConfig = { inlineMode: 'normal' };

interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly integer: boolean;
}
const whole = (min: number, max: number): Bounds => ({ min, max, integer: true });
const real = (min: number, max: number): Bounds => ({ min, max, integer: false });

/**
 * Reads every setting through `get` (undefined: not set). A number out of bounds is clamped, a value of the wrong kind
 * replaced by the default; both are reported, so that a typing mistake never stops the product.
 */
export function readSnapshot(get: (key: SettingKey) => unknown): {
  readonly snapshot: ConfigSnapshot;
  readonly problems: readonly ConfigProblem[];
} {
  const problems: ConfigProblem[] = [];
  const fall = <T>(key: SettingKey, used: T, shown: string): T => {
    problems.push({ key, problem: 'wrongKind', used: shown });
    return used;
  };
  const number = (key: SettingKey, fallback: number, { min, max, integer }: Bounds): number => {
    const value = get(key) ?? fallback;
    if (typeof value !== 'number' || Number.isNaN(value)) return fall(key, fallback, String(fallback));
    const used = Math.min(max, Math.max(min, integer ? Math.round(value) : value));
    if (used !== value) problems.push({ key, problem: 'outOfRange', used: String(used) });
    return used;
  };
  const pick = <T extends string>(key: SettingKey, fallback: T, options: readonly T[]): T => {
    const value = get(key) ?? fallback;
    return options.find((option) => option === value) ?? fall(key, fallback, fallback);
  };
  const text = (key: SettingKey, fallback: string): string => {
    const value = get(key) ?? fallback;
    return typeof value === 'string' ? value.trim() : fall(key, fallback, fallback === '' ? '""' : fallback);
  };
  const texts = (key: SettingKey): string[] => {
    const value = get(key) ?? [];
    if (!Array.isArray(value)) return fall(key, [], '[]');
    const strings = value.filter((item): item is string => typeof item === 'string');
    return strings.length === value.length ? strings : fall(key, strings, 'the entries that are text');
  };

  const d = defaultConfig;
  const engine: EngineConfig = {
    inlineModel: pick(settings.inlineModel, d.inlineModel, EngineConfig.entries.inlineModel.options),
    editModel: pick(settings.editModel, d.editModel, EngineConfig.entries.editModel.options),
    candidates: number(settings.candidates, d.candidates, whole(1, 5)),
    inlineCandidates: number(settings.inlineCandidates, d.inlineCandidates, whole(1, 5)),
    controlShare: number(settings.controlShare, d.controlShare, real(0, 0.5)),
    trainAfterRatings: number(settings.trainAfterRatings, d.trainAfterRatings, whole(0, 10_000)),
    openai: {
      baseUrl: text(settings.openaiBaseUrl, d.openai.baseUrl),
      model: text(settings.openaiModel, d.openai.model),
      completions: pick(settings.openaiCompletions, d.openai.completions, ['auto', 'always', 'never']),
    },
    ollama: {
      baseUrl: text(settings.ollamaBaseUrl, d.ollama.baseUrl),
      model: text(settings.ollamaModel, d.ollama.model),
    },
    vscodeModel: text(settings.vscodeModel, d.vscodeModel),
    fimTemplate: pick(settings.fimTemplate, d.fimTemplate, fimTemplateNames),
    contextTokens: number(settings.contextTokens, d.contextTokens, whole(200, 100_000)),
    examples: number(settings.examples, d.examples, whole(0, 20)),
    embedder: pick(settings.embedder, d.embedder, EngineConfig.entries.embedder.options),
    semanticModel: text(settings.semanticModel, d.semanticModel),
    maxMegabytes: number(settings.maxMegabytes, d.maxMegabytes, real(1, 100_000)),
    maxEpisodes: number(settings.maxEpisodes, d.maxEpisodes, whole(10, 10_000_000)),
    workspaceModelMegabytes: number(settings.workspaceModelMegabytes, d.workspaceModelMegabytes, real(4, 1024)),
    exclude: texts(settings.exclude),
  };
  const client: ClientConfig = {
    inlineMode: pick(settings.inlineMode, defaultClientConfig.inlineMode, inlineModes),
  };
  return { snapshot: { engine, client }, problems };
}
