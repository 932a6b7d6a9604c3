/** What a decoder has read of one text, and what it takes to have it read another that begins alike. */
import type { DecoderConfig } from '../files/llamaConfig.ts';
import type { TensorValue } from '../model.ts';
import type { Program, Runtime, State } from '../runtime/api.ts';
import { RuntimeStoppedError, StateLostError } from '../runtime/errors.ts';
import type { Provider } from '../runtime/providers.ts';
import { type CacheSize, cacheTensors } from './cachedAttention.ts';
import { cachedModel } from './cachedModel.ts';
import type { Prediction } from './sampling.ts';
import type { DecoderSource } from './source.ts';

export interface TextCacheOptions extends CacheSize {
  readonly config: DecoderConfig;
  readonly source: DecoderSource;
  /**
   * With trained parameters: the state that holds them, and a cache beside them (`cacheTensors`). Missing: the weights are
   * frozen, and the cache is a state of its own.
   */
  readonly state?: State;
  readonly provider?: Provider;
  /** Of the step; more than one was slower where weights are float32. */
  readonly threads?: number;
  readonly prefill?: {
    /** Tokens of a text that are read at once; 64 by default. */
    readonly rows?: number;
    /**
     * Keeps a second copy of the weights in the order in which products read them. Needless for float32 (as fast for so many
     * rows); quantised weights are several times slower without.
     */
    readonly prepack?: boolean;
    /** All cores by default. */
    readonly threads?: number;
  };
}

export interface TextCache {
  readonly capacity: number;
  readonly provider: Provider;
  readonly fallbackReason: string | null;
  /**
   * Of the token after `tokens`, of which there are 1 to `capacity`. Only what differs from the tokens before
   * is read. Calls take turns. Rejects with the runtime's errors, or with the signal's reason.
   */
  predict(tokens: readonly number[], signal?: AbortSignal): Promise<Prediction>;
  /** Everything is read again: for when parameters have changed. */
  forget(): void;
  dispose(): Promise<void>;
}

/** Fewer tokens than this are read one by one: that costs less than a block of `rows`, most of them padding. */
const stepwise = 4;

const int64 = (values: readonly number[]): TensorValue => ({
  dtype: 'int64',
  shape: [values.length],
  data: BigInt64Array.from(values, BigInt),
});

const predictionIn = ({ logits, total }: { readonly [name: string]: TensorValue }): Prediction => ({
  logits: logits!.data as Float32Array,
  total: Number(total!.data[0]),
});

/** Loads both programs. Rejects with the runtime's errors. */
export async function openTextCache(runtime: Runtime, options: TextCacheOptions): Promise<TextCache> {
  const { config, source, capacity, provider, threads, prefill = {} } = options;
  const rows = Math.min(prefill.rows ?? 64, capacity);
  const load = (count: number, settings: Omit<Parameters<Runtime['load']>[1], 'provider'>): Promise<Program> =>
    runtime.load((target) => cachedModel(source, { rows: count, capacity, provider: target }), {
      ...settings,
      ...(provider && { provider }),
    });
  const step = await load(1, { purpose: 'decode', threads });
  const block = await load(rows, { purpose: prefill.prepack ? 'decode' : 'train', threads: prefill.threads });

  let own: State | null = null;
  let read: readonly number[] = [];
  let turn: Promise<unknown> = Promise.resolve();

  async function stateNow(): Promise<State> {
    if (options.state) return options.state;
    own ??= await runtime.createState(cacheTensors(config, { capacity }), 'The cache of the text');
    return own;
  }

  /** Reads tokens from `from` on, as many as one run takes; says how many of the text are read then. */
  async function run(tokens: readonly number[], from: number): Promise<Prediction & { readonly end: number }> {
    const state = await stateNow();
    if (tokens.length - from < stepwise) {
      const feeds = { tokens: int64(tokens.slice(from, from + 1)), position: int64([from]) };
      return { end: from + 1, ...predictionIn(await step.run({ state, feeds })) };
    }
    // Near the end of the cache a block begins earlier, and reads some tokens again.
    const start = Math.min(from, capacity - rows);
    const given = tokens.slice(start, start + rows);
    const padded = [...given, ...new Array<number>(rows - given.length).fill(0)];
    const feeds = { tokens: int64(padded), position: int64([start]), last: int64([given.length - 1]) };
    return { end: start + given.length, ...predictionIn(await block.run({ state, feeds })) };
  }

  async function predict(tokens: readonly number[], signal?: AbortSignal): Promise<Prediction> {
    if (tokens.length === 0 || tokens.length > capacity) {
      throw new RangeError(`${tokens.length} tokens were given; the cache takes 1 to ${capacity}.`);
    }
    let known = 0;
    while (known < tokens.length - 1 && known < read.length && tokens[known] === read[known]) known++;
    for (;;) {
      signal?.throwIfAborted();
      read = tokens.slice(0, known);
      const { end, logits, total } = await run(tokens, known);
      known = end;
      read = tokens.slice(0, known);
      if (known === tokens.length) return { logits, total };
    }
  }

  return {
    capacity,
    get provider() {
      return step.provider;
    },
    get fallbackReason() {
      return step.fallbackReason;
    },
    predict(tokens, signal) {
      const result = turn.then(() => predict(tokens, signal));
      turn = result.catch((error) => {
        // A state of our own comes back, empty, with the next call.
        read = [];
        if (error instanceof StateLostError || error instanceof RuntimeStoppedError) own = null;
      });
      return result;
    },
    forget() {
      turn = turn.then(() => {
        read = [];
      });
    },
    async dispose() {
      await turn;
      await Promise.all([step.dispose(), block.dispose(), own?.dispose()]);
    },
  };
}
