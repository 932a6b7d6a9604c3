/** What a decoder of the Llama family is made of, from the `config.json` beside its weights. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { errorCode, ModelFileError, quoted } from './fileError.ts';

/** A `config.json` that is damaged, or of a model that can't be built here. */
export class ConfigError extends ModelFileError {}

/** Changes the rotary frequencies 1/θ^(2i/headDim), so that a model reads further than it was first trained for. */
export type RopeScaling =
  | { readonly type: 'none' }
  /** Positions are divided by `factor`. */
  | { readonly type: 'linear'; readonly factor: number }
  /** Llama 3.1: long wavelengths are divided by `factor`, short ones kept, those between interpolated. */
  | {
      readonly type: 'llama3';
      readonly factor: number;
      readonly lowFreqFactor: number;
      readonly highFreqFactor: number;
      /** Tokens; wavelengths are compared with this length over the two factors. */
      readonly originalMaxPositions: number;
    };

/** All that the decoder builder needs to know. Pre-norm blocks of RMSNorm, attention with RoPE, and SwiGLU. */
export interface DecoderConfig {
  readonly family: 'llama' | 'qwen2' | 'mistral';
  readonly vocabSize: number;
  /** Width of the residual stream. */
  readonly hiddenSize: number;
  /** Width inside the MLP. */
  readonly intermediateSize: number;
  readonly layers: number;
  /** Query heads; a multiple of `kvHeads`. */
  readonly heads: number;
  readonly kvHeads: number;
  /** Even. Queries are `heads * headDim` wide, which need not be `hiddenSize`. */
  readonly headDim: number;
  readonly rmsNormEps: number;
  readonly ropeTheta: number;
  readonly ropeScaling: RopeScaling;
  /** Biases of the query, key and value projections. */
  readonly qkvBias: boolean;
  /** Bias of the attention's output projection. */
  readonly outputBias: boolean;
  /** Biases of the three linear maps in the MLP. */
  readonly mlpBias: boolean;
  /** The embedding is the output head, too. */
  readonly tiedEmbeddings: boolean;
  /** Tokens the model was trained to read. */
  readonly maxPositions: number;
  readonly bosId: number | null;
  /** Any of them ends a text; may be empty. */
  readonly eosIds: readonly number[];
  /** Fills up short rows. Its embedding is not learnt from where it is read, as PyTorch's `padding_idx` has it. */
  readonly padId: number | null;
}

/** `…Config` of transformers 5, where a field is left out. */
const families = {
  llama: { kvHeads: null, maxPositions: 2048, bosId: 1, eosId: 2 },
  qwen2: { kvHeads: 32, maxPositions: 32_768, bosId: null, eosId: null },
  mistral: { kvHeads: 8, maxPositions: 131_072, bosId: 1, eosId: 2 },
} as const;

/** Far above any model; what is built from a config is never larger than a damaged one says. */
const count = (max: number) =>
  v.pipe(v.number(), v.integer('a whole number'), v.minValue(1, 'at least 1'), v.maxValue(max, `at most ${max}`));
const positive = v.pipe(
  v.number(),
  v.finite(),
  v.check((value) => value > 0, 'more than 0'),
);
const tokenId = v.pipe(v.number(), v.integer('a whole number'));
const size = count(2 ** 24);
const maybe = <T extends v.GenericSchema>(schema: T) => v.nullish(schema);

const ropeSchema = v.looseObject({
  rope_type: maybe(v.string()),
  /** Before transformers 4.43. */
  type: maybe(v.string()),
  rope_theta: maybe(positive),
  factor: maybe(positive),
  low_freq_factor: maybe(positive),
  high_freq_factor: maybe(positive),
  original_max_position_embeddings: maybe(count(2 ** 31)),
  partial_rotary_factor: maybe(v.number()),
});
type Rope = v.InferOutput<typeof ropeSchema>;

