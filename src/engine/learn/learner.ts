/** Learning of one workspace: what is trained, what of it serves, and whether it helps. */
import { join } from 'node:path';
import type { InferInput } from 'valibot';
import type { ClientRequests, EngineNotifications, Failure, Params, Result } from '../../protocol/rpc.ts';
import { type TrainingState, trainLayers } from '../../protocol/training.ts';
import { nodeDisk } from '../../tensor/files/disk.ts';
import { ModelFileError } from '../../tensor/files/fileError.ts';
import type { Runtime } from '../../tensor/runtime/api.ts';
import { neuralNeed, thisMachine, whyUnsupported } from '../../tensor/runtime/support.ts';
import type { Clock, Log } from '../clock.ts';
import type { Store } from '../memory/store.ts';
import type { RuntimeSetup } from './checkTraining.ts';
import { gateLimits } from './registry/gate.ts';
import { openRegistry } from './registry/registry.ts';
import type { Later } from './serving/decisionStream.ts';
import { IdleTraining } from './serving/idleTraining.ts';
import type { Served } from './serving/served.ts';
import { createServing } from './serving/serving.ts';
import { dataState } from './training/dataState.ts';
import { toldOf } from './training/runFiles.ts';
import { startTrainer } from './training/trainerProcess.ts';
import { isRunning, readNote, removeUnfinished, writeNote } from './training/unfinished.ts';
import { versionRows } from './versionRows.ts';

/** Rejections are bugs: expected failures are values. */
export interface Learner {
  /** What has a say in the next decision. */
  readonly served: Served;
  state(): Promise<TrainingState>;
  train(params: Params<ClientRequests, 'train'>, signal: AbortSignal): Promise<Result<ClientRequests, 'train'>>;
  run(id: string): Promise<Result<ClientRequests, 'trainingRun'>>;
  decide(params: Params<ClientRequests, 'decideVersion'>): Promise<Result<ClientRequests, 'decideVersion'>>;
  rollBack(params: Params<ClientRequests, 'rollBack'>): Promise<Result<ClientRequests, 'rollBack'>>;
  discard(): Promise<Result<ClientRequests, 'discardTraining'>>;
  /** Ends a training under way, whoever began it; it can be resumed. */
  cancel(): void;
  /** The user deleted these episodes: what was trained on them is out of date. */
  deleted(episodeIds: readonly string[]): Promise<void>;
  /** The memory was reset: all versions go with it, for good. */
  forget(): Promise<void>;
  configure(settings: LearnerSettings): void;
  /** Resolves when what serves has learnt from everything that is known. */
  idle(): Promise<void>;
  /** Ends a training under way, which can be resumed. */
  close(): Promise<void>;
}

export interface LearnerSettings {
  /** So many new ratings start a training when nothing is done; 0: only when asked for. */
  readonly trainAfterRatings: number;
  readonly trusted: boolean;
}

export interface LearnerOptions {
  /** The memory’s folder; what is learnt lies in `learning` below it. */
  readonly storagePath: string;
  readonly store: Pick<Store, 'get' | 'entries' | 'onChange'>;
  readonly clock: Clock;
  readonly timer: Later;
  readonly log: Log;
  readonly settings: LearnerSettings;
  readonly tell: <K extends 'trainingProgress' | 'trainingChanged' | 'notice'>(
    method: K,
    params: InferInput<EngineNotifications[K]>,
  ) => void;
  /** Of ONNX Runtime’s process, and of the machine. */
  readonly runtime?: RuntimeSetup;
}

type Refused = { readonly ok: false; readonly failure: Failure };
type Running = NonNullable<TrainingState['running']>;

