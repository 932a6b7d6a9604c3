import type { LanguageModel, ModelChunk } from '../languageModel.ts';
import type { Prediction, PredictQuery } from './prediction.ts';

/** Most lines of one answer through this face. */
const maxLines = 8;

/** The workspace model as one language model among others: one answer, whole, with its probability. */
export function workspaceLanguageModel(predict: (query: PredictQuery) => Prediction[]): LanguageModel {
  return {
    id: 'workspace',
    label: 'Workspace model',
    capabilities: { fillInTheMiddle: true, chat: false },
    template: 'auto',
    contextTokens: 16_384,
    async *stream(request, signal): AsyncGenerator<ModelChunk> {
      if (signal.aborted) {
        yield { type: 'failed', failure: { reason: 'cancelled', message: 'The request was cancelled.', nextStep: '' } };
        return;
      }
      if (request.kind === 'chat') {
        yield {
          type: 'failed',
          failure: {
            reason: 'unavailable',
            message: 'The workspace model completes code and can’t follow instructions.',
            nextStep: 'Choose a model for edits with “Attune: Select Model”.',
          },
        };
        return;
      }
      const best = predict({ ...request, maxLines, count: 1 })[0];
      let text = best?.text ?? '';
      for (const stop of request.stop) {
        const at = stop === '' ? -1 : text.indexOf(stop);
        if (at >= 0) text = text.slice(0, at);
      }
      if (text !== '') yield { type: 'text', text };
      yield { type: 'end', finish: 'stop', ...(best === undefined ? {} : { probability: best.probability }) };
    },
  };
}
