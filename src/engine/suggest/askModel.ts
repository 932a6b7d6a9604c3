/** What the inline model says at a place: asked now, or a moment ago while the same text was typed. */
import type { ExampleUse } from '../../protocol/episode.ts';
import type { Failure } from '../../protocol/rpc.ts';
import type { LanguageModel } from '../models/languageModel.ts';
import { redactSecrets } from '../workspace/redact.ts';
import type { Considered } from './decide.ts';
import type { SuggestState } from './deps.ts';
import { forPrompt } from './examples.ts';
import { filterInline } from './filters/pipeline.ts';
import type { At } from './inFlight.ts';
import { inlineAnswers, localAnswers, type Said } from './inlineAnswers.ts';
import type { Place } from './place.ts';
import { fillInPrompt, type PromptContext } from './prompt.ts';
import type { Tracer } from './trace.ts';

/** Kept free of the model's context for the answer and the template's own tokens. */
const reservedTokens = 300;

/** The workspace model reads the file only: it has learnt the rest already. */
export const isLocal = (modelId: string): boolean => modelId === 'workspace';

export interface Asked {
  readonly considered: readonly Considered[];
  readonly used: readonly ExampleUse[];
  readonly failure: { readonly message: string } | null;
}

export interface ToAsk {
  readonly context: PromptContext;
  readonly place: Place;
  readonly explicit: boolean;
  /** Null: what the suggest widget would insert is taken for typed, so that nobody else asks the same. */
  readonly at: At | null;
}

export async function askModel(
  state: SuggestState,
  model: LanguageModel,
  asking: ToAsk,
  tracer: Tracer,
  signal: AbortSignal,
): Promise<Asked> {
  tracer.model = model.id;
  const said = isLocal(model.id)
    ? askLocal(state, asking)
    : ((await joined(state, asking, tracer, signal)) ?? (await askRemote(state, model, asking, tracer, signal)));
  const { answers, failure, used, prompt } = said;
  tracer.prompt = prompt;
  tracer.step('model', failure === null ? `${answers.length} answers` : failure.message);
  tracer.answers.push(...answers.map(({ text }) => redactSecrets(text).text));
  return { considered: answers.map((answer) => clean(answer, asking.place)), used, failure };
}

function askLocal({ options, config }: SuggestState, { context, place }: ToAsk): Said {
  const { prefix, suffix } = context;
  const answers = localAnswers(options.workspaceModel, { prefix, suffix, place }, config.candidates);
  return { ...answers, used: [], prompt: `${prefix}▮${suffix}` };
}

export const typingWentOn = 'Typing went on.';

const countOf = ({ config }: SuggestState, { explicit }: ToAsk): number =>
  explicit ? config.candidates : config.inlineCandidates;
/** It made room for a newer request, or what was typed since proved it wrong. */
const superseded: Failure = { reason: 'cancelled', message: typingWentOn, nextStep: '' };
const nothing: Said = { answers: [], failure: null, used: [], prompt: '' };

/** The rest of what a request under way brings, if it goes on as was typed since; null: the model must be asked anew. */
async function joined(state: SuggestState, asking: ToAsk, tracer: Tracer, signal: AbortSignal): Promise<Said | null> {
  const seat = asking.at === null ? null : state.inFlight.join(asking.at, countOf(state, asking));
  if (seat === null) return null;
  const { typed } = seat;
  const said = await seat.answer(signal);
  if (signal.aborted) return nothing;
  const rest = (said?.answers ?? []).flatMap((answer) =>
    answer.text.length > typed.length && answer.text.startsWith(typed)
      ? [{ ...answer, text: answer.text.slice(typed.length) }]
      : [],
  );
  const fits = rest.length > 0 || (said !== null && said.failure !== null);
  tracer.step(
    'joined',
    `${typed.length} characters later: ${fits ? `${rest.length} answers` : 'it says something else'}`,
  );
  return fits && said !== null ? { ...said, answers: rest } : null;
}

async function askRemote(
  state: SuggestState,
  model: LanguageModel,
  asking: ToAsk,
  tracer: Tracer,
  signal: AbortSignal,
): Promise<Said> {
  const { config, options, inFlight } = state;
  const { context, place, explicit, at } = asking;
  const counter = options.counter(model.id);
  const budget = Math.min(config.contextTokens, model.contextTokens - reservedTokens);
  const told = { ...context, examples: forPrompt(context.examples, config.examples, options.clock.now()) };
  const count = state.lineCounts.over((text) => counter.count(text));
  const { preamble, prefix, suffix, examples } = fillInPrompt(told, budget, count);
  tracer.step('prompt', `${examples.length} examples`);
  const parts = { preamble, prefix, suffix, place, explicit };
  const used = examples.map(({ episodeId, similarity }) => ({ episodeId, similarity }));
  const prompt = `${preamble}${prefix}▮${suffix}`;
  const wanted = countOf(state, asking);
  const seat = inFlight.start(at ?? { uri: '', text: '', offset: 0 }, {
    count: at === null ? 0 : wanted,
    run: async (flying, heard) => ({ ...(await inlineAnswers(model, parts, wanted, flying, heard)), used, prompt }),
  });
  return (await seat.answer(signal)) ?? { ...nothing, failure: superseded, used, prompt };
}

/** A text as it would be offered, or which filter dropped it. */
export function clean(
  answer: { readonly text: string; readonly model: string; readonly probability?: number },
  place: Place,
): Considered {
  const { text, model, probability } = answer;
  const known = probability === undefined ? {} : { probability: Math.max(0, Math.min(1, probability)) };
  const filtered = filterInline(text, place);
  return filtered.kept
    ? { text: filtered.text, replaces: filtered.replaces, model, ...known }
    : { text, replaces: '', model, ...known, droppedBy: filtered.droppedBy };
}