const configSchema = v.looseObject({
  model_type: v.picklist(Object.keys(families) as (keyof typeof families)[]),
  vocab_size: size,
  hidden_size: size,
  intermediate_size: size,
  num_hidden_layers: count(1000),
  num_attention_heads: count(2 ** 16),
  num_key_value_heads: maybe(count(2 ** 16)),
  head_dim: maybe(count(2 ** 16)),
  rms_norm_eps: maybe(positive),
  rope_theta: maybe(positive),
  rope_scaling: maybe(ropeSchema),
  /** transformers 5: both of the above in one. */
  rope_parameters: maybe(ropeSchema),
  partial_rotary_factor: maybe(v.number()),
  hidden_act: maybe(v.string()),
  attention_bias: maybe(v.boolean()),
  mlp_bias: maybe(v.boolean()),
  tie_word_embeddings: maybe(v.boolean()),
  max_position_embeddings: maybe(count(2 ** 31)),
  bos_token_id: maybe(tokenId),
  pad_token_id: maybe(tokenId),
  eos_token_id: maybe(v.union([tokenId, v.array(tokenId)])),
  sliding_window: maybe(v.number()),
  use_sliding_window: maybe(v.boolean()),
  layer_types: maybe(v.array(v.string())),
  quantization_config: v.optional(v.unknown()),
});
type Config = v.InferOutput<typeof configSchema>;

/** Reads `config.json` of a model's folder. Rejects with `ConfigError`. */
export async function readDecoderConfig(folder: string): Promise<DecoderConfig> {
  const file = join(folder, 'config.json');
  try {
    return parseDecoderConfig(file, await readFile(file, 'utf8'));
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const problem = errorCode(error) === 'ENOENT' ? 'is not there.' : `could not be read (${errorCode(error)}).`;
    throw new ConfigError(file, problem, 'Download the model again, or choose another folder.', error);
  }
}

/** `file` is for messages. Throws `ConfigError`: the field, its value, and what is supported. */
export function parseDecoderConfig(file: string, text: string): DecoderConfig {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new ConfigError(file, 'is not valid JSON.', 'Download the file again.');
  }
  const parsed = v.safeParse(configSchema, json);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const field = v.getDotPath(issue);
    if (field === null) throw new ConfigError(file, 'is not an object.', 'Download the file again.');
    const has = issue.input === undefined ? `has no ${field}` : `has ${field} = ${shown(issue.input)}`;
    if (field === 'model_type') {
      throw new ConfigError(file, `${has}.`, `Supported are models of type ${Object.keys(families).join(', ')}.`);
    }
    const expected = issue.kind === 'validation' ? issue.message : issue.expected;
    const problem = issue.input === undefined ? `${has}.` : `${has}; expected: ${expected}.`;
    throw new ConfigError(file, problem, 'Download the file again.');
  }
  return build(file, parsed.output);
}

