import type { FimTemplateName } from '../../protocol/config.ts';
import { withoutTokens } from './escape.ts';

/** A template that is known, not to be detected. */
export type ResolvedTemplate = Exclude<FimTemplateName, 'auto'>;
/** A template with special tokens: the model was trained to fill the middle. */
export type TokenTemplate = Exclude<ResolvedTemplate, 'chat'>;

/** The text around the gap. `preamble` holds notes and examples, already comments of the language. */
export interface FimParts {
  readonly preamble: string;
  readonly prefix: string;
  readonly suffix: string;
  readonly languageId: string;
  readonly file: string;
}

interface FimTemplate {
  /** `before` is preamble and prefix together, both sides free of `tokens`. */
  readonly render: (before: string, after: string, parts: FimParts) => string;
  /** Where the answer ends. At most 16 entries: more are refused by some servers. */
  readonly stop: readonly string[];
  /** Texts the tokenizer turns into control tokens; in the user's code they would forge the prompt. */
  readonly tokens: readonly string[];
}

const chatTurns = ['<|im_start|>', '<|im_end|>'];
const qwenStop = [
  '<|endoftext|>',
  '<|fim_prefix|>',
  '<|fim_suffix|>',
  '<|fim_middle|>',
  '<|fim_pad|>',
  '<|repo_name|>',
  '<|file_sep|>',
  ...chatTurns,
];
const starcoderTokens = [
  '<fim_prefix>',
  '<fim_suffix>',
  '<fim_middle>',
  '<fim_pad>',
  '<file_sep>',
  '<repo_name>',
  '<|endoftext|>',
];
const graniteTokens = [
  '<fim_prefix>',
  '<fim_suffix>',
  '<fim_middle>',
  '<fim_pad>',
  '<reponame>',
  '<|endoftext|>',
  '<|end_of_text|>',
];
const gemmaTokens = [
  '<|fim_prefix|>',
  '<|fim_suffix|>',
  '<|fim_middle|>',
  '<|file_separator|>',
  '<start_of_turn>',
  '<end_of_turn>',
  '<eos>',
  '<bos>',
];
const llamaTokens = ['<PRE>', '<SUF>', '<MID>', '<EOT>', '<s>', '</s>', '[INST]', '[/INST]'];
const mistralTokens = ['[PREFIX]', '[SUFFIX]', '[MIDDLE]', '[INST]', '[/INST]', '<s>', '</s>'];
// The bars are U+FF5C and the underscores U+2581, as in the tokenizer.
const deepseekTokens = [
  '<｜fim▁begin｜>',
  '<｜fim▁hole｜>',
  '<｜fim▁end｜>',
  '<｜begin▁of▁sentence｜>',
  '<｜end▁of▁sentence｜>',
  '<|EOT|>',
];
const seedTokens = [
  '<[fim-prefix]>',
  '<[fim-suffix]>',
  '<[fim-middle]>',
  '<[begin▁of▁sentence]>',
  '<[end▁of▁sentence]>',
];
const geexTokens = [
  '<|user|>',
  '<|assistant|>',
  '<|system|>',
  '<|observation|>',
  '<|code_prefix|>',
  '<|code_suffix|>',
  '<|code_middle|>',
  '<|endoftext|>',
];

/** CodeGeeX wants the language's everyday name; unknown ones stay empty, which its guide allows. */
const geexLanguages: Readonly<Record<string, string>> = {
  c: 'C',
  cpp: 'C++',
  csharp: 'C#',
  css: 'CSS',
  go: 'Go',
  html: 'HTML',
  java: 'Java',
  javascript: 'JavaScript',
  javascriptreact: 'JavaScript',
  kotlin: 'Kotlin',
  lua: 'Lua',
  php: 'PHP',
  python: 'Python',
  ruby: 'Ruby',
  rust: 'Rust',
  scala: 'Scala',
  shellscript: 'Shell',
  sql: 'SQL',
  swift: 'Swift',
  typescript: 'TypeScript',
  typescriptreact: 'TypeScript',
};

