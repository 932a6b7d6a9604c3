import type { ExampleUse } from '../../protocol/episode.ts';
import type { ClientRequests, Params, Result } from '../../protocol/rpc.ts';
import { drawFor, untaughtChance } from '../learn/acceptance.ts';
import type { Decision as AcceptanceDecision } from '../learn/decisions.ts';
import type { LanguageModel } from '../models/languageModel.ts';
import { gatherContext } from './context.ts';
import { type Considered, decide, type Rule, thresholds, unknownProbability } from './decide.ts';
import { openDocument, type SuggestState, storedPrefix } from './deps.ts';
import { forPrompt } from './examples.ts';
import { filterInline } from './filters/pipeline.ts';
import { inlineAnswers, localAnswers } from './inlineAnswers.ts';
import { inlineEpisode, itemsOf, logOffer, logSilence, type Made, type Spot, spotOf } from './inlineEpisode.ts';
import { memoryVotes } from './memoryVotes.ts';
import { linesFor } from './multiline.ts';
import { isWordChar, linePrefix, type Place, restOfLine, squash, toLf } from './place.ts';
import { fillInPrompt, type PromptContext } from './prompt.ts';
import { redactPlace } from './redactPlace.ts';
import { isRefused } from './refusals.ts';
import { Tracer } from './trace.ts';

type SuggestParams = Params<ClientRequests, 'suggest'>;
type SuggestResult = Result<ClientRequests, 'suggest'>;

/** Two requests may run: the newest, and the one before it. */
const mostAlive = 2;
/** Besides the first, what the editor can step through. */
const mostOffered = 3;
/** Kept free of the model's context for the answer and the template's own tokens. */
const reservedTokens = 300;

/** One inline suggestion: from the cache, or from the memory and the model. Expected failures are silence with a reason. */
export async function suggestInline(
  state: SuggestState,
  params: SuggestParams,
  outer: AbortSignal,
): Promise<SuggestResult> {
  const { options } = state;
  const tracer = new Tracer({ clock: options.clock, kind: 'inline', file: '' });
  const silent = (silence: string): SuggestResult => {
    options.traces.add(tracer.finish(`silence: ${silence}`));
    return { episodeId: null, items: [], silence };
  };
  const opened = openDocument(state, params.uri, params.version);
  if (!opened.ok) return silent(opened.failure.message);
  const { text, file } = opened.document;
  tracer.file = file;
  if (params.offset > text.length) return silent('The cursor is beyond the end of the document.');
  const spot = spotOf(opened.document, params.offset, params.selectedCompletion ?? '');
  const inWord = isWordChar(linePrefix(spot.place).at(-1)) && isWordChar(restOfLine(spot.place)[0]);
  if (params.trigger === 'automatic' && inWord) return silent('The cursor is inside a word.');
  const isQuiet = () => params.trigger === 'automatic' && state.rejections.isQuiet(params.uri, params.offset);
  if (isQuiet()) return silent(justTurnedDown);

  const where = { uri: params.uri, text, offset: params.offset, now: options.clock.now() };
  const cacheable = params.selectedCompletion === undefined;
  const again = cacheable ? state.offers.find(where) : null;
  tracer.step('cache', again === null ? 'nothing that fits' : `${again.candidates.length} candidates`);
  if (again !== null) {
    options.traces.add(tracer.finish(`offered ${again.candidates[0]!.candidateId} again`));
    return { episodeId: again.episodeId, items: itemsOf(again, spot) };
  }

  const own = new AbortController();
  while (state.alive.length >= mostAlive) state.alive.shift()!.abort();
  state.alive.push(own);
  const signal = AbortSignal.any([outer, own.signal]);
  try {
    const made = await makeOffer(state, params, spot, tracer, signal);
    if (typeof made === 'string') return silent(made);
    // An offer must fit the document as it is now, not as it was.
    if (signal.aborted || options.documents.get(params.uri)?.version !== params.version) return silent(typingWentOn);
    // Turned down while the model was still thinking.
    if (isQuiet()) return silent(justTurnedDown);
    const { episode, offer } = made;
    if (offer === null) return silent(logSilence(state, episode));
    logOffer(state, episode);
    state.rejections.offered(episode.id, { uri: params.uri, offset: params.offset - spot.begun.length });
    if (cacheable) state.offers.add(offer, where);
    options.traces.add(tracer.finish(`offered ${offer.candidates[0]!.candidateId} of ${episode.candidates.length}`));
    return { episodeId: episode.id, items: itemsOf(offer, spot) };
  } finally {
    const at = state.alive.indexOf(own);
    if (at !== -1) state.alive.splice(at, 1);
  }
}

const justTurnedDown = 'You just turned something down on this line.';
const typingWentOn = 'Typing went on.';

