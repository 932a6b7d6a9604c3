/**
 * Every message between client and engine: name → schema of its parameters and of its result.
 * JSON-RPC 2.0 over Node IPC (`connection.ts`). Both sides validate what they receive.
 */
import * as v from 'valibot';
import { EngineConfig, FimTemplateName, InlineMode, ModelSource } from './config.ts';
import { EpisodeCard, Event, ExampleUse, Id, Range, Rating, Reason } from './episode.ts';
import { Recording } from './recording.ts';
import { TrainingRun, TrainingState, TrainLayer, TrainStage } from './training.ts';

const Offset = v.pipe(v.number(), v.integer(), v.minValue(0));
const Uri = v.pipe(v.string(), v.maxLength(8192));
const nothing = v.strictObject({});
const done = v.null();

/** A failure the user can do something about: what went wrong in one sentence, and the next step in another. */
export const Failure = v.object({
  reason: v.picklist([
    'notConfigured',
    'refused',
    'unauthorized',
    'modelMissing',
    'rateLimited',
    'timeout',
    'malformed',
    'contextTooLong',
    'cancelled',
    'untrusted',
    'excluded',
    'readOnly',
    'disk',
    'unavailable',
    'other',
  ]),
  message: v.string(),
  nextStep: v.string(),
  retryAfterMs: v.optional(v.number()),
});
export type Failure = v.InferOutput<typeof Failure>;

const failed = v.object({ ok: v.literal(false), failure: Failure });
/** An expected failure is a value. */
const result = <const T extends v.ObjectEntries>(entries: T) =>
  v.variant('ok', [v.object({ ok: v.literal(true), ...entries }), failed]);

export const WorkspaceFolder = v.object({ path: v.string(), name: v.string() });
export type WorkspaceFolder = v.InferOutput<typeof WorkspaceFolder>;

/** What opening the store found. `problems` are sentences for the user; empty when all was well. */
export const StoreReport = v.object({
  episodes: v.number(),
  ratings: v.number(),
  bytes: v.number(),
  openMs: v.number(),
  problems: v.array(v.string()),
});
export type StoreReport = v.InferOutput<typeof StoreReport>;

/** One place for the change that was made elsewhere: `text` takes the place of `before`, which stands from `start` to `end`. */
export const NextEdit = v.object({
  candidateId: Id,
  uri: Uri,
  start: Offset,
  end: Offset,
  before: v.string(),
  text: v.string(),
});
export type NextEdit = v.InferOutput<typeof NextEdit>;

export const DocumentChange = v.object({ offset: Offset, length: Offset, text: v.string() });
export type DocumentChange = v.InferOutput<typeof DocumentChange>;

export const InlineItem = v.object({
  candidateId: Id,
  /** Replaces `range`; a single-line range as VS Code's inline completions ask. */
  insertText: v.string(),
  range: Range,
});
export type InlineItem = v.InferOutput<typeof InlineItem>;

export const ModelRow = v.object({
  source: ModelSource,
  /** Id understood by the source; `workspace` for the built-in one. */
  id: v.string(),
  label: v.string(),
  detail: v.string(),
  sizeBytes: v.optional(v.number()),
  capabilities: v.object({ fillInTheMiddle: v.boolean(), chat: v.boolean() }),
  /** Detected from the name, or the override; `chat` when it has no fill-in-the-middle form. */
  template: FimTemplateName,
});
export type ModelRow = v.InferOutput<typeof ModelRow>;

export const LmMessage = v.object({ role: v.picklist(['system', 'user', 'assistant']), content: v.string() });
export type LmMessage = v.InferOutput<typeof LmMessage>;

/** How one suggestion came about, for the trace view. Never logged. */
export const Trace = v.object({
  /** The episode that came of it; null where none was written. */
  episodeId: v.nullable(Id),
  /** When it was asked for. */
  at: v.number(),
  kind: v.picklist(['inline', 'edit', 'nextEdit']),
  file: v.string(),
  model: v.string(),
  steps: v.array(v.object({ name: v.string(), ms: v.number(), note: v.string() })),
  prompt: v.string(),
  /** As the models wrote them. */
  answers: v.array(v.string()),
  /** What was decided about: the offered ones first. `chance`: how likely it was thought to be taken. */
  candidates: v.array(
    v.object({
      text: v.string(),
      model: v.string(),
      probability: v.optional(v.number()),
      chance: v.optional(v.number()),
      /** The filter that dropped it. */
      droppedBy: v.optional(v.string()),
    }),
  ),
  decision: v.string(),
});
export type Trace = v.InferOutput<typeof Trace>;

