import type { EngineConfig } from '../protocol/config.ts';
import type { Episode, Event, Rating } from '../protocol/episode.ts';
import type { Recording } from '../protocol/recording.ts';
import type { ClientRequests, Failure, Params, Result } from '../protocol/rpc.ts';
import type { Clock, Ids, Log } from './clock.ts';
import type { Host } from './hostBridge.ts';
import { checkTraining, type RuntimeSetup } from './learn/checkTraining.ts';
import { type Exported, exportTrainingData } from './learn/exports/exportTrainingData.ts';
import { type ImportedRatings, importRatings } from './learn/exports/importRatings.ts';
import type { PromptOf } from './learn/exports/rows.ts';
import { createLearner, type Learner } from './learn/learner.ts';
import { RatingQueue } from './learn/serving/queue.ts';
import { downloadModel, semanticModelState } from './memory/embedders/download.ts';
import { hashedEmbedder } from './memory/embedders/hashed.ts';
import { semanticEmbedder } from './memory/embedders/semantic.ts';
import { nodeFiles } from './memory/files.ts';
import { createRetriever, type Retriever } from './memory/retrieve.ts';
import { openStore, type Store } from './memory/store.ts';
import { createModels, type Models } from './models/registry.ts';
import { tokenCounter } from './models/tokens.ts';
import { createWorkspaceModel, type WorkspaceModel } from './models/workspace/model.ts';
import type { ClientPeer } from './peer.ts';
import { type SavedRecording, saveRecording } from './recordings/save.ts';
import { systemTimer, type Timer } from './suggest/deadline.ts';
import { storedPrompt } from './suggest/storedPrompt.ts';
import { createSuggester, type Suggester } from './suggest/suggest.ts';
import { TraceLog } from './suggest/trace.ts';
import { Documents } from './workspace/documents.ts';
import { type IgnoreRules, ignoreRules } from './workspace/ignore.ts';
import { type BuildResult, WorkspaceIndex } from './workspaceIndex.ts';

type InitializeParams = Params<ClientRequests, 'initialize'>;
type Configuration = Params<ClientRequests, 'configure'>;
type OnProgress = (message: string, share?: number) => void;

interface Deps {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly host: Host;
  readonly client: Pick<ClientPeer, 'tell'>;
  readonly timer?: Timer;
  readonly runtime?: RuntimeSetup;
}

/** An offer changes the memory several times at once; views are told once, and no suggestion waits for it. */
const changedMs = 50;

/** One open workspace: memory, models and suggestions wired together. */
export class Session {
  readonly store: Store;
  readonly documents: Documents;
  readonly models: Models;
  readonly suggester: Suggester;
  readonly learner: Learner;
  readonly ratingQueue: RatingQueue;
  readonly traces: TraceLog;
  readonly rater: string;
  readonly #deps: Deps;
  readonly #paths: { readonly storage: string; readonly cache: string };
  readonly #retriever: Retriever;
  readonly #workspaceModel: WorkspaceModel;
  readonly #index: WorkspaceIndex;
  readonly #changed = new Set<string>();
  #tellChanged: (() => void) | undefined;
  #rules: IgnoreRules;
  #configuration: Configuration;
  #building = new AbortController();

