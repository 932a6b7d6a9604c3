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

/** Far more than the tokens of any language have; only what goes past every limit is cut. */
const mostCharactersPerToken = 32;

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
  let text = '';
  const answer = (finish: Answer['finish'], probability?: number): Generated => ({
    ok: true,
    answer: { text, model: model.id, finish, ...(probability === undefined ? {} : { probability }) },
  });
  for await (const chunk of model.stream(request, AbortSignal.any([signal, stop.signal]))) {
    if (signal.aborted) return { ok: false, failure: cancelled };
    switch (chunk.type) {
      case 'text':
        text += chunk.text;
        options.onText?.(text);
        // A server may take no notice of the limit, and write without end.
        if (text.length > request.maxTokens * mostCharactersPerToken) {
          stop.abort();
          return answer('length');
        }
        if (options.enough?.(text)) {
          stop.abort();
          return answer('enough');
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

/** Ghost text of more lines than this is not read, it is scrolled past. */
const mostLines = 20;

/** Tells when reading on can't change an inline offer: far enough, or arrived at the code that already follows. */
export function inlineEnough(suffix: string): (text: string) => boolean {
  const next = suffix
    .split('\n')
    .slice(1)
    .find((line) => line.trim().length >= 8)
    ?.trim();
  return (text) => {
    const lines = text.split('\n');
    if (lines.length > mostLines) return true;
    // The last line is still growing; only finished ones are compared.
    return next !== undefined && lines.length > 2 && lines.at(-2)!.trim() === next;
  };
}
