import type { Failure } from '../../protocol/rpc.ts';
import { MalformedAnswer, Silence } from './errors.ts';
import { cancelledFailure } from './failure.ts';
import type { ModelChunk } from './languageModel.ts';

export interface GuardOptions {
  readonly signal: AbortSignal;
  /** Longest silence before the first piece of the answer. */
  readonly firstMs: number;
  /** Longest silence between two pieces. */
  readonly nextMs: number;
  readonly toFailure: (error: unknown) => Failure;
}

/** What a model's own code gets: a signal to hand to the network, and a way to say that the server is alive. */
export interface Guard {
  readonly signal: AbortSignal;
  /** Something came that is no text yet, such as a thought or a role: the silence starts anew. */
  heard(): void;
}

/**
 * Holds a model to the contract of `LanguageModel.stream`: exactly one `end` or `failed`, nothing thrown, the connection
 * closed when the caller aborts, stops reading, or the server keeps silent. Only time spent waiting for the server counts.
 */
export async function* guarded(
  { signal, firstMs, nextMs, toFailure }: GuardOptions,
  run: (guard: Guard) => AsyncIterator<ModelChunk>,
): AsyncGenerator<ModelChunk, void, undefined> {
  if (signal.aborted) {
    yield { type: 'failed', failure: cancelledFailure };
    return;
  }
  const controller = new AbortController();
  const cancel = (): void => controller.abort();
  signal.addEventListener('abort', cancel, { once: true });
  const stopped = new Promise<'stopped'>((resolve) => {
    controller.signal.addEventListener('abort', () => resolve('stopped'), { once: true });
  });
  const state: { phase: Silence['phase']; silence: Silence | null } = { phase: 'first', silence: null };
  let timer: NodeJS.Timeout | undefined;
  const wait = (): void => {
    clearTimeout(timer);
    const ms = state.phase === 'first' ? firstMs : nextMs;
    timer = setTimeout(() => {
      state.silence = new Silence(state.phase, ms);
      controller.abort();
    }, ms);
  };

  let failure: Failure | null = null;
  let iterator: AsyncIterator<ModelChunk> | undefined;
  try {
    iterator = run({ signal: controller.signal, heard: wait });
    for (;;) {
      wait();
      const next = iterator.next();
      // Whoever loses the race is settled later, when the connection has closed.
      next.catch(() => {});
      const step = await Promise.race([next, stopped]);
      clearTimeout(timer);
      if (step === 'stopped' || controller.signal.aborted) break;
      if (step.done) {
        failure = toFailure(new MalformedAnswer('cut'));
        break;
      }
      const chunk = step.value;
      if (chunk.type === 'text') {
        state.phase = 'next';
        if (chunk.text !== '') yield chunk;
        continue;
      }
      yield chunk;
      return;
    }
  } catch (error) {
    if (!controller.signal.aborted) failure = toFailure(error);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', cancel);
    controller.abort();
    iterator?.return?.().catch(() => {});
  }
  yield { type: 'failed', failure: failure ?? (state.silence ? toFailure(state.silence) : cancelledFailure) };
}