  constructor(params: InitializeParams, store: Store, deps: Deps) {
    const { config, trusted, folders } = params;
    this.#deps = deps;
    this.#paths = { storage: params.storagePath, cache: params.cachePath };
    this.#configuration = { config, trusted, folders };
    this.store = store;
    this.rater = params.rater;
    this.traces = new TraceLog();
    this.#rules = ignoreRules({ folders, exclude: config.exclude });
    this.documents = new Documents({ folders, rules: this.#rules, clock: deps.clock });
    this.#workspaceModel = createWorkspaceModel({
      maxBytes: config.workspaceModelMegabytes * 1_000_000,
      log: deps.log,
      clock: deps.clock,
    });
    this.#index = new WorkspaceIndex({ model: this.#workspaceModel, store, clock: deps.clock, log: deps.log });
    this.models = createModels({
      config,
      secret: (key) => deps.host.secret(key),
      host: deps.host,
      workspace: this.#workspaceModel.languageModel,
      clock: deps.clock,
      log: deps.log,
    });
    this.#retriever = createRetriever({
      store,
      embedder: hashedEmbedder(),
      dir: params.storagePath,
      clock: deps.clock,
      log: deps.log,
    });
    this.learner = createLearner({
      storagePath: params.storagePath,
      store,
      clock: deps.clock,
      timer: deps.timer ?? systemTimer,
      log: deps.log,
      settings: { trainAfterRatings: config.trainAfterRatings, trusted },
      tell: (method, told) => deps.client.tell(method, told),
      ...(deps.runtime ? { runtime: deps.runtime } : {}),
    });
    this.suggester = createSuggester({
      documents: this.documents,
      rules: () => this.#rules,
      store,
      retriever: this.#retriever,
      models: this.models,
      workspaceModel: this.#workspaceModel,
      counter: tokenCounter,
      clock: deps.clock,
      ids: deps.ids,
      log: deps.log,
      config,
      traces: this.traces,
      served: () => this.learner.served,
      ...(deps.timer ? { timer: deps.timer } : {}),
    });
    this.ratingQueue = new RatingQueue({
      store,
      clock: deps.clock,
      served: () => this.learner.served,
      doubtOfGate: (episode) => this.suggester.doubtOf(episode),
    });
    store.onChange(({ added, changed, removed }) => {
      for (const id of [...added, ...changed, ...removed]) this.#changed.add(id);
      this.#tellChanged ??= (deps.timer ?? systemTimer).after(changedMs, () => this.#memoryChanged());
    });
  }

  #memoryChanged(): void {
    this.#tellChanged = undefined;
    const episodeIds = [...this.#changed].slice(0, 500);
    this.#changed.clear();
    this.#deps.client.tell('memoryChanged', { episodeIds });
  }

  get trusted(): boolean {
    return this.#configuration.trusted;
  }

  /** Starts what runs in the background: the right embedder, and reading the workspace. */
  start(): void {
    for (const message of this.store.report.problems) {
      this.#deps.client.tell('notice', { level: 'warning', message, nextStep: '' });
    }
    void this.#selectEmbedder();
    this.#startIndexing();
  }

  async configure(next: Configuration): Promise<void> {
    const before = this.#configuration;
    this.#configuration = next;
    const { config, folders } = next;
    if (JSON.stringify([before.folders, before.config.exclude]) !== JSON.stringify([folders, config.exclude])) {
      this.#rules = ignoreRules({ folders, exclude: config.exclude });
      this.documents.setRules({ folders, rules: this.#rules });
    }
    this.store.configure({ maxBytes: config.maxMegabytes * 1_000_000, maxEpisodes: config.maxEpisodes });
    this.models.configure(config);
    this.suggester.configure(config);
    this.learner.configure({ trainAfterRatings: config.trainAfterRatings, trusted: next.trusted });
    if (embedderKey(before.config) !== embedderKey(config)) await this.#selectEmbedder();
    if (indexKey(before) !== indexKey(next)) this.#startIndexing();
    else this.#status();
  }

  documentSaved(uri: string): void {
    const document = this.documents.saved(uri);
    if (!document || !this.trusted) return;
    this.#index.saved(document);
  }

  addEvents(events: readonly Event[]): void {
    if (events.length === 0) return;
    this.store.addEvents(events);
    for (const { episodeId } of events) {
      const entry = this.store.get(episodeId);
      if (entry) this.suggester.judged(entry);
      this.#learn(episodeId);
    }
  }

  async rate(rating: Rating): Promise<void> {
    const entry = this.store.get(rating.episodeId);
    // The disk takes its time; the next suggestion doesn't wait for it.
    if (entry) this.suggester.judged({ ...entry, rating });
    try {
      await this.store.rate(rating);
    } catch (error) {
      if (entry) this.suggester.judged(entry);
      throw error;
    }
    this.#learn(rating.episodeId);
  }

  /** Writes what there is to learn from into `folder`. Rejects with a StoreError. */
  async exportTrainingData(folder: string): Promise<Exported> {
    const { store } = this;
    const { ids, clock } = this.#deps;
    await store.refresh();
    const episodeOf = (id: string): Episode | null => store.get(id)?.episode ?? null;
    const promptOf: PromptOf = (episode, texts) => storedPrompt(episode, texts, episodeOf);
    return exportTrainingData(folder, { store, promptOf, files: nodeFiles, ids, clock });
  }

  /** Adds the ratings in a file, which are `rater`’s or of whom it says. Rejects with a StoreError. */
  async importRatings(path: string, rater: string | undefined): Promise<ImportedRatings> {
    const { store } = this;
    const { ids, clock } = this.#deps;
    await store.refresh();
    const add = async (ratings: readonly Rating[]): Promise<void> => {
      await store.rateAll(ratings);
      for (const episodeId of new Set(ratings.map((one) => one.episodeId))) {
        const entry = store.get(episodeId);
        if (entry) this.suggester.judged(entry);
        this.#learn(episodeId);
      }
    };
    return importRatings(path, { store, add, files: nodeFiles, ids, clock, ...(rater === undefined ? {} : { rater }) });
  }

  async reset(): Promise<void> {
    await this.store.reset();
    await this.learner.forget();
    this.suggester.forget();
    this.traces.clear();
    if (this.trusted) this.#startIndexing();
  }

  async stats(): Promise<Result<ClientRequests, 'memoryStats'>> {
    return {
      ...this.store.stats(),
      embedder: this.#retriever.identity,
      embedded: this.#retriever.embedded,
      path: this.#paths.storage,
      workspaceModel: { ...this.#workspaceModel.stats(), building: this.#index.building },
    };
  }

  /** Reads all files again; a build under way is stopped first. */
  async buildWorkspaceModel(onProgress: (files: number) => void, signal?: AbortSignal): Promise<BuildResult> {
    this.#building.abort();
    this.#building = new AbortController();
    const signals = signal ? [this.#building.signal, signal] : [this.#building.signal];
    const { folders } = this.#configuration;
    return this.#index.build({ folders, rules: this.#rules, onProgress }, AbortSignal.any(signals));
  }

  /** Writes a recorded session without secrets, absolute paths and what the rules exclude. Rejects when the disk does. */
  saveRecording(path: string, recording: Recording): Promise<SavedRecording> {
    const { folders } = this.#configuration;
    return saveRecording(path, recording, { folders, rules: this.#rules, files: nodeFiles, ids: this.#deps.ids });
  }

  async downloadEmbedder(
    onProgress: OnProgress,
    signal: AbortSignal,
  ): Promise<{ ok: true; bytes: number } | { ok: false; failure: Failure }> {
    const model = this.#configuration.config.semanticModel;
    const downloaded = await downloadModel({ model, cacheDir: this.#paths.cache, onProgress, signal });
    if (downloaded.ok) await this.#selectEmbedder();
    return downloaded;
  }

  /** Ends its processes at once when `signal` comes. */
  checkTraining(onProgress: OnProgress, signal: AbortSignal): Promise<Result<ClientRequests, 'checkTraining'>> {
    const { log, runtime } = this.#deps;
    return checkTraining({ ...runtime, log, onProgress, signal });
  }

  /** Resolves when the workspace is read and every episode can be found. */
  async idle(): Promise<void> {
    await this.#index.idle();
    await this.#retriever.idle();
    await this.learner.idle();
  }

  async close(): Promise<void> {
    this.#tellChanged?.();
    this.#building.abort();
    this.suggester.close();
    await this.learner.close();
    await this.#retriever.close();
    await this.store.close();
  }

  #learn(episodeId: string): void {
    const entry = this.store.get(episodeId);
    if (entry) this.#index.learn(entry);
  }

  async #selectEmbedder(): Promise<void> {
    const { embedder, semanticModel } = this.#configuration.config;
    const { log, clock, client, runtime } = this.#deps;
    const cacheDir = this.#paths.cache;
    if (embedder === 'built-in') {
      this.#retriever.setEmbedder(hashedEmbedder());
      return;
    }
    if ((await semanticModelState(semanticModel, cacheDir)) !== 'ready') {
      client.tell('notice', {
        level: 'info',
        message: 'The semantic embedder is chosen but not downloaded; the built-in one is used until then.',
        nextStep: 'Run “Attune: Download the Semantic Embedder”.',
      });
      return;
    }
    const machine = runtime?.machine ? { machine: runtime.machine } : {};
    try {
      this.#retriever.setEmbedder(await semanticEmbedder({ ...machine, model: semanticModel, cacheDir, clock, log }));
    } catch (error) {
      const message = error instanceof Error ? error.message : 'The semantic embedder can’t run here.';
      client.tell('notice', { level: 'warning', message, nextStep: 'The built-in embedder goes on.' });
    }
  }

  #startIndexing(): void {
    if (!this.trusted) {
      this.#building.abort();
      this.#status();
      return;
    }
    const tell = (files: number): void =>
      this.#deps.client.tell('status', { state: 'indexing', detail: String(files), model: this.#modelName() });
    tell(0);
    this.buildWorkspaceModel(tell).then(
      () => this.#status(),
      (error: unknown) => {
        this.#deps.log.error(`workspace model: ${error instanceof Error ? error.name : 'failed'}`);
        this.#status();
      },
    );
  }

  #status(): void {
    const state = this.trusted ? (this.#index.building ? 'indexing' : 'ready') : 'untrusted';
    this.#deps.client.tell('status', { state, detail: '', model: this.#modelName() });
  }

  #modelName(): string {
    const { inlineModel, openai, ollama } = this.#configuration.config;
    switch (inlineModel) {
      case 'workspace':
        return 'workspace';
      case 'openai':
        return openai.model;
      case 'ollama':
        return ollama.model;
    }
  }
}

const embedderKey = (config: EngineConfig): string => `${config.embedder} ${config.semanticModel}`;
const indexKey = ({ config, trusted, folders }: Configuration): string =>
  JSON.stringify([folders, trusted, config.exclude]);

/** Opens the memory and starts the session; rejects only when the storage folder can't be written at all. */
export async function openSession(params: InitializeParams, deps: Deps): Promise<Session> {
  const store = await openStore({
    dir: params.storagePath,
    rater: params.rater,
    clock: deps.clock,
    ids: deps.ids,
    log: deps.log,
    maxBytes: params.config.maxMegabytes * 1_000_000,
    maxEpisodes: params.config.maxEpisodes,
    onNotice: (notice) => deps.client.tell('notice', notice),
  });
  const session = new Session(params, store, deps);
  session.start();
  return session;
}
