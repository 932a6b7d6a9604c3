/** Tokens one after the other, as they are made. */
import type { Random } from '../nn/weights.ts';
import { checkSampling, type SampledToken, type Sampling, sampleToken } from './sampling.ts';
import type { TextCache } from './textCache.ts';

/** A prompt that the cache has no room for, where the caller wants no other. */
export class PromptTooLongError extends Error {
  override readonly name = 'PromptTooLongError';
  readonly tokens: number;
  readonly room: number;

  constructor(tokens: number, room: number) {
    super(`The prompt has ${tokens} tokens; there is room for ${room}. Shorten it, or ask for fewer new tokens.`);
    this.tokens = tokens;
    this.room = room;
  }
}

export interface StreamOptions extends Sampling {
  /** At least 1. */
  readonly maxTokens: number;
  /** What decides, one number a token. */
  readonly random: Random;
  /** Each ends the text, and is its last token. */
  readonly stopTokens?: readonly number[];
  /** A prompt too long for `maxTokens` more is an error, or loses its first tokens. An error by default. */
  readonly longPrompt?: 'error' | 'truncate';
  /** Looked at between runs. */
  readonly signal?: AbortSignal;
}

/** `stop`: a stop token came; `length`: maxTokens did. */
export type StreamEnd = 'stop' | 'length';

/**
 * What is left of a prompt of `length` tokens: from which on. More are cut than need be, in steps: the next prompt, a little
 * longer, then begins alike, and most of it is in the cache.
 */
export function truncationStart(length: number, room: number): number {
  const step = Math.max(1, Math.floor(room / 4));
  return length <= room ? 0 : Math.ceil((length - room) / step) * step;
}

/**
 * The tokens after `prompt` (1 or more). Throws a RangeError for settings that make no sense, PromptTooLongError, the runtime's
 * errors, or the signal's reason.
 */
export async function* stream(
  cache: TextCache,
  prompt: readonly number[],
  options: StreamOptions,
): AsyncGenerator<SampledToken, StreamEnd> {
  const { maxTokens, random, stopTokens = [], longPrompt = 'error', signal } = options;
  checkSampling(options);
  // The last new token is not read.
  const room = cache.capacity - maxTokens + 1;
  if (!(maxTokens >= 1 && room >= 1)) {
    throw new RangeError(`${maxTokens} new tokens were asked for; the cache allows 1 to ${cache.capacity}.`);
  }
  if (prompt.length > room && longPrompt === 'error') throw new PromptTooLongError(prompt.length, room);
  const text = prompt.slice(truncationStart(prompt.length, room));
  for (let made = 0; made < maxTokens; made++) {
    const sampled = sampleToken(await cache.predict(text, signal), options, random());
    yield sampled;
    if (stopTokens.includes(sampled.token)) return 'stop';
    text.push(sampled.token);
  }
  return 'length';
}