/**
 * One row per model family. Sources: the model cards (Qwen2.5-Coder, StarCoder2 §5.1, Code Llama, DeepSeek-Coder,
 * CodeGemma, Seed-Coder), CodeGeeX4's infilling guideline, mistral-common, and the tables of llama.cpp and Ollama.
 */
const table: Readonly<Record<TokenTemplate, FimTemplate>> = {
  qwen: {
    render: (before, after) => `<|fim_prefix|>${before}<|fim_suffix|>${after}<|fim_middle|>`,
    stop: qwenStop,
    tokens: qwenStop,
  },
  starcoder: {
    render: (before, after) => `<fim_prefix>${before}<fim_suffix>${after}<fim_middle>`,
    stop: starcoderTokens,
    tokens: starcoderTokens,
  },
  codellama: {
    // The spaces belong to the format: without them the infilling breaks, above all before a carriage return.
    render: (before, after) => `<PRE> ${before} <SUF>${after} <MID>`,
    stop: ['<EOT>', '<PRE>', '<SUF>', '<MID>'],
    tokens: llamaTokens,
  },
  deepseek: {
    render: (before, after) => `<｜fim▁begin｜>${before}<｜fim▁hole｜>${after}<｜fim▁end｜>`,
    stop: deepseekTokens,
    tokens: deepseekTokens,
  },
  codestral: {
    // Suffix first, and nothing in the middle: the answer goes on where the prefix ends.
    render: (before, after) => `[SUFFIX]${after}[PREFIX]${before}`,
    stop: ['[PREFIX]', '[SUFFIX]', '</s>'],
    tokens: mistralTokens,
  },
  codegemma: {
    render: (before, after) => `<|fim_prefix|>${before}<|fim_suffix|>${after}<|fim_middle|>`,
    stop: gemmaTokens,
    tokens: gemmaTokens,
  },
  granite: {
    render: (before, after) => `<fim_prefix>${before}<fim_suffix>${after}<fim_middle>`,
    stop: graniteTokens,
    tokens: graniteTokens,
  },
  seed: {
    render: (before, after) => `<[fim-suffix]>${after}<[fim-prefix]>${before}<[fim-middle]>`,
    stop: [...seedTokens, '<|endoftext|>'],
    tokens: seedTokens,
  },
  stable: {
    render: (before, after) => `<fim_prefix>${before}<fim_suffix>${after}<fim_middle>`,
    stop: starcoderTokens,
    tokens: starcoderTokens,
  },
  codegeex: {
    render: (before, after, { file, languageId }) =>
      `<|user|>\n###PATH:${oneLine(file)}\n###LANGUAGE:${geexLanguages[languageId] ?? ''}\n###MODE:BLOCK\n` +
      `<|code_suffix|>${after}<|code_prefix|>${before}<|code_middle|><|assistant|>\n`,
    stop: geexTokens,
    tokens: geexTokens,
  },
};

const oneLine = (path: string): string => withoutTokens(path.replace(/[\r\n]+/g, ' '), geexTokens);

/** Preamble and prefix as one text; the preamble always ends its own line. */
export function beforeGap({ preamble, prefix }: Pick<FimParts, 'preamble' | 'prefix'>): string {
  if (preamble === '') return prefix;
  return preamble.endsWith('\n') ? preamble + prefix : `${preamble}\n${prefix}`;
}

/**
 * The prompt for a model that is fed raw text. Control tokens inside the user's code are broken up, so a file that
 * speaks about `<|fim_prefix|>` can't end its own prompt; `restoring` in escape.ts puts them together in the answer.
 */
export function renderFim(name: TokenTemplate, parts: FimParts): string {
  const { render, tokens } = table[name];
  return render(withoutTokens(beforeGap(parts), tokens), withoutTokens(parts.suffix, tokens), parts);
}

/** Where an answer in this template ends. Empty for `chat`. */
export function templateStops(name: ResolvedTemplate): readonly string[] {
  return name === 'chat' ? [] : table[name].stop;
}

/** Texts that must not reach the tokenizer from the user's code; for `chat` those of every family. */
export function templateTokens(name: ResolvedTemplate): readonly string[] {
  return name === 'chat' ? everyToken : table[name].tokens;
}

const everyToken = [...new Set(Object.values(table).flatMap(({ tokens }) => tokens))];