const provider = {
  provider: v.picklist(['cpu', 'webgpu', 'cuda', 'dml', 'coreml']),
  /** Within a sentence: “the CPU”, “WebGPU”. */
  label: v.string(),
};
/** Whether training works on one execution provider of ONNX Runtime. */
export const ProviderCheck = v.variant('ok', [
  /** `milliseconds`: of a training step that is the same for all. */
  v.object({ ok: v.literal(true), ...provider, milliseconds: v.number() }),
  v.object({ ok: v.literal(false), ...provider, reason: v.string() }),
]);
export type ProviderCheck = v.InferOutput<typeof ProviderCheck>;

/** Asked by the client, answered by the engine. */
export const clientRequests = {
  initialize: {
    params: v.object({
      folders: v.array(WorkspaceFolder),
      /** Folder for this workspace's memory; made if absent. */
      storagePath: v.string(),
      /** Folder for downloads shared by all workspaces. */
      cachePath: v.string(),
      /** Who rates: stored with each rating. */
      rater: v.string(),
      trusted: v.boolean(),
      config: EngineConfig,
    }),
    result: v.object({ version: v.string(), store: StoreReport }),
  },
  configure: {
    params: v.object({ config: EngineConfig, trusted: v.boolean(), folders: v.array(WorkspaceFolder) }),
    result: done,
  },
  /** Fold journals, close files. The engine exits afterwards. */
  shutdown: { params: nothing, result: done },

  suggest: {
    params: v.object({
      uri: Uri,
      version: v.number(),
      offset: Offset,
      trigger: v.picklist(['automatic', 'explicit']),
      /** How readily to offer when the trigger is automatic; without one, `normal`. */
      mode: v.optional(InlineMode),
      /** Text the suggest widget would insert; the offer must start with it. */
      selectedCompletion: v.optional(v.string()),
    }),
    /** No items: silence, and why. */
    result: v.object({ episodeId: v.nullable(Id), items: v.array(InlineItem), silence: v.optional(v.string()) }),
  },
  /** The next place for what the user has just changed in this document; with `continues`, for what an offer was about. */
  nextEdit: {
    params: v.object({
      uri: Uri,
      version: v.number(),
      /** Of the cursor: places below it come first. */
      offset: Offset,
      /** Documents the user has open, besides this one: nowhere else is a place offered. */
      open: v.pipe(v.array(Uri), v.maxLength(500)),
      /** The offer that was accepted: the same change goes on. */
      continues: v.optional(Id),
    }),
    result: v.object({
      episodeId: v.nullable(Id),
      edit: v.nullable(NextEdit),
      /** Places there are beside this one. */
      remaining: v.number(),
      /** Why there is none. */
      silence: v.optional(v.string()),
      /** The change may not be finished: worth asking again after this time without a key. */
      askAgainMs: v.optional(v.number()),
    }),
  },
  /** All places for the change an offer was about, in that offer's document; each becomes an episode of its own. */
  allNextEdits: {
    params: v.object({ episodeId: Id, uri: Uri, version: v.number() }),
    result: v.object({ offers: v.array(v.object({ episodeId: Id, edit: NextEdit })) }),
  },
  proposeEdit: {
    params: v.object({
      /** Chosen by the client; names the stream in `editProgress`. */
      requestId: v.string(),
      uri: Uri,
      version: v.number(),
      start: Offset,
      end: Offset,
      instruction: v.pipe(v.string(), v.minLength(1), v.maxLength(20_000)),
      /** Refines this episode: its last candidate shown and the instructions so far go along. */
      followUpOf: v.optional(v.object({ episodeId: Id, candidateId: Id })),
    }),
    result: result({
      episodeId: Id,
      candidates: v.array(v.object({ candidateId: Id, text: v.string(), model: v.string() })),
      examples: v.array(ExampleUse),
    }),
  },

  rate: {
    params: v.object({
      episodeId: Id,
      thumb: v.nullable(v.picklist(['up', 'down'])),
      score: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10))),
      reasons: v.array(Reason),
      comment: v.pipe(v.string(), v.maxLength(10_000)),
      correction: v.nullable(v.pipe(v.string(), v.maxLength(200_000))),
      withdrawn: v.boolean(),
    }),
    /** Returns after the rating is on the disk (fsync). */
    result: result({ rating: Rating }),
  },
  listEpisodes: {
    params: v.object({
      /** Matches file, instruction, text and comment; empty: all. */
      query: v.pipe(v.string(), v.maxLength(1000)),
      filter: v.picklist(['all', 'unrated', 'good', 'bad', 'accepted', 'rejected', 'forbidden']),
      limit: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(500)),
      /** `informative`: what a rating of would teach most comes first. Newest first without it. */
      order: v.optional(v.picklist(['newest', 'informative'])),
    }),
    /** Silent episodes are left out. `marked`: the few a rating of which would teach most, within what may be asked of a person. */
    result: v.object({ cards: v.array(EpisodeCard), total: v.number(), marked: v.array(Id) }),
  },
  /** The examples an episode used, best first. */
  why: {
    params: v.object({ episodeId: Id }),
    result: v.object({ examples: v.array(v.object({ similarity: v.number(), card: EpisodeCard })) }),
  },
  /** `never`: not used as an example again, nor anything with the same text; `allowed` lifts it; `deleted` removes it. */
  direct: {
    params: v.object({ episodeIds: v.array(Id), use: v.picklist(['never', 'allowed', 'deleted']) }),
    result: result({ changed: v.number() }),
  },

  exportMemory: { params: v.object({ path: v.string() }), result: result({ records: v.number(), bytes: v.number() }) },
  importMemory: {
    params: v.object({ path: v.string() }),
    result: result({ added: v.number(), known: v.number(), rejected: v.number(), problems: v.array(v.string()) }),
  },
  /**
   * Masks secrets, leaves out what may not be stored, makes paths relative to the workspace, and writes the file whole. The
   * client's recording has absolute paths.
   */
  saveRecording: {
    params: v.object({ path: v.pipe(v.string(), v.minLength(1)), recording: Recording }),
    /** `masked`: characters; `excluded`: documents. */
    result: result({ entries: v.number(), bytes: v.number(), masked: v.number(), excluded: v.number() }),
  },
  /** Deletes everything stored for this workspace, for good. */
  resetMemory: { params: nothing, result: result({}) },
  memoryStats: {
    params: nothing,
    result: v.object({
      ...StoreReport.entries,
      good: v.number(),
      bad: v.number(),
      embedder: v.string(),
      embedded: v.number(),
      path: v.string(),
      workspaceModel: v.object({ files: v.number(), tokens: v.number(), bytes: v.number(), building: v.boolean() }),
    }),
  },

  listModels: { params: nothing, result: v.object({ rows: v.array(ModelRow), problems: v.array(Failure) }) },
  /** One completion with timings. */
  testModel: {
    params: v.object({ source: ModelSource, id: v.string() }),
    result: result({
      text: v.string(),
      firstTokenMs: v.number(),
      totalMs: v.number(),
      template: FimTemplateName,
      usage: v.optional(v.object({ promptTokens: v.number(), completionTokens: v.number() })),
    }),
  },
  /** Ollama pull; progress as `progress` notifications with this `requestId`. Cancellable. */
  pullModel: { params: v.object({ requestId: v.string(), id: v.string() }), result: result({}) },
  /** Downloads the semantic embedder into the cache; progress and cancellation as above. Resumes. */
  downloadEmbedder: { params: v.object({ requestId: v.string() }), result: result({ bytes: v.number() }) },
  /** Tries real training steps on every execution provider; progress names the one being tried. Cancellable. */
  checkTraining: {
    params: v.object({ requestId: v.string() }),
    result: result({
      /** Why nothing can be trained on this machine, and what goes on; then there are no providers. */
      unsupported: v.nullable(v.string()),
      /** Of a training step on the CPU. */
      threads: v.number(),
      providers: v.array(ProviderCheck),
    }),
  },
  trainingState: { params: nothing, result: TrainingState },
  /**
   * Learns from what is remembered; told of by `trainingProgress`. Cancelled, it leaves nothing but a note, from which `resume` goes
   * on, with the layers it was begun with. `dryRun`: nothing is written, only said what would be learnt.
   */
  train: {
    params: v.object({
      requestId: v.string(),
      layers: v.pipe(v.array(TrainLayer), v.minLength(1)),
      dryRun: v.boolean(),
      resume: v.boolean(),
    }),
    /** `runs`: one of each layer that was trained. Those with the verdict `promote` are candidates and can be activated. */
    result: result({ runs: v.array(TrainingRun), report: v.string() }),
  },
  /** How a version came about, and its report as Markdown. */
  trainingRun: { params: v.object({ id: Id }), result: result({ run: TrainingRun, report: v.string() }) },
  /** A candidate takes the place of what serves, or is turned down. */
  decideVersion: {
    params: v.object({ id: Id, decision: v.picklist(['activate', 'reject']) }),
    result: result({}),
  },
  /** One step back by lineage: null, when nothing trained serves any more. */
  rollBack: { params: v.object({ layer: TrainLayer }), result: result({ serving: v.nullable(Id) }) },
  /** Ends a training under way, one that was begun in the background too; as a cancelled `train` it can be resumed. */
  cancelTraining: { params: nothing, result: result({}) },
  /** Forgets a training that was not finished. */
  discardTraining: { params: nothing, result: result({}) },
  /** Writes `kto.jsonl`, `dpo.jsonl` and `prompts.jsonl` in TRL's schemas into a folder that exists. */
  exportTrainingData: {
    params: v.object({ path: v.pipe(v.string(), v.minLength(1)) }),
    result: result({ kto: v.number(), dpo: v.number(), prompts: v.number(), bytes: v.number() }),
  },
  /** Ratings of others, as JSONL of this memory's `rating` records or of TRL's unpaired preferences with `episode_id`. */
  importRatings: {
    params: v.object({ path: v.pipe(v.string(), v.minLength(1)), rater: v.optional(v.string()) }),
    result: result({ added: v.number(), known: v.number(), rejected: v.number(), problems: v.array(v.string()) }),
  },
  rebuildWorkspaceModel: {
    params: v.object({ requestId: v.string() }),
    result: result({ files: v.number(), tokens: v.number(), ms: v.number() }),
  },
  /** The last requests, newest first; of one episode only where that is named, none when it is too long ago. */
  trace: { params: v.object({ episodeId: v.optional(Id) }), result: v.object({ traces: v.array(Trace) }) },
} as const;