function build(file: string, config: Config): DecoderConfig {
  refuseUnsupported(file, config);
  const { hidden_size: hiddenSize, num_attention_heads: heads, vocab_size: vocabSize } = config;
  const family = families[config.model_type];
  const kvHeads = config.num_key_value_heads ?? family.kvHeads ?? heads;
  if (heads % kvHeads !== 0) {
    const problem = `has num_attention_heads = ${heads}, which is no multiple of num_key_value_heads = ${kvHeads}.`;
    throw new ConfigError(file, problem, 'Download the file again.');
  }
  const headDim = config.head_dim ?? hiddenSize / heads;
  if (!Number.isInteger(headDim) || headDim % 2 !== 0) {
    const problem = `has heads ${headDim} wide (head_dim, or hidden_size / num_attention_heads).`;
    throw new ConfigError(file, problem, 'Rotary embeddings need an even whole number.');
  }
  const rope = config.rope_parameters ?? config.rope_scaling ?? {};
  const bias = config.model_type === 'llama' && config.attention_bias === true;
  const isId = (id: number | null): id is number => id !== null && id >= 0 && id < vocabSize;
  const bosId = config.bos_token_id === undefined ? family.bosId : config.bos_token_id;
  const eosId = config.eos_token_id === undefined ? family.eosId : config.eos_token_id;
  return {
    family: config.model_type,
    vocabSize,
    hiddenSize,
    intermediateSize: config.intermediate_size,
    layers: config.num_hidden_layers,
    heads,
    kvHeads,
    headDim,
    rmsNormEps: config.rms_norm_eps ?? 1e-6,
    ropeTheta: rope.rope_theta ?? config.rope_theta ?? 10_000,
    ropeScaling: scalingOf(file, rope),
    qkvBias: config.model_type === 'qwen2' || bias,
    outputBias: bias,
    mlpBias: config.model_type === 'llama' && config.mlp_bias === true,
    tiedEmbeddings: config.tie_word_embeddings ?? false,
    maxPositions: config.max_position_embeddings ?? family.maxPositions,
    // Some configs say -1 for “none”.
    bosId: isId(bosId) ? bosId : null,
    eosIds: [eosId].flat().filter(isId),
    padId: isId(config.pad_token_id ?? null) ? config.pad_token_id! : null,
  };
}

function refuseUnsupported(file: string, config: Config): void {
  const refuse = (field: string, value: unknown, supported: string) =>
    new ConfigError(file, `has ${field} = ${shown(value)}, which is not supported.`, supported);
  const { hidden_act: activation, sliding_window: window, layer_types: layerTypes, model_type: type } = config;
  if (activation != null && activation !== 'silu' && activation !== 'swish') {
    throw refuse('hidden_act', activation, 'Supported is silu.');
  }
  const everywhere = 'Supported is attention to all tokens before: choose a model without a sliding window.';
  const sliding = layerTypes?.find((layer) => layer !== 'full_attention');
  if (sliding !== undefined) throw refuse('layer_types', sliding, everywhere);
  const inUse =
    (type === 'mistral' && window !== undefined) || (type === 'qwen2' && config.use_sliding_window === true);
  // A window as long as the longest text hides nothing.
  const reach = config.max_position_embeddings ?? families[type].maxPositions;
  if (inUse && window != null && window < reach) throw refuse('sliding_window', window, everywhere);
  if (config.quantization_config != null) {
    throw refuse('quantization_config', config.quantization_config, 'Choose the model in F32, F16 or BF16.');
  }
  for (const part of [config.partial_rotary_factor, config.rope_parameters?.partial_rotary_factor]) {
    if (part != null && part !== 1) throw refuse('partial_rotary_factor', part, 'Supported is 1.');
  }
}

function scalingOf(file: string, rope: Partial<Rope>): RopeScaling {
  const type = rope.rope_type ?? rope.type ?? 'default';
  if (type === 'default') return { type: 'none' };
  if (type !== 'linear' && type !== 'llama3') {
    throw new ConfigError(
      file,
      `has rope_type = ${quoted(type)}, which is not supported.`,
      'Supported are default, linear and llama3.',
    );
  }
  const need = (field: keyof Rope & string): number => {
    const value = rope[field];
    if (typeof value === 'number') return value;
    const problem = `has rope_type = “${type}” but no ${field}.`;
    throw new ConfigError(file, problem, 'Download the file again.');
  };
  const factor = need('factor');
  if (type === 'linear') return { type, factor };
  const lowFreqFactor = need('low_freq_factor');
  const highFreqFactor = need('high_freq_factor');
  if (highFreqFactor <= lowFreqFactor) {
    const problem = `has high_freq_factor = ${highFreqFactor}, not above low_freq_factor = ${lowFreqFactor}.`;
    throw new ConfigError(file, problem, 'Download the file again.');
  }
  const originalMaxPositions = need('original_max_position_embeddings');
  return { type, factor, lowFreqFactor, highFreqFactor, originalMaxPositions };
}

function shown(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  return typeof value === 'string' ? quoted(value) : String(value);
}
