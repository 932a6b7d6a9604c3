import type { InlineMode } from '../../protocol/config.ts';
import type { ExampleUse } from '../../protocol/episode.ts';
import type { ClientRequests, Params, Result, Trace } from '../../protocol/rpc.ts';
import { nearestOf } from '../learn/features/offerable.ts';
import { redactSecrets } from '../workspace/redact.ts';
import { askModel, clean, isLocal, type ToAsk, typingWentOn } from './askModel.ts';
import { chooser } from './chooser.ts';
import { gatherContext } from './context.ts';
import { type Arm, armOf } from './control.ts';
import { type Considered, type Decided, type Decision, decide, thresholdFor } from './decide.ts';
import { openDocument, type SuggestState } from './deps.ts';
import { inlineEpisode, itemsOf, layOut, logOffer, logSilence, type Made, type Spot, spotOf } from './inlineEpisode.ts';
import { memoryVotes } from './memoryVotes.ts';
import { linesFor } from './multiline.ts';
import { isWordChar, linePrefix, type Place, restOfLine, toLf } from './place.ts';
import { redactPlace } from './redactPlace.ts';
import { isRefused } from './refusals.ts';
import { Tracer } from './trace.ts';

type SuggestParams = Params<ClientRequests, 'suggest'>;
type SuggestResult = Result<ClientRequests, 'suggest'>;

/** Besides the first, what the editor can step through. */
const mostOffered = 3;