/** Sent by the client, not answered. */
export const clientNotifications = {
  documentOpened: v.object({
    uri: Uri,
    path: v.nullable(v.string()),
    languageId: v.string(),
    version: v.number(),
    text: v.string(),
  }),
  /** Changes in the order VS Code gives them (each against the text before the whole event: last in the file first). */
  documentChanged: v.object({
    uri: Uri,
    version: v.number(),
    changes: v.array(DocumentChange),
    /** Set when it was undone or redone. */
    reason: v.optional(v.picklist(['undo', 'redo'])),
  }),
  documentSaved: v.object({ uri: Uri }),
  documentClosed: v.object({ uri: Uri }),
  /** Raw lifecycle facts; `id` is given by the engine. */
  events: v.object({ events: v.array(v.omit(Event, ['id'])) }),
} as const;

/** Asked by the engine, answered by the client: what only the host has. */
export const hostRequests = {
  secret: { params: v.object({ key: v.string() }), result: v.nullable(v.string()) },
  listHostModels: {
    params: nothing,
    result: v.array(v.object({ id: v.string(), label: v.string(), detail: v.string(), maxInputTokens: v.number() })),
  },
  /** Streams through `hostModelChunk` notifications with this `requestId`; resolves at the end. */
  hostModelChat: {
    params: v.object({ requestId: v.string(), id: v.string(), messages: v.array(LmMessage) }),
    result: result({}),
  },
} as const;

