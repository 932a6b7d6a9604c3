import type { FimTemplateName } from '../../protocol/config.ts';
import type { Failure } from '../../protocol/rpc.ts';
import type { Clock } from '../clock.ts';
import { MalformedAnswer } from './errors.ts';
import { toFailure } from './failure.ts';
import type { LanguageModel, ModelRequest } from './languageModel.ts';

/** What one completion showed. Times are from the request on, in milliseconds; without text both are the total. */
export type TestResult =
  | {
      readonly ok: true;
      readonly text: string;
      readonly firstTokenMs: number;
      readonly totalMs: number;
      readonly template: FimTemplateName;
      readonly usage?: { promptTokens: number; completionTokens: number };
    }
  | { readonly ok: false; readonly failure: Failure };

/** A gap with one sensible filling, so that a wrong template shows at once. Holds nothing of the user's. */
const sample: ModelRequest = {
  kind: 'fillIn',
  preamble: '',
  prefix:
    'def fibonacci(n):\n    """Return the n-th Fibonacci number."""\n    if n < 2:\n        return n\n    return ',
  suffix: '\n\n\nprint([fibonacci(n) for n in range(10)])\n',
  languageId: 'python',
  file: 'fibonacci.py',
  maxTokens: 64,
  stop: ['\n\n'],
  temperature: 0,
};

/** Has a model fill a gap, and takes the time. */
export async function testModel(model: LanguageModel, clock: Clock, signal: AbortSignal): Promise<TestResult> {
  const startedAt = clock.now();
  let text = '';
  let firstAt: number | null = null;
  for await (const chunk of model.stream(sample, signal)) {
    switch (chunk.type) {
      case 'text':
        firstAt ??= clock.now();
        text += chunk.text;
        break;
      case 'end': {
        const endedAt = clock.now();
        return {
          ok: true,
          text,
          firstTokenMs: (firstAt ?? endedAt) - startedAt,
          totalMs: endedAt - startedAt,
          template: model.template,
          ...(chunk.usage ? { usage: { ...chunk.usage } } : {}),
        };
      }
      case 'failed':
        return { ok: false, failure: chunk.failure };
    }
  }
  const context = { source: 'vscode', address: '', model: model.label, nowMs: clock.now(), hide: [] } as const;
  return { ok: false, failure: toFailure(new MalformedAnswer('cut'), context) };
}
