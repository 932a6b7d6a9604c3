/** Where graphs that generate get their decoder from. */
import type { Graph, Tensor } from '../graph/graph.ts';
import type { Rewrite } from '../graph/rewrite.ts';
import type { Decoder } from '../nn/decoder.ts';
import type { Parameters } from '../nn/parameters.ts';

export interface SourcedDecoder {
  readonly decoder: Decoder;
  /** Of what is trained: they are read from the states that the training program writes. */
  readonly parameters?: Parameters;
  /**
   * Creates the parameters that the training program has besides the decoder's (a value head), in its order: packs are the same
   * only then. `hidden` is [n, hiddenSize].
   */
  readonly complete?: (hidden: Tensor) => unknown;
  /** Replace nodes before they are written (quantisedWeights.ts). */
  readonly rewrites?: readonly Rewrite[];
}

/** Builds the decoder in a graph; called once for each graph, before anything else is built in it. */
export type DecoderSource = (graph: Graph) => SourcedDecoder;

/** Once all parameters are there: without this nothing would read the packs. */
export function finish({ parameters, complete }: SourcedDecoder, hidden: Tensor): void {
  complete?.(hidden);
  parameters?.packs();
}
