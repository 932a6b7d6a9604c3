import type { DecoderConfig } from '../files/llamaConfig.ts';
import type { Graph, Tensor } from '../graph/graph.ts';
import { crossEntropy } from '../ops/vocabulary.ts';
import { causalAttention } from './attention.ts';
import { type Decoder, decode, languageHead } from './decoder.ts';

export interface Batch {
  /** Rows, and tokens in each. */
  readonly batch: number;
  readonly length: number;
}

/** Bytes of logits above which the vocabulary is cut: they then are computed twice, and never all kept. */
const keptLogitBytes = 32 * 2 ** 20;

/** Into how many parts to cut the vocabulary for `tokens` rows of logits. */
export const vocabularyParts = ({ vocabSize }: DecoderConfig, tokens: number): number =>
  Math.ceil((vocabSize * tokens * 4) / keptLogitBytes);

/**
 * The loss of next-token prediction: adds the inputs `ids` [batch, length] (int64), `targets` [batch · length] (int64: the
 * token after each) and `mask` [batch · length] (float: what each token counts), and returns the weighted mean of −ln p.
 */
export function causalLmLoss(graph: Graph, decoder: Decoder, { batch, length }: Batch): Tensor {
  const tokens = batch * length;
  const ids = graph.input('ids', 'int64', [batch, length]);
  const targets = graph.input('targets', 'int64', [tokens]);
  const mask = graph.input('mask', graph.float, [tokens]);
  const hidden = decode(decoder, ids, causalAttention(graph, decoder.config, { batch, length }));
  const parts = vocabularyParts(decoder.config, tokens);
  return crossEntropy(hidden, languageHead(decoder, parts), targets, mask, { parts });
}
