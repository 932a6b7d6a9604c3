import type { ResolvedTemplate } from './templates.ts';

interface Rule {
  readonly pattern: RegExp;
  readonly template: ResolvedTemplate;
}

/** A name that says the model was tuned to converse. */
const conversational = /(^|[-_:.])(instruct|chat|it)([-_:.]|$)/;

/**
 * First match wins. Names are lower case with `-` for every separator but `:` and `.`; see `normal`.
 * Rules to `chat` stand before the family they except: models whose tuning lost the infilling.
 */
const rules: readonly Rule[] = [
  // Instruct keeps the infilling: Ollama's own template and the Qwen3-Coder README use it that way.
  { pattern: /qwen-?[23](\.\d+)?-?coder|qwen-coder/, template: 'qwen' },
  // CodeQwen 1.5 is another model: StarCoder's tokens, base only. A bare Ollama tag is the chat tune.
  { pattern: /codeqwen.*(code|base)|codeqwen-?1\.5-7b$/, template: 'starcoder' },

  { pattern: /starcoder.*instruct|starchat|octocoder|wizardcoder/, template: 'chat' },
  { pattern: /starcoder|star-coder|refact-1/, template: 'starcoder' },

  // Code Llama fills in with 7B and 13B, code and instruct; not 34B, not 70B, not Python.
  { pattern: /code-?llama.*(34b|70b|python)/, template: 'chat' },
  { pattern: /code-?llama/, template: 'codellama' },

  // v1 lost it in the instruct tune, which is also Ollama's default tag; v2 kept it.
  { pattern: /deepseek-coder-?v2/, template: 'deepseek' },
  { pattern: /deepseek-coder.*base/, template: 'deepseek' },

  // Mamba has no infilling.
  { pattern: /codestral-?mamba|mamba-?codestral/, template: 'chat' },
  { pattern: /codestral/, template: 'codestral' },

  { pattern: /codegemma.*([-:]it|instruct)/, template: 'chat' },
  { pattern: /codegemma/, template: 'codegemma' },

  // Granite 3.0 to 3.2 were not trained for it, 3.3 is (llama.cpp #12988).
  { pattern: /granite.*code.*instruct/, template: 'chat' },
  { pattern: /granite.*code|granite-?3\.3/, template: 'granite' },

  { pattern: /seed-?coder.*(instruct|reasoning)/, template: 'chat' },
  { pattern: /seed-?coder/, template: 'seed' },

  { pattern: /stable-?code.*instruct/, template: 'chat' },
  { pattern: /stable-?code/, template: 'stable' },

  { pattern: /codegeex-?4/, template: 'codegeex' },
];

/** `Org/Name-GGUF:Q4_K_M`, `registry/ns/name:tag@digest` and `path\name.Q8_0.gguf` → lower-case name and tag. */
function normal(modelName: string): string {
  const name = modelName
    .trim()
    .toLowerCase()
    .replace(/@sha256:.*$/, '')
    .replace(/\\/g, '/');
  // Everything before the last slash is who serves or quantised it, not what it is.
  return name.slice(name.lastIndexOf('/') + 1).replace(/[\s_]+/g, '-');
}

/**
 * The fill-in-the-middle form of a model, from its name: Ollama tags, Hugging Face ids, file names, any case, with
 * quantisation suffixes. What isn't known is asked by chat, which is slower but never sends tokens it can't read.
 */
export function detectTemplate(modelName: string): ResolvedTemplate {
  const name = normal(modelName);
  return rules.find(({ pattern }) => pattern.test(name))?.template ?? 'chat';
}

/** True for names of pretrained models, which continue text but don't follow instructions. */
export function isBaseModel(modelName: string): boolean {
  const name = normal(modelName);
  if (conversational.test(name)) return false;
  if (/(^|[-_:.])(base|pt)([-_:.]|$)/.test(name)) return true;
  // Families published as pretrained models under a bare name.
  return /^(starcoder2?|tiny-starcoder|stable-code)([-:]|$)|code-?llama:.*code|codegemma:.*(code|2b)/.test(name);
}
