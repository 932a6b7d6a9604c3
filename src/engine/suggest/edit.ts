import type { Episode } from '../../protocol/episode.ts';
import type { ClientRequests, Failure, Params, Result } from '../../protocol/rpc.ts';
import { redactSecrets } from '../workspace/redact.ts';
import { gatherContext } from './context.ts';
import { armOf } from './control.ts';
import { openDocument, type SuggestState, storedPrefix, storedSuffix, windowAround } from './deps.ts';
import { earlierTurns } from './earlierTurns.ts';
import { ordered, orderNote, type Proposal } from './editOrder.ts';
import { forPrompt, type Refusal } from './examples.ts';
import { openFence } from './filters/codeFence.ts';
import { filterEdit } from './filters/pipeline.ts';
import { cancelled, type Generated, generate } from './generate.ts';
import { detectIndentUnit, type Place, rangeOf, toLf } from './place.ts';
import { chatPrompt } from './prompt.ts';
import { redactPlace, restoreSecrets } from './redactPlace.ts';
import { isRefused } from './refusals.ts';
import { Tracer } from './trace.ts';

type ProposeParams = Params<ClientRequests, 'proposeEdit'>;
type ProposeResult = Result<ClientRequests, 'proposeEdit'>;
export type OnEditProgress = (candidate: number, text: string, done: boolean) => void;

/** The first close to the likeliest answer, the others far enough from it to differ. */
const temperatures = [0.2, 0.7, 0.9, 1, 1];
/** A requested edit is waited for: its prompt may be this many times as long as an inline one. */
const contextFactor = 4;
const leastAnswerTokens = 512;

/** Several proposals for a part of a document, streamed. Expected failures are values. */
export async function proposeEdit(
  state: SuggestState,
  params: ProposeParams,
  onProgress: OnEditProgress,
  signal: AbortSignal,
): Promise<ProposeResult> {
  const { options, config } = state;
  const tracer = new Tracer({ clock: options.clock, kind: 'edit', file: '' });
  const fail = (failure: Failure): ProposeResult => {
    options.traces.add(tracer.finish(`failed: ${failure.reason}`, null));
    return { ok: false, failure };
  };
  const opened = openDocument(state, params.uri, params.version);
  if (!opened.ok) return fail(opened.failure);
  const { document } = opened;
  tracer.file = document.file;
  const { text } = document;
  if (params.start > params.end || params.end > text.length) return fail(beyondTheEnd);
  const range = rangeOf(text, params.start, params.end);
  const place: Place = {
    ...windowAround(text, params.start, params.end),
    before: toLf(text.slice(params.start, params.end)),
    languageId: document.languageId,
    file: document.file,
    indentUnit: detectIndentUnit(text.slice(0, 50_000), document.languageId),
  };
  const redacted = redactPlace(place);
  if (redacted.insideSecret) return fail(insideSecret);
  const choice = await options.models.edit(signal);
  if (!choice.ok) return fail(choice.failure);
  const { model } = choice;
  tracer.model = model.id;
  if (!model.capabilities.chat) return fail(cannotRead(model.label));
  const instruction = redactSecrets(params.instruction).text;
  const arm = armOf(state, document.file, range.startLine);
  const gathering = { document, place: redacted, instruction, wide: true, remember: arm !== 'control' };
  const context = await gatherContext(state, gathering, tracer, signal);
  const counter = options.counter(model.id);
  await counter.ready();
  const answerTokens = leastAnswerTokens + 2 * counter.count(redacted.before);
  const room = model.contextTokens - answerTokens;
  const earlier = earlierTurns(params.followUpOf, (id) => options.store.get(id)?.episode ?? null);
  const told = { ...context, examples: forPrompt(context.examples, config.examples, options.clock.now()) };
  const count = (piece: string) => counter.count(piece);
  let prompt = chatPrompt(told, instruction, earlier, Math.min(room, contextFactor * config.contextTokens), count);
  if (!prompt.ok) prompt = chatPrompt(told, instruction, earlier, room, count);
  if (!prompt.ok) return fail(tooLong(model.label));
  tracer.prompt = prompt.messages.map(({ role, content }) => `[${role}]\n${content}`).join('\n\n');
  tracer.step('prompt', `${prompt.examples.length} examples, ${prompt.tokens} tokens`);
  const { messages } = prompt;
  const generated = await Promise.all(
    temperatures.slice(0, config.candidates).map(async (temperature, index) => {
      const onText = (soFar: string) => onProgress(index, openFence(soFar), false);
      const one = await generate(
        model,
        { kind: 'chat', messages: [...messages], maxTokens: answerTokens, temperature },
        signal,
        { onText },
      );
      // The line break makes a last line whole.
      onProgress(index, one.ok ? openFence(`${one.answer.text}\n`).replace(/\n$/, '') : '', true);
      return one;
    }),
  );
  if (signal.aborted) return fail(cancelled);
  const answers = generated.flatMap((one) => (one.ok ? [one.answer] : []));
  tracer.step('model', `${answers.length} of ${generated.length} answered`);
  tracer.answers.push(...answers.map((answer) => redactSecrets(answer.text).text));
  if (answers.length === 0) return fail(firstFailure(generated));
  const cleaned = clean(state, answers, place, redacted, context.refusals);
  const kept = cleaned.filter(({ candidate }) => candidate.droppedBy === undefined);
  const examples = prompt.examples.map(({ episodeId, similarity }) => ({ episodeId, similarity }));
  const drafted: Episode = {
    id: options.ids(),
    at: options.clock.now(),
    requestedAt: tracer.requestedAt,
    kind: 'edit',
    file: document.file,
    languageId: document.languageId,
    range,
    instruction,
    prefix: storedPrefix(redacted.prefix),
    before: redacted.before,
    suffix: storedSuffix(redacted.suffix),
    candidates: [],
    offered: 0,
    propensity: 1,
    examples,
    ...(params.followUpOf === undefined ? {} : { followUpOf: params.followUpOf.episodeId }),
    ...(arm === 'control' ? { arm } : {}),
  };
  const { proposals, propensity, version } = ordered(state, drafted, kept, arm);
  const all = [...proposals, ...cleaned.filter((proposal) => !kept.includes(proposal))];
  tracer.candidates.push(
    ...all.map(({ candidate: { text: stored, model: by, droppedBy }, estimate }) => ({
      text: stored,
      model: by,
      ...(estimate === undefined ? {} : { chance: Math.min(1, Math.max(0, estimate)) }),
      ...(droppedBy === undefined ? {} : { droppedBy }),
    })),
  );
  if (proposals.length === 0) return fail(nothingUsable(cleaned[0]?.candidate.droppedBy ?? 'empty'));
  tracer.step('decision', orderNote(proposals, propensity, arm, version));
  const episode: Episode = {
    ...drafted,
    candidates: all.map(({ candidate }) => candidate),
    propensity,
    ...(version === null ? {} : { versions: [version] }),
  };
  options.store.addEpisode(episode);
  options.store.addEvents([
    { id: options.ids(), episodeId: episode.id, candidateId: all[0]!.candidate.id, at: episode.at, type: 'offered' },
  ]);
  options.traces.add(tracer.finish(`offered ${proposals.length} of ${generated.length}`, episode.id));
  const candidates = proposals.map(({ candidate, text: shown }) => ({
    candidateId: candidate.id,
    text: shown,
    model: candidate.model,
  }));
  return { ok: true, episodeId: episode.id, candidates, examples };
}

