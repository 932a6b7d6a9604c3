/** What the engine and the process that runs the embedding model say to each other (Node IPC, advanced serialisation). */

export type ToSemanticWorker =
  /** `modelsDir` holds `<model>/config.json` and the rest; nothing is fetched. */
  | { readonly type: 'load'; readonly modelsDir: string; readonly model: string }
  | { readonly type: 'embed'; readonly id: number; readonly texts: readonly string[] };

export type FromSemanticWorker =
  | { readonly type: 'ready'; readonly dimensions: number }
  /** `texts.length × dimensions` values, row by row, each row of unit length. */
  | { readonly type: 'vectors'; readonly id: number; readonly values: Float32Array }
  /** `runtime`: the native library can't be loaded here. `model`: its files can't be used. `batch`: these texts failed. */
  | { readonly type: 'failed'; readonly stage: 'runtime' | 'model'; readonly message: string }
  | { readonly type: 'failed'; readonly stage: 'batch'; readonly id: number; readonly message: string };

/**
 * Tokens of a text the model sees; the rest is cut. all-MiniLM-L6-v2 was published with 256 (its `sentence_bert_config`),
 * and attention costs grow with the square.
 */
export const maxTokens = 256;

/** Part of the embedder's identity: raise it when pooling, truncation or weights' precision change. */
export const poolingVersion = `mean-l2-q8-${maxTokens}-v1`;
