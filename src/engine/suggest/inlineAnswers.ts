import type { ExampleUse } from '../../protocol/episode.ts';
import type { Failure } from '../../protocol/rpc.ts';
import type { LanguageModel, ModelRequest } from '../models/languageModel.ts';
import type { WorkspaceModel } from '../models/workspace/model.ts';
import { asksForDefinition, inlineEnough } from './enough.ts';
import { type Answer, generate } from './generate.ts';
import type { Place } from './place.ts';

/** A line of code with its block; longer ghost text is rarely taken whole, but for a definition that was asked for. */
const automaticTokens = 128;
const explicitTokens = 256;
const definitionTokens = 512;
/** The first as the model is surest, the others to differ, each from all others. */
export const temperatures: readonly number[] = [0, 0.4, 0.6, 0.8, 1];

export interface InlineAnswers {
  readonly answers: readonly Answer[];
  readonly failure: Failure | null;
}

/** What a model said, before any filter. */
export interface Said extends InlineAnswers {
  /** The examples that stood in the prompt. */
  readonly used: readonly ExampleUse[];
  /** For the trace. */
  readonly prompt: string;
}

/** Fills in the place: `count` answers at once. `heard` is told the first one's text so far. A failure is reported only when no answer came. */
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
  heard: (soFar: string) => void,
): Promise<InlineAnswers> {
  const { preamble, prefix, suffix, place, explicit } = parts;
  const request = (temperature: number): ModelRequest => ({
    kind: 'fillIn',
    preamble,
    prefix,
    suffix,
    languageId: place.languageId,
    file: place.file,
    maxTokens: asksForDefinition(place) ? definitionTokens : explicit ? explicitTokens : automaticTokens,
    // A chat model may begin with an empty line or a fence: there it is read until the line is complete.
    stop: place.lines === 'one' && model.template !== 'chat' ? ['\n'] : [],
    temperature,
  });
  const enough = inlineEnough(place);
  const all = await Promise.all(
    temperatures
      .slice(0, count)
      .map((temperature, index) =>
        generate(model, request(temperature), signal, { enough, ...(index === 0 ? { onText: heard } : {}) }),
      ),
  );
  const answers = all.flatMap((one) => (one.ok && one.answer.text !== '' ? [one.answer] : []));
  const failed = all.find((one) => !one.ok);
  return { answers, failure: answers.length === 0 && failed && !failed.ok ? failed.failure : null };
}

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