const refused = (failure: Failure): Refused => ({ ok: false, failure });
const busy: Failure = {
  reason: 'unavailable',
  message: 'A training is under way.',
  nextStep: 'Wait until it is done, or cancel it.',
};
export function createLearner(options: LearnerOptions): Learner {
  const { storagePath, store, clock, timer, log, tell, runtime: setup } = options;
  let { settings } = options;
  const folder = join(storagePath, 'learning');
  const unsupported = whyUnsupported(setup?.machine ?? thisMachine(), neuralNeed);
  const onProblem = (message: string): void => tell('notice', { level: 'warning', message, nextStep: '' });
  const registry = openRegistry({ folder, clock, onProblem });
  let runtime: Promise<Runtime> | null = null;
  // Only when something is refitted: graphs and gradients needn't be loaded to start.
  const theRuntime = (): Promise<Runtime> =>
    (runtime ??= import('../../tensor/runtime/runtime.ts').then(({ startRuntime }) => startRuntime({ ...setup, log })));
  const changed = (): void => {
    data = null;
    tell('trainingChanged', {});
  };
  const serving = createServing({
    registry,
    store,
    clock,
    timer,
    log,
    runtime: theRuntime,
    onNotice: (notice) => tell('notice', notice),
    onChange: changed,
  });
  let running: Running | null = null;
  let training: Promise<unknown> | null = null;
  const closing = new AbortController();
  /** Of the training under way. */
  let stopTraining = new AbortController();
  let data: Promise<TrainingState['data']> | null = null;
  const stopFollowing = store.onChange(() => {
    data = null;
  });
  const lastTraining = async (): Promise<number | null> =>
    (await registry.list()).reduce<number | null>(
      (latest, { manifest }) => (manifest && manifest.created > (latest ?? 0) ? manifest.created : latest),
      null,
    );

  async function state(): Promise<TrainingState> {
    const [listed, lifecycle, note] = [await registry.list(), await registry.lifecycle(), await readNote(folder)];
    data ??= dataState(store, await lastTraining());
    return {
      data: await data,
      needed: { rewardModel: gateLimits.rewardModel.minLabels, selector: gateLimits.selector.minLabels },
      unsupported,
      running,
      unfinished:
        note === null || running !== null || isRunning(note)
          ? null
          : {
              at: note.at,
              stage: note.stage,
              why: note.why === 'cancelled' ? 'cancelled' : 'interrupted',
              finished: [...note.finished],
            },
      versions: versionRows(listed, lifecycle.serving),
      help: serving.help(),
      acceptance: [...(await serving.acceptance())],
    };
  }

  async function train(
    { requestId, ...request }: Params<ClientRequests, 'train'>,
    signal: AbortSignal,
  ): Promise<Result<ClientRequests, 'train'>> {
    if (running !== null) return refused(busy);
    stopTraining = new AbortController();
    const asked = AbortSignal.any([signal, stopTraining.signal]);
    const ended = Promise.withResolvers<void>();
    training = ended.promise;
    running = { requestId, stage: 'reading', share: 0, secondsLeft: null, startedAt: clock.now() };
    changed();
    try {
      const result = await startTrainer({
        folder,
        request,
        entries: store.entries(),
        unsupported,
        signal: AbortSignal.any([asked, closing.signal]),
        onProgress(progress) {
          const { stage, share, secondsLeft } = progress;
          if (running) running = { ...running, stage, share, secondsLeft };
          tell('trainingProgress', { requestId, ...progress });
        },
        onProblem,
        ...(setup?.entry === undefined ? {} : { runtimeEntry: setup.entry }),
      });
      if (!result.ok) {
        if (result.killed && asked.aborted && !request.dryRun) await noteCancelled();
        return refused(result.failure);
      }
      return { ok: true, runs: [...result.runs], report: result.report };
    } finally {
      running = null;
      training = null;
      changed();
      ended.resolve();
    }
  }

  /** Its process is gone, so that nobody else writes the note. */
  async function noteCancelled(): Promise<void> {
    const note = await readNote(folder);
    if (note && !isRunning(note)) await writeNote(nodeDisk, folder, { ...note, why: 'cancelled', at: clock.now() });
  }

  async function decide({
    id,
    decision,
  }: Params<ClientRequests, 'decideVersion'>): Promise<Result<ClientRequests, 'decideVersion'>> {
    const result =
      decision === 'reject'
        ? await registry.reject(id, 'Turned down.')
        : await registry.promote(id, 'Activated.', async (version) => {
            // What can’t be read must not take the place of what serves.
            const { decodeRewardModel, openSelector } = await import('./training/modelFiles.ts');
            if (version.manifest.kind === 'rewardModel') decodeRewardModel(version);
            else openSelector(version, { random: Math.random, runtime: theRuntime });
          });
    if (!result.ok) return refused({ reason: 'unavailable', message: result.message, nextStep: '' });
    await serving.refresh();
    changed();
    return { ok: true };
  }

  const idleTraining = new IdleTraining({
    store,
    clock,
    timer,
    log,
    after: () => (settings.trusted ? settings.trainAfterRatings : 0),
    lastTraining,
    async train(signal) {
      const request = { requestId: 'background', layers: [...trainLayers], dryRun: false, resume: false };
      const result = await expected(() => train(request, signal));
      if (!result.ok) log.info(`training by itself: ${result.failure.reason}`);
      return result.ok ? result.runs : null;
    },
    activate: async (id) => (await expected(() => decide({ id, decision: 'activate' }))).ok,
    onNotice: (notice) => tell('notice', notice),
  });

  return {
    get served() {
      return serving.served;
    },
    state,
    train: (params, signal) => expected(() => train(params, signal)),
    run: (id) =>
      expected(async () => {
        const version = await registry.load(id);
        if (!version.ok) return refused({ reason: 'unavailable', message: version.message, nextStep: '' });
        return { ok: true, ...toldOf(version.value) };
      }),
    decide: (params) => expected(() => decide(params)),
    rollBack: ({ layer }) =>
      expected(async () => {
        const reason = 'Rolled back.';
        let result = await registry.rollBack(layer, reason);
        // Before the first there was nothing: that, too, is a step back.
        if (!result.ok && result.refusal.type === 'noPredecessor') result = await registry.switchOff(layer, reason);
        if (!result.ok) return refused({ reason: 'unavailable', message: result.message, nextStep: '' });
        await serving.refresh();
        changed();
        return { ok: true, serving: result.value.serving[layer] };
      }),
    discard: () =>
      expected(async () => {
        const note = await readNote(folder);
        if (running !== null || (note && isRunning(note))) return refused(busy);
        await removeUnfinished(nodeDisk, folder);
        changed();
        return { ok: true };
      }),
    cancel: () => stopTraining.abort(),
    deleted: (episodeIds) => serving.deleted(episodeIds),
    async forget() {
      stopTraining.abort();
      await training;
      await registry.clear();
      await serving.forget();
      changed();
    },
    configure(next) {
      settings = next;
      idleTraining.reconsider();
    },
    idle: () => serving.idle(),
    async close() {
      closing.abort();
      stopFollowing();
      await idleTraining.close();
      await training;
      await serving.close();
      await (await runtime)?.close();
    },
  };
}

/** A file that is damaged, or a disk that refuses, is an expected failure. */
async function expected<T>(work: () => Promise<T>): Promise<T | Refused> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ModelFileError)) throw error;
    return refused({ reason: 'disk', message: error.message, nextStep: '' });
  }
}
