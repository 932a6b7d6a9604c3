/** The names and shapes that a Llama-family model's weights have in its files, as transformers saves them. */
import type { DType } from '../dtype.ts';
import type { Shape } from '../model.ts';
import { listed, ModelFileError, quoted } from './fileError.ts';
import type { DecoderConfig } from './llamaConfig.ts';

/** Weights that are not those of the model its `config.json` describes. */
export class WeightsError extends ModelFileError {}

/** [vocabSize, hiddenSize] */
export const embeddingName = 'model.embed_tokens.weight';
/** [hiddenSize], of the last RMSNorm. */
export const finalNormName = 'model.norm.weight';
/** [vocabSize, hiddenSize]; only where the embedding is not the head. */
export const headName = 'lm_head.weight';

/** The linear maps of a layer, by the names that PEFT's `target_modules` uses. */
export const linearNames = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'] as const;
export type LinearName = (typeof linearNames)[number];

/** `model.layers.3.self_attn.q_proj`, to which `.weight` ([out, in]) and `.bias` ([out]) are added. */
export const linearPath = (layer: number, linear: LinearName): string =>
  `model.layers.${layer}.${linear.length === 6 ? 'self_attn' : 'mlp'}.${linear}`;

/** [hiddenSize]: the RMSNorm before the attention. */
export const inputNormName = (layer: number): string => `model.layers.${layer}.input_layernorm.weight`;
/** [hiddenSize]: the RMSNorm before the MLP. */
export const mlpNormName = (layer: number): string => `model.layers.${layer}.post_attention_layernorm.weight`;

export interface LinearShape {
  readonly in: number;
  readonly out: number;
  readonly bias: boolean;
}

/** Widths of a linear map; its weight is [out, in]. */
export function linearShape(config: DecoderConfig, linear: LinearName): LinearShape {
  const { hiddenSize, intermediateSize, qkvBias, outputBias, mlpBias } = config;
  const queries = config.heads * config.headDim;
  const keys = config.kvHeads * config.headDim;
  switch (linear) {
    case 'q_proj':
      return { in: hiddenSize, out: queries, bias: qkvBias };
    case 'k_proj':
    case 'v_proj':
      return { in: hiddenSize, out: keys, bias: qkvBias };
    case 'o_proj':
      return { in: queries, out: hiddenSize, bias: outputBias };
    case 'gate_proj':
    case 'up_proj':
      return { in: hiddenSize, out: intermediateSize, bias: mlpBias };
    case 'down_proj':
      return { in: intermediateSize, out: hiddenSize, bias: mlpBias };
  }
}

/** Every weight of the model with its shape, in the order of the forward pass. */
export function expectedWeights(config: DecoderConfig): ReadonlyMap<string, Shape> {
  const { vocabSize, hiddenSize } = config;
  const shapes = new Map<string, Shape>([[embeddingName, [vocabSize, hiddenSize]]]);
  for (let layer = 0; layer < config.layers; layer++) {
    shapes.set(inputNormName(layer), [hiddenSize]);
    for (const linear of linearNames) {
      if (linear === 'gate_proj') shapes.set(mlpNormName(layer), [hiddenSize]);
      const { in: width, out, bias } = linearShape(config, linear);
      shapes.set(`${linearPath(layer, linear)}.weight`, [out, width]);
      if (bias) shapes.set(`${linearPath(layer, linear)}.bias`, [out]);
    }
  }
  shapes.set(finalNormName, [hiddenSize]);
  if (!config.tiedEmbeddings) shapes.set(headName, [vocabSize, hiddenSize]);
  return shapes;
}

/** Saved by old versions, and computed from the config by all. */
const computed = /^model\.layers\.\d+\.self_attn\.rotary_emb\.inv_freq$/;
const readable: readonly DType[] = ['float32', 'float16', 'bfloat16'];

/**
 * Throws `WeightsError`, with names, when `weights` (of the folder or file `file`) are not exactly those the config asks
 * for. Two extras pass: tables of rotary frequencies, and a head where the config says that the embedding is the head.
 */
export function checkWeights(
  file: string,
  config: DecoderConfig,
  weights: ReadonlyMap<string, { readonly dtype: DType; readonly shape: Shape }>,
): void {
  const expected = expectedWeights(config);
  const missing: string[] = [];
  const wrong: string[] = [];
  for (const [name, shape] of expected) {
    const found = weights.get(name);
    if (!found) missing.push(name);
    else if (`${found.shape}` !== `${shape}`) wrong.push(`${name} is [${found.shape}] instead of [${shape}]`);
    else if (!readable.includes(found.dtype)) wrong.push(`${name} holds ${found.dtype} instead of a float type`);
  }
  const unexpected = [...weights.keys()].filter(
    (name) => !expected.has(name) && !computed.test(name) && !(config.tiedEmbeddings && name === headName),
  );
  const error = misfit(file, 'its config.json', { missing, wrong, unexpected });
  if (error) throw error;
}

/** The error that lists what does not fit, or null when all lists are empty. */
export function misfit(
  file: string,
  to: string,
  lists: {
    readonly missing: readonly string[];
    readonly wrong: readonly string[];
    readonly unexpected: readonly string[];
  },
): WeightsError | null {
  const problems = [
    lists.missing.length > 0 ? `missing: ${listed(lists.missing)}` : '',
    lists.wrong.length > 0 ? `wrong: ${listed(lists.wrong)}` : '',
    lists.unexpected.length > 0 ? `unexpected: ${listed(lists.unexpected.map(quoted))}` : '',
  ].filter((problem) => problem !== '');
  if (problems.length === 0) return null;
  const advice = 'Take files that belong together, all from one and the same model.';
  return new WeightsError(file, `does not fit ${to}; ${problems.join('; ')}.`, advice);
}
