import type { EngineConfig } from '../../protocol/config.ts';
import type { Episode } from '../../protocol/episode.ts';
import type { ClientRequests, Params, Result } from '../../protocol/rpc.ts';
import { AcceptanceGate } from '../learn/acceptance.ts';
import { featureExtractor } from '../learn/features/features.ts';
import type { StoredEpisode } from '../memory/store.ts';
import { systemTimer } from './deadline.ts';
import type { SuggestOptions, SuggestState } from './deps.ts';
import { type OnEditProgress, proposeEdit } from './edit.ts';
import { refused } from './examples.ts';
import { InFlight } from './inFlight.ts';
import { suggestInline } from './inline.ts';
import type { Said } from './inlineAnswers.ts';
import { MemoryWatch } from './memoryWatch.ts';
import { NextEdits } from './nextEdit/nextEdit.ts';
import { OfferCache } from './offerCache.ts';
import { OpenFiles } from './openFiles.ts';
import { LineCounts } from './pack.ts';
import { RedactOnce } from './redactOnce.ts';
import { Rejections } from './rejections.ts';

/** Suggestions without an editor: context, memory, models, filters, decision, and the record of it all. */
export interface Suggester {
  /** Ghost text for a place, or silence and why. Rejects only on a bug. */
  suggest(params: Params<ClientRequests, 'suggest'>, signal: AbortSignal): Promise<Result<ClientRequests, 'suggest'>>;
  /** Proposals for an instruction. `onProgress` hears every candidate's text so far, and once that it is done. */
  proposeEdit(
    params: Params<ClientRequests, 'proposeEdit'>,
    onProgress: OnEditProgress,
    signal: AbortSignal,
  ): Promise<Result<ClientRequests, 'proposeEdit'>>;
  /** The next place for the change the user has just made, or none and why. */
  nextEdit(params: Params<ClientRequests, 'nextEdit'>): Result<ClientRequests, 'nextEdit'>;
  /** All places left in one document for the change an offer was about. */
  allNextEdits(params: Params<ClientRequests, 'allNextEdits'>): Result<ClientRequests, 'allNextEdits'>;
  /** What was just said about an episode, or became of it, counts from the very next request on. */
  judged(entry: StoredEpisode): void;
  /** How unsure the gate is of an offer it decided: standard deviation of the chance; null: it did not. */
  doubtOf(episode: Episode): number | null;
  /** Writes down what the last answers led to, where that has not been done yet. Before anything else looks at the store. */
  settle(): void;
  configure(config: EngineConfig): void;
  /** Forgets earlier offers, as after a reset of the memory. */
  forget(): void;
  /** Aborts what is under way and stops following the store. */
  close(): void;
}

export function createSuggester(options: SuggestOptions): Suggester {
  const offers = new OfferCache();
  let watch = new MemoryWatch(options.store, () => offers.clear());
  const rejections = new Rejections(options);
  const judged = (entry: StoredEpisode): void => {
    rejections.judge(entry);
    if (refused(entry)) offers.clear();
  };
  // The caller says so first; here also what comes from elsewhere is heard of, as what was deleted.
  const stopListening = options.store.onChange(({ changed, removed }) => {
    for (const id of removed) rejections.drop(id);
    for (const id of changed) {
      const entry = options.store.get(id);
      if (entry !== null) judged(entry);
    }
  });
  const timer = options.timer ?? systemTimer;
  let gate = new AcceptanceGate(options.store);
  let closed = false;
  let preparing = false;
  // Between requests: what an offer led to is learnt when nobody waits for the next.
  const prepareSoon = (): void => {
    if (closed || preparing) return;
    preparing = true;
    timer.after(0, () => {
      preparing = false;
      if (!closed && gate.prepare()) prepareSoon();
    });
  };
  prepareSoon();
  const stopPreparing = options.store.onChange(prepareSoon);
  let unwritten: (() => void)[] = [];
  const settle = (): void => {
    const due = unwritten;
    unwritten = [];
    for (const work of due) work();
  };
  const state: SuggestState = {
    options,
    timer,
    config: options.config,
    get watch() {
      return watch;
    },
    get gate() {
      return gate;
    },
    rejections,
    extractor: featureExtractor(),
    offers,
    openFiles: new OpenFiles(),
    lineCounts: new LineCounts(),
    redactOnce: new RedactOnce(),
    inFlight: new InFlight<Said>(timer, (uri) => options.documents.get(uri)?.text),
    afterAnswer(work) {
      if (unwritten.push(work) === 1) timer.after(0, settle);
    },
    lastSilence: '',
  };
  const nextEdits = new NextEdits(state);
  const closing = new AbortController();
  return {
    suggest: (params, signal) => suggestInline(state, params, AbortSignal.any([signal, closing.signal])),
    proposeEdit: (params, onProgress, signal) =>
      proposeEdit(state, params, onProgress, AbortSignal.any([signal, closing.signal])),
    nextEdit: (params) => nextEdits.next(params),
    allNextEdits: (params) => nextEdits.all(params),
    judged,
    doubtOf: (episode) => gate.doubtOf(episode),
    settle,
    configure(config) {
      state.config = config;
      // Another model may be meant from now on.
      state.inFlight.close();
      offers.clear();
    },
    forget() {
      unwritten = [];
      offers.clear();
      nextEdits.forget();
      rejections.clear();
      state.lastSilence = '';
      watch.close();
      watch = new MemoryWatch(options.store, () => offers.clear());
      gate.close();
      gate = new AcceptanceGate(options.store);
    },
    close() {
      settle();
      closed = true;
      stopPreparing();
      closing.abort();
      state.inFlight.close();
      stopListening();
      rejections.close();
      watch.close();
      gate.close();
      offers.clear();
    },
  };
}
