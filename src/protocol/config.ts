/** The settings the engine needs, read once by the client into an immutable snapshot. */
import * as v from 'valibot';

export const modelSources = ['workspace', 'openai', 'ollama', 'vscode'] as const;
export const ModelSource = v.picklist(modelSources);
export type ModelSource = v.InferOutput<typeof ModelSource>;

export const fimTemplateNames = [
  'auto',
  'qwen',
  'starcoder',
  'codellama',
  'deepseek',
  'codestral',
  'codegemma',
  'granite',
  'seed',
  'stable',
  'codegeex',
  'chat',
] as const;
export const FimTemplateName = v.picklist(fimTemplateNames);
export type FimTemplateName = v.InferOutput<typeof FimTemplateName>;

/** How readily suggestions come while typing. `manual`: only when asked for. */
export const inlineModes = ['eager', 'normal', 'subtle', 'manual'] as const;
export const InlineMode = v.picklist(inlineModes);
export type InlineMode = v.InferOutput<typeof InlineMode>;

export const EngineConfig = v.object({
  inlineModel: v.picklist(['workspace', 'openai', 'ollama']),
  /** `auto`: the first configured of OpenAI-compatible, Ollama, VS Code. */
  editModel: v.picklist(['auto', 'openai', 'ollama', 'vscode']),
  candidates: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(5)),
  /** What a server is asked for while typing; a trained selector picks among them. */
  inlineCandidates: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(5)),
  /** Share of requests that are decided without memory and learning. */
  controlShare: v.pipe(v.number(), v.minValue(0), v.maxValue(0.5)),
  /** So many new ratings start a training when nothing is done; 0: only when asked for. */
  trainAfterRatings: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(10_000)),
  openai: v.object({
    /** Empty: not configured. */
    baseUrl: v.string(),
    model: v.string(),
    /** Legacy `/completions` with `suffix`: `auto` tries it once and remembers. */
    completions: v.picklist(['auto', 'always', 'never']),
  }),
  ollama: v.object({ baseUrl: v.string(), model: v.string() }),
  vscodeModel: v.string(),
  fimTemplate: FimTemplateName,
  /** Tokens of prompt an inline request may use. */
  contextTokens: v.pipe(v.number(), v.integer(), v.minValue(200), v.maxValue(100_000)),
  /** Most examples in a prompt; 0 turns memory off. */
  examples: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(20)),
  embedder: v.picklist(['built-in', 'semantic']),
  semanticModel: v.string(),
  maxMegabytes: v.pipe(v.number(), v.minValue(1)),
  maxEpisodes: v.pipe(v.number(), v.integer(), v.minValue(10)),
  workspaceModelMegabytes: v.pipe(v.number(), v.minValue(4)),
  /** Extra ignore patterns in .gitignore syntax. */
  exclude: v.array(v.string()),
});
export type EngineConfig = v.InferOutput<typeof EngineConfig>;

/** What a fresh installation has; package.json's defaults are held to it by a test. */
export const defaultConfig: EngineConfig = {
  inlineModel: 'workspace',
  editModel: 'auto',
  candidates: 3,
  inlineCandidates: 1,
  controlShare: 0.05,
  trainAfterRatings: 0,
  openai: { baseUrl: '', model: '', completions: 'auto' },
  ollama: { baseUrl: 'http://127.0.0.1:11434', model: '' },
  vscodeModel: '',
  fimTemplate: 'auto',
  contextTokens: 1500,
  examples: 4,
  embedder: 'built-in',
  semanticModel: 'Xenova/all-MiniLM-L6-v2',
  maxMegabytes: 64,
  maxEpisodes: 20_000,
  workspaceModelMegabytes: 64,
  exclude: [],
};
