import type { DecoderConfig } from '../files/llamaConfig.ts';
import type { Graph, Tensor } from '../graph/graph.ts';
import { causalAttention } from './attention.ts';
import { type Decoder, decode, languageHead } from './decoder.ts';
import { nextTokenLoss } from './nextToken.ts';

export interface Batch {
  /** Rows, and tokens in each. */
  readonly batch: number;
  readonly length: number;
}

/** Bytes of logits above which the vocabulary is cut: they then are computed twice, and never all kept. */
const keptLogitBytes = 64 * 2 ** 20;

/** Into how many parts to cut the vocabulary for `tokens` rows of logits. */
export const vocabularyParts = ({ vocabSize }: DecoderConfig, tokens: number): number =>
  Math.ceil((vocabSize * tokens * 4) / keptLogitBytes);

/**
 * The loss of a training step on text: adds the inputs `ids` (int64) and `learnt` (float: what each token counts as one to
 * predict), both [batch, length], and gives the weighted mean of −ln p.
 */
export function causalLmLoss(graph: Graph, decoder: Decoder, { batch, length }: Batch): Tensor {
  const ids = graph.input('ids', 'int64', [batch, length]);
  const learnt = graph.input('learnt', graph.float, [batch, length]);
  const hidden = decode(decoder, ids, causalAttention(graph, decoder.config, { batch, length }));
  const parts = vocabularyParts(decoder.config, batch * length);
  return nextTokenLoss({ hidden, table: languageHead(decoder, parts), ids, parts }, learnt);
}
