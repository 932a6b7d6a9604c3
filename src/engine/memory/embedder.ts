/** Turns text into vectors. Vectors of different identities are never compared. */
export interface Embedder {
  /** Changes whenever the vectors would: name, version and settings, or a content hash of the weights. */
  readonly identity: string;
  readonly dimensions: number;
  /**
   * Unit-length vectors, one per text, in order. Rejects with an AbortError when `signal` fires, and with an Error whose
   * message says what to do when the model can't be run.
   */
  embed(texts: readonly string[], signal?: AbortSignal): Promise<Float32Array[]>;
  /** One text at once; only embedders that need well below a millisecond have it. */
  embedNow?(text: string): Float32Array;
  /** Ends what it started (a child process). */
  close(): Promise<void>;
}
