/**
 * Low-rank adaptation (arXiv:2106.09685): beside a frozen linear layer W a trained B · A, scaled by alpha / rank. With B zero at
 * first, an untrained adapter changes nothing.
 */
import type { Tensor } from '../graph/graph.ts';
import { dropout } from '../ops/activation.ts';
import { mul } from '../ops/basic.ts';
import { affine, affineOnto } from '../ops/matmul.ts';
import { constant, fanIn, type Weights } from './weights.ts';

export interface LoraOptions {
  readonly rank: number;
  readonly alpha: number;
  /** The linear maps that get one, by the last part of their path: `q_proj`. */
  readonly targets: readonly string[];
}

export interface Adapter extends LoraOptions {
  readonly weights: Weights;
  /** Only while training; missing: none. */
  readonly dropout?: {
    /** PEFT's `lora_dropout`. */
    readonly rate: number;
    /** Fed noise of `x`'s shape, which the adapter of the linear layer `path` reads: see ops/activation.ts. */
    noise(path: string, x: Tensor): Tensor;
  };
}

/** Names of an adapter's two matrices beside the linear layer `path`: A is [rank, in], B [out, rank]. */
export const loraNames = (path: string): { readonly a: string; readonly b: string } => ({
  a: `${path}.lora_A.weight`,
  b: `${path}.lora_B.weight`,
});

/** `base` [.., out], which the frozen layer at `path` made of `x` [.., in], with what its adapter adds; as it is without one. */
export function adapted(adapter: Adapter | null, path: string, x: Tensor, base: Tensor): Tensor {
  if (!adapter?.targets.includes(path.slice(path.lastIndexOf('.') + 1))) return base;
  const { rank, alpha, weights, dropout: drop } = adapter;
  const names = loraNames(path);
  const seen = drop ? dropout(x, drop.noise(path, x), drop.rate) : x;
  const a = weights.tensor(names.a, [rank, x.shape.at(-1)!], fanIn);
  const b = weights.tensor(names.b, [base.shape.at(-1)!, rank], constant(0));
  return affineOnto(mul(affine(seen, a), alpha / rank), b, base);
}