/** Filters the answers; equal ones become one, those refused here go behind the others but are not dropped: they were asked for. */
function clean(
  { options }: SuggestState,
  answers: readonly { readonly text: string; readonly model: string }[],
  place: Place,
  redacted: Place,
  refusals: readonly Refusal[],
): Proposal[] {
  const proposals = new Map<string, Proposal>();
  for (const { text, model } of answers) {
    const filtered = filterEdit(text, redacted);
    const restored = filtered.kept ? restoreSecrets(filtered.text, place.before) : null;
    const droppedBy = filtered.kept ? (restored === null ? 'secretsInAnswer' : undefined) : filtered.droppedBy;
    const stored = filtered.kept ? filtered.text : redactSecrets(text).text;
    if (proposals.has(`${droppedBy}\n${stored}`)) continue;
    proposals.set(`${droppedBy}\n${stored}`, {
      candidate: { id: options.ids(), text: stored, model, ...(droppedBy === undefined ? {} : { droppedBy }) },
      text: restored ?? stored,
      again: isRefused(stored, redacted, refusals),
    });
  }
  return [...proposals.values()].sort((a, b) => Number(a.again) - Number(b.again));
}

function firstFailure(generated: readonly Generated[]): Failure {
  const failures = generated.flatMap((one) => (one.ok ? [] : [one.failure]));
  return failures.find(({ reason }) => reason !== 'cancelled') ?? failures[0] ?? cancelled;
}

const beyondTheEnd: Failure = {
  reason: 'other',
  message: 'The selection is beyond the end of the document.',
  nextStep: 'Select the code again.',
};
const insideSecret: Failure = {
  reason: 'excluded',
  message: 'The selection begins or ends inside a secret.',
  nextStep: 'Select whole lines.',
};
const cannotRead = (label: string): Failure => ({
  reason: 'notConfigured',
  message: `${label} can’t follow instructions.`,
  nextStep: 'Choose a chat model for edits with “Attune: Select Model”.',
});
const tooLong = (label: string): Failure => ({
  reason: 'contextTooLong',
  message: `The selected code is too long for ${label}.`,
  nextStep: 'Select less code, or choose a model with a larger context.',
});
const nothingUsable = (droppedBy: string): Failure =>
  droppedBy === 'unchanged'
    ? {
        reason: 'malformed',
        message: 'The model gave the code back unchanged.',
        nextStep: 'Say more exactly what should change.',
      }
    : {
        reason: 'malformed',
        message: `The model’s answers were unusable (${droppedBy}).`,
        nextStep: 'Ask again, or choose another model.',
      };