/** One inline suggestion: from the cache, or from the memory and the model. Expected failures are silence with a reason. */
export async function suggestInline(
  state: SuggestState,
  params: SuggestParams,
  signal: AbortSignal,
): Promise<SuggestResult> {
  const { options } = state;
  const tracer = new Tracer({ clock: options.clock, kind: 'inline', file: '' });
  const silent = (silence: string, episodeId: string | null = null): SuggestResult => {
    options.traces.add(tracer.finish(`silence: ${silence}`, episodeId));
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
  const mode = params.mode ?? 'normal';
  const threshold = thresholdFor(params.trigger, mode);
  if (threshold === null) return silent('Only when asked for.');
  const asked = { ...params, threshold, mode };
  const isQuiet = () => params.trigger === 'automatic' && state.rejections.isQuiet(params.uri, params.offset);
  if (isQuiet()) return silent(justTurnedDown);

  // What one mode offered is not what another would.
  const where = { uri: `${mode} ${params.uri}`, text, offset: params.offset, now: options.clock.now() };
  const cacheable = params.selectedCompletion === undefined;
  const again = cacheable ? state.offers.find(where) : null;
  tracer.step('cache', again === null ? 'nothing that fits' : `${again.candidates.length} candidates`);
  if (again !== null) {
    options.traces.add(tracer.finish(`offered ${again.candidates[0]!.candidateId} again`, again.episodeId));
    return { episodeId: again.episodeId, items: itemsOf(again, spot) };
  }

  const made = await makeOffer(
    state,
    asked,
    { spot, at: cacheable ? { ...where, uri: params.uri } : null },
    tracer,
    signal,
  );
  if (typeof made === 'string') return silent(made);
  // An offer must fit the document as it is now, not as it was.
  if (signal.aborted || options.documents.get(params.uri)?.version !== params.version) return silent(typingWentOn);
  // Turned down while the model was still thinking.
  if (isQuiet()) return silent(justTurnedDown);
  const { episode, offer } = made;
  if (offer === null) {
    const { silence, logged } = logSilence(state, episode);
    return silent(silence, logged ? episode.id : null);
  }
  state.afterAnswer(() => {
    // What makes room in a full memory empties the cache: the offer goes in afterwards.
    logOffer(state, episode);
    if (cacheable) state.offers.add(offer, where);
  });
  state.rejections.offered(episode.id, { uri: params.uri, offset: params.offset - spot.begun.length });
  const { candidateId } = offer.candidates[0]!;
  options.traces.add(tracer.finish(`offered ${candidateId} of ${episode.candidates.length}`, episode.id));
  return { episodeId: episode.id, items: itemsOf(offer, spot) };
}

const justTurnedDown = 'You just turned something down on this line.';

/** A request with what its mode means. */
interface ModedParams extends SuggestParams {
  readonly threshold: number;
  readonly mode: InlineMode;
}

/** Asks memory and model, filters and decides; a string says why there was nothing to decide. */
async function makeOffer(
  state: SuggestState,
  params: ModedParams,
  { spot, at }: { readonly spot: Spot; readonly at: ToAsk['at'] },
  tracer: Tracer,
  signal: AbortSignal,
): Promise<Made | string> {
  const { options } = state;
  const { requestedAt } = tracer;
  const { threshold, mode } = params;
  const chosen = linesFor(spot.place, params.trigger, mode);
  const place: Place = { ...spot.place, lines: chosen.lines, recentEdits: justEdited(state, spot.place.file) };
  tracer.step('lines', `${chosen.lines}: ${chosen.why}`);
  const redacted = redactPlace(place);
  if (redacted.insideSecret) return 'The cursor is inside a secret.';
  const document = options.documents.get(params.uri)!;
  const arm = armOf(state, place.file, spot.line);
  const choice = await options.models.inline();
  if (choice.ok) choice.model.expect?.();
  const wide = choice.ok && !isLocal(choice.model.id);
  const gathering = { document, place: redacted, instruction: '', wide, remember: arm !== 'control' };
  const context = await gatherContext(state, gathering, tracer, signal);
  const votes = memoryVotes(context.examples, place).map((vote) => ({
    ...vote,
    considered: clean({ text: vote.text, model: 'memory', probability: vote.probability }, place),
  }));
  const asked = choice.ok
    ? await askModel(
        state,
        choice.model,
        { context, place, explicit: params.trigger === 'explicit', at: at && { ...at, arm } },
        tracer,
        signal,
      )
    : { considered: [], used: [], failure: choice.failure };
  if (signal.aborted) return typingWentOn;
  const considered = [...votes.map((vote) => vote.considered), ...asked.considered];
  if (considered.length === 0) return asked.failure?.message ?? 'No candidate.';
  const start = { uri: params.uri, offset: params.offset - spot.begun.length };
  const followed = state.rejections.followed(start.uri);
  const refusals = context.refusals.filter(({ episodeId, rated }) => rated || !followed.has(episodeId));
  // Without memory a text may come back anywhere but where it was just turned down.
  const reach = arm === 'control' ? 'line' : 'scope';
  const turnedDown = ({ text }: Considered): boolean =>
    isRefused(text, place, refusals, context.examples) ||
    (state.config.examples > 0 &&
      state.rejections.holds(start.uri, { text: spot.selected + text, offset: start.offset }, reach));
  const judged = considered.map((one) =>
    one.droppedBy === undefined && turnedDown(one) ? { ...one, droppedBy: 'refused' } : one,
  );
  const spokeFor = votes.filter(({ considered: { droppedBy } }) => droppedBy === undefined);
  const similarity = nearestOf([...asked.used, ...spokeFor.flatMap(({ episodes }) => episodes)]);
  const now = options.clock.now();
  const choosing = chooser(state, { trigger: params.trigger, threshold, arm, at: now, similarity, spot, redacted });
  const decision = decide(judged, { threshold, most: mostOffered, ...choosing.rule });
  tracer.candidates.push(...[...decision.offer, ...decision.silent].map(traced));
  tracer.step('decision', noteOf(decision, threshold, arm, choosing.version));
  // An example counts as used when it stood in the prompt or spoke for what is offered.
  const used = new Map<string, ExampleUse>(asked.used.map((use) => [use.episodeId, use]));
  for (const vote of votes) {
    if (!decision.offer.some(({ text }) => text === vote.considered.text)) continue;
    for (const use of vote.episodes) used.set(use.episodeId, use);
  }
  return inlineEpisode(state, {
    laidOut: layOut(spot, redacted, [...decision.offer, ...decision.silent]),
    requestedAt,
    decision,
    examples: [...used.values()],
    how: {
      at: now,
      similarity,
      control: arm === 'control',
      versions: decision.drawn && choosing.version !== null ? [choosing.version] : [],
    },
  });
}

/** For the trace. */
function noteOf(decision: Decision, threshold: number, arm: Arm, version: string | null): string {
  const best = `best ${decision.best.toFixed(2)}, threshold ${threshold}`;
  if (arm === 'control') return `${best}; without memory and learning, to see whether they help`;
  if (!decision.drawn) return best;
  const drawn = `drawn with probability ${decision.propensity.toFixed(2)}`;
  return version === null ? `${best}; ${drawn}` : `${drawn} by selector ${version}`;
}

const traced = ({ text, model, probability, droppedBy, judged }: Decided): Trace['candidates'][number] => ({
  text: redactSecrets(text).text,
  model,
  ...(probability === undefined ? {} : { probability }),
  ...(judged === null ? {} : { chance: judged.chance }),
  ...(droppedBy === undefined ? {} : { droppedBy }),
});
/** What is put back right after it was taken out was not forgotten. */
const momentMs = 60_000;
const mostJustEdited = 5;

function justEdited({ options }: SuggestState, file: string): NonNullable<Place['recentEdits']> {
  const now = options.clock.now();
  return options.documents
    .recentEdits(now, mostJustEdited, file)
    .filter((edit) => now - edit.at <= momentMs)
    .map(({ before, after }) => ({ before: toLf(before), after: toLf(after) }));
}