/** Asks memory and model, filters and decides; a string says why there was nothing to decide. */
async function makeOffer(
  state: SuggestState,
  params: SuggestParams,
  spot: Spot,
  tracer: Tracer,
  signal: AbortSignal,
): Promise<Made | string> {
  const { options } = state;
  const chosen = linesFor(spot.place, params.trigger);
  const place: Place = { ...spot.place, lines: chosen.lines, recentEdits: justEdited(state, spot.place.file) };
  tracer.step('lines', `${chosen.lines}: ${chosen.why}`);
  const redacted = redactPlace(place);
  if (redacted.insideSecret) return 'The cursor is inside a secret.';
  const document = options.documents.get(params.uri)!;
  const choice = await options.models.inline();
  const wide = choice.ok && !isLocal(choice.model.id);
  const context = await gatherContext(state, { document, place: redacted, instruction: '', wide }, tracer, signal);
  const votes = memoryVotes(context.examples, place).map((vote) => ({
    ...vote,
    considered: clean({ text: vote.text, model: 'memory', probability: vote.probability }, place),
  }));
  const asked = choice.ok
    ? await askModel(state, choice.model, { context, place, explicit: params.trigger === 'explicit' }, tracer, signal)
    : { considered: [], used: [], failure: choice.failure };
  if (signal.aborted) return typingWentOn;
  const considered = [...votes.map((vote) => vote.considered), ...asked.considered];
  if (considered.length === 0) return asked.failure?.message ?? 'No candidate.';
  const start = { uri: params.uri, offset: params.offset - spot.begun.length };
  const followed = state.rejections.followed(start.uri);
  const refusals = context.refusals.filter(({ episodeId, rated }) => rated || !followed.has(episodeId));
  const turnedDown = ({ text }: Considered): boolean =>
    isRefused(text, place, refusals, context.examples) ||
    (state.config.examples > 0 &&
      state.rejections.holds(start.uri, { text: spot.selected + text, offset: start.offset }));
  const judged = considered.map((one) =>
    one.droppedBy === undefined && turnedDown(one) ? { ...one, droppedBy: 'refused' } : one,
  );
  const threshold = thresholds[params.trigger];
  const decision = decide(judged, { threshold, most: mostOffered, ...showRule(state, params.trigger, spot, redacted) });
  tracer.step('decision', `best ${decision.best.toFixed(2)}, threshold ${threshold}`);
  // An example counts as used when it stood in the prompt or spoke for what is offered.
  const used = new Map<string, ExampleUse>(asked.used.map((use) => [use.episodeId, use]));
  for (const vote of votes) {
    if (!decision.offer.some(({ text }) => text === vote.considered.text)) continue;
    for (const use of vote.episodes) used.set(use.episodeId, use);
  }
  return inlineEpisode(state, spot, redacted, decision, [...used.values()]);
}

/** What is put back right after it was taken out was not forgotten. */
const momentMs = 60_000;
const mostJustEdited = 5;

function justEdited({ options }: SuggestState, file: string): NonNullable<Place['recentEdits']> {
  const now = options.clock.now();
  return options.documents
    .recentEdits(now, 4 * mostJustEdited)
    .filter((edit) => edit.file === file && now - edit.at <= momentMs)
    .slice(0, mostJustEdited)
    .map(({ before, after }) => ({ before: toLf(before), after: toLf(after) }));
}

/** How likely a candidate is to be taken here. Asked for by hand, everything that the model believes in may come. */
function showRule(
  { gate, config, options }: SuggestState,
  trigger: SuggestParams['trigger'],
  { line, selected }: Spot,
  redacted: Place,
): Pick<Rule, 'chance' | 'draw'> {
  if (trigger === 'explicit') return { chance: ({ probability }) => probability ?? unknownProbability, draw: () => 1 };
  const { file, languageId } = redacted;
  const prefix = storedPrefix(redacted.prefix.slice(0, redacted.prefix.length - selected.length));
  const at = options.clock.now();
  const chance = config.examples === 0 ? untaughtChance : (decision: AcceptanceDecision) => gate.chance(decision);
  return {
    chance: ({ text, model, probability = null }, rival) =>
      chance({ id: null, at, file, languageId, line, prefix, text: selected + text, model, probability, rival }),
    draw: ({ text }) => drawFor(options.seed ?? 0, `${file}\n${squash(linePrefix({ prefix }) + selected + text)}`),
  };
}

/** The workspace model reads the file only: it has learnt the rest already. */
const isLocal = (modelId: string): boolean => modelId === 'workspace';

interface Asked {
  readonly considered: readonly Considered[];
  /** The examples that stood in the prompt. */
  readonly used: readonly ExampleUse[];
  readonly failure: { readonly message: string } | null;
}

async function askModel(
  state: SuggestState,
  model: LanguageModel,
  asking: { readonly context: PromptContext; readonly place: Place; readonly explicit: boolean },
  tracer: Tracer,
  signal: AbortSignal,
): Promise<Asked> {
  const { config, options } = state;
  const { context, place, explicit } = asking;
  const local = isLocal(model.id);
  const counter = options.counter(model.id);
  const budget = Math.min(config.contextTokens, model.contextTokens - reservedTokens);
  const told = { ...context, examples: forPrompt(context.examples, config.examples) };
  const prompt = local
    ? { preamble: '', prefix: context.prefix, suffix: context.suffix, examples: [] }
    : fillInPrompt(
        told,
        budget,
        state.lineCounts.over((text) => counter.count(text)),
      );
  tracer.model = model.id;
  tracer.prompt = `${prompt.preamble}${prompt.prefix}▮${prompt.suffix}`;
  tracer.step('prompt', `${prompt.examples.length} examples`);
  const parts = { preamble: prompt.preamble, prefix: prompt.prefix, suffix: prompt.suffix, place, explicit };
  const { answers, failure } = local
    ? localAnswers(options.workspaceModel, parts, config.candidates)
    : await inlineAnswers(model, parts, explicit ? config.candidates : 1, signal);
  tracer.step('model', failure === null ? `${answers.length} answers` : failure.message);
  tracer.answers.push(...answers.map(({ text }) => text));
  return {
    considered: answers.map((answer) => clean(answer, place)),
    used: prompt.examples.map(({ episodeId, similarity }) => ({ episodeId, similarity })),
    failure,
  };
}

function clean(
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
