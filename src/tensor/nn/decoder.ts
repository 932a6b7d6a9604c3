/** A decoder of the Llama family: SmolLM2, Qwen2.5, Llama 3.2, TinyLlama. */
import type { DecoderConfig } from '../files/llamaConfig.ts';
import {
  embeddingName,
  finalNormName,
  headName,
  inputNormName,
  type LinearName,
  linearPath,
  linearShape,
  mlpNormName,
} from '../files/weightNames.ts';
import { customGradient, stopGradient } from '../graph/autodiff.ts';
import { Tensor } from '../graph/graph.ts';
import { swiglu } from '../ops/activation.ts';
import { add, reshape } from '../ops/basic.ts';
import { concat, unsqueeze } from '../ops/layout.ts';
import { affine, affineOnto, matmul } from '../ops/matmul.ts';
import { rmsNorm } from '../ops/normalise.ts';
import { equal, where } from '../ops/select.ts';
import type { FrozenTable } from '../ops/vocabulary.ts';
import type { Attend } from './attention.ts';
import { type Adapter, adapted } from './lora.ts';
import { constant, normal, type Weights } from './weights.ts';

export interface Decoder {
  readonly config: DecoderConfig;
  readonly weights: Weights;
  /** Trained beside frozen weights; null: none. */
  readonly adapter: Adapter | null;
}

/** GPT-2's deviation for matrices that are trained from scratch, which the Llama family's configs share. */
const initialWeight = normal(0.02);

/** One linear map of layer `layer`, x [n, in] → [n, out], onto `residual` if one is given. */
function linear(decoder: Decoder, layer: number, name: LinearName, x: Tensor, residual?: Tensor): Tensor {
  const { config, weights, adapter } = decoder;
  const shape = linearShape(config, name);
  const path = linearPath(layer, name);
  const weight = weights.tensor(`${path}.weight`, [shape.out, shape.in], initialWeight);
  const bias = shape.bias ? weights.tensor(`${path}.bias`, [shape.out], constant(0)) : null;
  const base = residual && !bias ? affineOnto(x, weight, residual) : affine(x, weight, bias);
  const result = adapted(adapter, path, x, base);
  return residual && bias ? add(result, residual) : result;
}

const norm = ({ config, weights }: Decoder, name: string, x: Tensor): Tensor =>
  rmsNorm(x, weights.tensor(name, [config.hiddenSize], constant(1)), config.rmsNormEps);

/** One pre-norm block: attention and SwiGLU, each added to the stream x [n, hiddenSize]. */
function block(decoder: Decoder, layer: number, x: Tensor, attend: Attend): Tensor {
  const seen = norm(decoder, inputNormName(layer), x);
  const [q, k, v] = (['q_proj', 'k_proj', 'v_proj'] as const).map((name) => linear(decoder, layer, name, seen));
  const attended = linear(decoder, layer, 'o_proj', attend(layer, q!, k!, v!), x);
  const thought = norm(decoder, mlpNormName(layer), attended);
  const inner = swiglu(linear(decoder, layer, 'gate_proj', thought), linear(decoder, layer, 'up_proj', thought));
  return linear(decoder, layer, 'down_proj', inner, attended);
}

/** The embeddings x [n, d] of `ids` [n], through which nothing is learnt about padding: transformers doesn't either. */
function withoutPadding({ padId }: DecoderConfig, ids: Tensor, x: Tensor): Tensor {
  if (padId === null) return x;
  const [result] = customGradient(
    'WithoutPadding',
    [x],
    () => [stopGradient(x)],
    ([dy]) => [where(equal(unsqueeze(ids, 1), padId), 0, dy!)],
  );
  return result!;
}

/** Hidden states after the last norm, [n, hiddenSize], of tokens `ids` (int64, n of them in any shape). */
export function decode(decoder: Decoder, ids: Tensor, attend: Attend): Tensor {
  const { config, weights } = decoder;
  const shape = [config.vocabSize, config.hiddenSize];
  const flat = reshape(ids, [-1]);
  let x = withoutPadding(config, flat, weights.rows(embeddingName, shape, initialWeight, flat));
  for (let layer = 0; layer < config.layers; layer++) {
    x = x.graph.scope(`layers.${layer}`, () => block(decoder, layer, x, attend));
  }
  return norm(decoder, finalNormName, x);
}

/** The table that turns hidden states into logits, for tokenStatistics and crossEntropy: the embedding, where it is tied. */
export function languageHead({ config, weights }: Decoder, parts = 1): Tensor | FrozenTable {
  const name = config.tiedEmbeddings ? embeddingName : headName;
  return weights.table(name, [config.vocabSize, config.hiddenSize], initialWeight, parts);
}

/** Logits [n, vocabSize] of hidden states [n, hiddenSize]. Training does without: see tokenStatistics. */
export function logitsOf(decoder: Decoder, hidden: Tensor): Tensor {
  const table = languageHead(decoder);
  const parts = table instanceof Tensor ? [table] : table.parts;
  return concat(
    parts.map((part) => matmul(hidden, part, { transposeB: true })),
    1,
  );
}

/** A number for each hidden state: [n, d] → [n]. For values (PPO) and for rewards. */
export function valueHead(weights: Weights, name: string, hidden: Tensor): Tensor {
  const size = hidden.shape.at(-1)!;
  const weight = weights.tensor(`${name}.weight`, [1, size], normal(1 / Math.sqrt(size + 1)));
  const bias = weights.tensor(`${name}.bias`, [1], constant(0));
  return reshape(affine(hidden, weight, bias), hidden.shape.slice(0, -1));
}