/** Client to engine while a `hostModelChat` is under way. */
export const hostStream = { hostModelChunk: v.object({ requestId: v.string(), text: v.string() }) } as const;

/** Sent by the engine. */
export const engineNotifications = {
  /** The whole text of one candidate so far. */
  editProgress: v.object({ requestId: v.string(), candidate: v.number(), text: v.string(), done: v.boolean() }),
  progress: v.object({ requestId: v.string(), message: v.string(), share: v.optional(v.number()) }),
  /** Of a training under way. `scalars`: what was measured since the last one, for live curves. */
  trainingProgress: v.object({
    requestId: v.string(),
    stage: TrainStage,
    share: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
    secondsLeft: v.nullable(v.number()),
    message: v.string(),
    scalars: v.array(v.object({ tag: v.string(), step: v.number(), value: v.number() })),
  }),
  /** Versions, or a training, changed: views refresh. */
  trainingChanged: nothing,
  /** Episodes, ratings or directives changed: views refresh. */
  memoryChanged: v.object({ episodeIds: v.array(Id) }),
  /** What the status bar shows. */
  status: v.object({
    state: v.picklist(['starting', 'indexing', 'ready', 'thinking', 'problem', 'untrusted']),
    detail: v.string(),
    model: v.string(),
  }),
  /** Shown to the user once per session and text; `offer`: the command that a button beside it runs. */
  notice: v.object({
    level: v.picklist(['info', 'warning', 'error']),
    message: v.string(),
    nextStep: v.string(),
    offer: v.optional(v.picklist(['openTraining'])),
  }),
  log: v.object({ level: v.picklist(['trace', 'debug', 'info', 'warn', 'error']), message: v.string() }),
} as const;

export type ClientRequests = typeof clientRequests;
export type ClientNotifications = typeof clientNotifications & typeof hostStream;
export type HostRequests = typeof hostRequests;
export type EngineNotifications = typeof engineNotifications;
export type Params<T extends Record<string, { params: v.GenericSchema }>, K extends keyof T> = v.InferOutput<
  T[K]['params']
>;
export type Result<T extends Record<string, { result: v.GenericSchema }>, K extends keyof T> = v.InferOutput<
  T[K]['result']
>;
