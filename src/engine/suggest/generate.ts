import { maxTextLength } from '../../protocol/episode.ts';
import type { Failure } from '../../protocol/rpc.ts';
import type { LanguageModel, ModelRequest } from '../models/languageModel.ts';

/** What a model wrote. */
export interface Answer {
  readonly text: string;
  readonly model: string;
  readonly probability?: number;
  /** `enough`: we stopped reading. */
  readonly finish: 'stop' | 'length' | 'enough';
}

export type Generated =
  | { readonly ok: true; readonly answer: Answer }
  | { readonly ok: false; readonly failure: Failure };

export const cancelled: Failure = { reason: 'cancelled', message: 'The request was cancelled.', nextStep: '' };

/** Characters; longer ones are rare, and mostly white space. A server that heeds no limit must not fill the memory. */
const longestToken = 16;

/**
 * Reads one answer to its end, or until `enough` says that nothing more of it will be used; the connection is closed
 * either way. `onText` hears the whole text so far.
 */
export async function generate(
  model: LanguageModel,
  request: ModelRequest,
  signal: AbortSignal,
  options: { readonly onText?: (text: string) => void; readonly enough?: (text: string) => boolean } = {},
): Promise<Generated> {
  const stop = new AbortController();
  const mostCharacters = Math.min(request.maxTokens * longestToken, maxTextLength);
  let text = '';
  const answer = (finish: Answer['finish'], probability?: number): Generated => ({
    ok: true,
    answer: { text, model: model.id, finish, ...(probability === undefined ? {} : { probability }) },
  });
  for await (const chunk of model.stream(request, AbortSignal.any([signal, stop.signal]))) {
    if (signal.aborted) return { ok: false, failure: cancelled };
    switch (chunk.type) {
      case 'text':
        text = (text + chunk.text).slice(0, mostCharacters);
        options.onText?.(text);
        if (options.enough?.(text)) {
          stop.abort();
          return answer('enough');
        }
        if (text.length === mostCharacters) {
          stop.abort();
          return answer('length');
        }
        break;
      case 'end':
        return answer(chunk.finish, chunk.probability);
      case 'failed':
        return { ok: false, failure: chunk.failure };
    }
  }
  return {
    ok: false,
    failure: {
      reason: 'malformed',
      message: `${model.label} ended its answer without a word.`,
      nextStep: 'Try again.',
    },
  };
}
