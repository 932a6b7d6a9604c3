/** For tests: the suggester with the real memory, documents and workspace model, and a model that says what it is told. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultConfig, type EngineConfig } from '../../../protocol/config.ts';
import type { Rating } from '../../../protocol/episode.ts';
import type { Failure } from '../../../protocol/rpc.ts';
import { silentLog } from '../../clock.ts';
import { featureExtractor } from '../../learn/features/features.ts';
import { openAnchor } from '../../learn/serving/anchor.ts';
import { nothingServed, type Served } from '../../learn/serving/served.ts';
import { hashedEmbedder } from '../../memory/embedders/hashed.ts';
import { createRetriever } from '../../memory/retrieve.ts';
import { openStore, type Store } from '../../memory/store.ts';
import type { LanguageModel, ModelChunk, ModelRequest } from '../../models/languageModel.ts';
import { tokenCounter } from '../../models/tokens.ts';
import { createWorkspaceModel, type WorkspaceModel } from '../../models/workspace/model.ts';
import { Documents } from '../../workspace/documents.ts';
import { ignoreRules } from '../../workspace/ignore.ts';
import type { Timer } from '../deadline.ts';
import type { SuggestOptions } from '../deps.ts';
import { createSuggester, type Suggester } from '../suggest.ts';
import { TraceLog } from '../trace.ts';
import { nextId, ratingOf } from './entries.ts';

export type Script = (
  request: ModelRequest,
  signal: AbortSignal,
  call: number,
) => AsyncIterable<ModelChunk> | readonly ModelChunk[];

export const says = (text: string, probability?: number): readonly ModelChunk[] => [
  { type: 'text', text },
  { type: 'end', finish: 'stop', ...(probability === undefined ? {} : { probability }) },
];
export const fails = (failure: Partial<Failure>): readonly ModelChunk[] => [
  { type: 'failed', failure: { reason: 'refused', message: 'Nobody answers.', nextStep: 'Start it.', ...failure } },
];

export interface Bench {
  readonly suggester: Suggester;
  readonly store: Store;
  readonly documents: Documents;
  readonly workspace: WorkspaceModel;
  readonly traces: TraceLog;
  readonly requests: ModelRequest[];
  readonly clock: { now(): number; time: number };
  script: Script;
  /** Opens or replaces a document; `▮` marks the cursor. Returns the parameters of a request there. */
  at(
    file: string,
    marked: string,
    languageId?: string,
  ): { uri: string; version: number; offset: number; trigger: 'automatic' };
  rate(episodeId: string, rating: Partial<Rating>): Promise<void>;
  /** Resolves when all that is stored can be found. */
  remembered(): Promise<void>;
  close(): Promise<void>;
}

export async function bench(
  over: Partial<EngineConfig> = {},
  options: {
    readonly timer?: Timer;
    readonly slowMemory?: boolean;
    readonly deafMemory?: boolean;
    readonly served?: Served;
    readonly seed?: number;
  } = {},
): Promise<Bench> {
  const dir = await mkdtemp(join(tmpdir(), 'attune-suggest-'));
  const clock = {
    time: 1_700_000_000_000,
    now() {
      return this.time;
    },
  };
  // What is tested depends on no draw, unless the draw is tested.
  const config = { ...defaultConfig, inlineModel: 'openai' as const, controlShare: 0, ...over };
  const log = silentLog;
  const store = await openStore({
    dir: join(dir, 'memory'),
    rater: 'me',
    clock,
    ids: nextId,
    log,
    maxBytes: 1e8,
    maxEpisodes: 20_000,
  });
  const retriever = createRetriever({ store, embedder: hashedEmbedder(), dir, clock, log });
  const folders = [{ path: dir, name: 'project' }];
  const rules = ignoreRules({ folders, exclude: ['secret/'] });
  const documents = new Documents({ folders, rules, clock });
  const workspace = createWorkspaceModel({ maxBytes: 8_000_000, log, clock });
  const traces = new TraceLog();
  const requests: ModelRequest[] = [];
  const versions = new Map<string, number>();
  const remote: LanguageModel = {
    id: 'openai:told',
    label: 'Told',
    capabilities: { fillInTheMiddle: true, chat: true },
    template: 'qwen',
    contextTokens: 8192,
    async *stream(request, signal) {
      requests.push(request);
      yield* self.script(request, signal, requests.length - 1);
    },
  };
  /** As if the store told its listeners too late. */
  const deaf: SuggestOptions['store'] = {
    addEpisode: (episode) => store.addEpisode(episode),
    addEvents: (events) => store.addEvents(events),
    get: (id) => store.get(id),
    entries: () => store.entries(),
    onChange: () => () => {},
  };
  const local = config.inlineModel === 'workspace';
  const anchor = openAnchor(featureExtractor());
  const served = options.served ?? { ...nothingServed, anchor: () => anchor };
  const suggester = createSuggester({
    documents,
    rules: () => rules,
    store: options.deafMemory ? deaf : store,
    retriever: options.slowMemory ? { search: () => new Promise(() => {}) } : retriever,
    models: {
      inline: () => ({ ok: true, model: local ? workspace.languageModel : remote }),
      edit: async () => ({ ok: true, model: remote }),
    },
    workspaceModel: workspace,
    counter: tokenCounter,
    clock,
    ids: nextId,
    log,
    config,
    traces,
    served: () => served,
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    ...(options.timer === undefined ? {} : { timer: options.timer }),
  });
  const self: Bench = {
    suggester: {
      ...suggester,
      // Whatever asks the engine next finds this written down; so do the tests.
      async suggest(params, signal) {
        const answer = await suggester.suggest(params, signal);
        suggester.settle();
        return answer;
      },
    },
    store,
    documents,
    workspace,
    traces,
    requests,
    clock,
    script: () => says(''),
    at(file, marked, languageId = 'typescript') {
      const uri = `file://${dir}/${file}`;
      const version = (versions.get(file) ?? 0) + 1;
      versions.set(file, version);
      const text = marked.replaceAll('▮', '');
      const path = join(dir, file);
      if (version === 1) documents.open({ uri, path, languageId, version, text });
      else {
        const length = documents.get(uri)!.text.length;
        documents.change({ uri, version, changes: [{ offset: 0, length, text }] });
      }
      return { uri, version, offset: marked.indexOf('▮'), trigger: 'automatic' };
    },
    rate: (episodeId, rating) => store.rate(ratingOf(episodeId, { at: clock.time, ...rating })),
    remembered: () => retriever.idle(),
    async close() {
      suggester.close();
      await retriever.close();
      await store.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
  return self;
}

export const never = (): AbortSignal => new AbortController().signal;
