import type { Failure } from '../../protocol/rpc.ts';
import type { LanguageModel, ModelRequest } from '../models/languageModel.ts';
import type { WorkspaceModel } from '../models/workspace/model.ts';
import { openFence } from './filters/codeFence.ts';
import { type Answer, generate, inlineEnough } from './generate.ts';
import type { Place } from './place.ts';

/** A line of code with its block; longer ghost text is rarely taken whole. */
const automaticTokens = 128;
const explicitTokens = 256;
/** The first as the model is surest, the others to differ. */
const temperatures = [0, 0.5, 0.8, 1, 1];

export type InlineAnswers = { readonly answers: readonly Answer[]; readonly failure: Failure | null };

/** Fills in the place: `count` answers at once. A failure is reported only when no answer came. */
export async function inlineAnswers(
  model: LanguageModel,
  parts: {
    readonly preamble: string;
    readonly prefix: string;
    readonly suffix: string;
    readonly place: Place;
    readonly explicit: boolean;
  },
  count: number,
  signal: AbortSignal,
): Promise<InlineAnswers> {
  const { preamble, prefix, suffix, place, explicit } = parts;
  const request = (temperature: number): ModelRequest => ({
    kind: 'fillIn',
    preamble,
    prefix,
    suffix,
    languageId: place.languageId,
    file: place.file,
    maxTokens: explicit ? explicitTokens : automaticTokens,
    // A chat model may begin with an empty line or a fence: there it is read until the line is complete.
    stop: place.lines === 'one' && model.template !== 'chat' ? ['\n'] : [],
    temperature,
  });
  const enough = place.lines === 'one' ? firstLineDone : inlineEnough(suffix);
  const all = await Promise.all(
    temperatures.slice(0, count).map((temperature) => generate(model, request(temperature), signal, { enough })),
  );
  const answers = all.flatMap((one) => (one.ok && one.answer.text !== '' ? [one.answer] : []));
  const failed = all.find((one) => !one.ok);
  return { answers, failure: answers.length === 0 && failed && !failed.ok ? failed.failure : null };
}

/** Whether a whole line of code has come, politeness and fences aside. */
const firstLineDone = (text: string): boolean => /\S[^\n]*\n/.test(openFence(text));

/** Longer ghost text is rarely right to its end; the model cuts where it stops being sure. */
const localLines = 8;

/** What the workspace model says, each way on once, with its probability. */
export function localAnswers(
  model: Pick<WorkspaceModel, 'predict'>,
  parts: { readonly prefix: string; readonly suffix: string; readonly place: Place },
  count: number,
): InlineAnswers {
  const { languageId, file } = parts.place;
  const predictions = model.predict({
    prefix: parts.prefix,
    suffix: parts.suffix,
    languageId,
    file,
    maxLines: parts.place.lines === 'one' ? 1 : localLines,
    count,
  });
  const answers = predictions.map(
    ({ text, probability }): Answer => ({ text, probability, model: 'workspace', finish: 'stop' }),
  );
  return { answers, failure: null };
}
