/** Counts tokens, to pack prompts. */

/** Counts the tokens of one model: exactly as o200k_base does, times what this model's server was seen to count. */
export interface TokenCounter {
  /** Tokens of `text`; an estimate until `ready`, and above 50 kB. */
  count(text: string): number;
  /** Resolves when counts are exact. The first call loads the tables, about 0.2 s of work. */
  ready(): Promise<void>;
}

type Count = (text: string) => number;

/** Above this many characters the estimate is used: exact counting costs about 1 ms for 1 kB. */
const exactLimit = 50_000;
/** Byte-pair merging is quadratic in the length of an unbroken run; longer runs are counted in pieces. */
const longestRun = 128;

let exact: Count | null = null;
let loading: Promise<Count> | null = null;

function load(): Promise<Count> {
  loading ??= import('gpt-tokenizer/encoding/o200k_base').then(({ countTokens: counted }) => {
    // Without these, `<|endoftext|>` in a file throws.
    const options = { allowedSpecial: new Set<string>(), disallowedSpecial: new Set<string>() };
    exact = (text) => inPieces(text, (piece) => counted(piece, options));
    return exact;
  });
  return loading;
}

function inPieces(text: string, count: Count): number {
  let total = 0;
  for (const part of text.split(/(\S{256,}|\s{256,})/u)) {
    if (part.length < 256) total += part === '' ? 0 : count(part);
    else for (let at = 0; at < part.length; at += longestRun) total += count(part.slice(at, at + longestRun));
  }
  return total;
}

/**
 * Tokens of `text` without the tokenizer: o200k_base takes 3.6 to 4.1 characters of program text a token and about one a
 * CJK character; measured on this repository's own files.
 */
export function estimateTokens(text: string): number {
  let wide = 0;
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x2e7f) wide++;
  return Math.ceil((text.length - wide) / 3.8 + wide);
}

const countNow = (text: string): number => (exact && text.length <= exactLimit ? exact(text) : estimateTokens(text));

/** Tokens of `text` by o200k_base; an estimate above 50 kB. */
export async function countTokens(text: string): Promise<number> {
  if (text.length > exactLimit) return estimateTokens(text);
  return (await load())(text);
}

/** How fast the ratio follows the servers' reports. */
const weight = 0.2;
/** Reports on less say more about the chat format around the text than about the tokenizer. */
const leastTokens = 50;
const ratios = new Map<string, number>();

/**
 * The counter of a model, by the id of its `LanguageModel`. What servers report is kept for the life of the process: it
 * belongs to the model's tokenizer, not to a configuration.
 */
export function tokenCounter(modelId: string): TokenCounter {
  void load().catch(() => {});
  return {
    count: (text) => Math.ceil(countNow(text) * calibration(modelId)),
    ready: async () => {
      await load();
    },
  };
}

/** Tokens this model's server counts for one of o200k_base: 1 until it reported. */
export function calibration(modelId: string): number {
  return ratios.get(modelId) ?? 1;
}

/** Notes that a server counted `promptTokens` for `prompt`: an exponential moving average of the ratio, within 0.5 and 2.5. */
export function observeUsage(modelId: string, prompt: string, promptTokens: number): void {
  const counted = countNow(prompt);
  if (counted < leastTokens || !(promptTokens > 0)) return;
  const ratio = Math.min(2.5, Math.max(0.5, promptTokens / counted));
  const before = ratios.get(modelId);
  ratios.set(modelId, before === undefined ? ratio : before + weight * (ratio - before));
}
