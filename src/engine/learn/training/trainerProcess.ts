/** One training in a process of its own, as the engine sees it. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import type { Failure } from '../../../protocol/rpc.ts';
import type { StoredEpisode } from '../../memory/store.ts';
import type { JobProgress, JobResult, TrainRequest } from './job.ts';
import { FromTrainer, type ToTrainer } from './trainerProtocol.ts';

export interface TrainerOptions {
  readonly folder: string;
  readonly request: TrainRequest;
  /** Newest first or last; read while they are sent. */
  readonly entries: Iterable<StoredEpisode>;
  /** Why there is no native runtime; null: there is one. */
  readonly unsupported: string | null;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: JobProgress) => void;
  readonly onProblem: (message: string) => void;
  /** The script of the child; by default the one beside this file, or beside the bundle. */
  readonly entry?: string;
  /** Of ONNX Runtime’s process. */
  readonly runtimeEntry?: string;
  /** Enough for 20 000 episodes and a model by default; more is a leak, and must not take the machine down. */
  readonly heapMegabytes?: number;
}

export type TrainerResult =
  | ({ readonly ok: true } & JobResult)
  /** `killed`: it ended before it could say why. */
  | { readonly ok: false; readonly killed: boolean; readonly failure: Failure };

/** `trainer.worker.ts` in the sources, `trainer.mjs` beside the engine’s bundle. */
const defaultEntry = (): string =>
  fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? './trainer.worker.ts' : './trainer.mjs', import.meta.url));

/** Of what is read and sent at a time: suggestions must not wait for it. */
const sliceMs = 3;
const sliceCharacters = 100_000;

const cancelled: Failure = { reason: 'cancelled', message: 'The training was cancelled.', nextStep: '' };

/** Resolves when the child is gone, whatever it came to. */
export async function startTrainer(options: TrainerOptions): Promise<TrainerResult> {
  const {
    folder,
    request,
    entries,
    unsupported,
    signal,
    onProgress,
    onProblem,
    runtimeEntry,
    heapMegabytes = 2048,
  } = options;
  if (signal.aborted) return { ok: false, killed: true, failure: cancelled };
  const child: ChildProcess = fork(options.entry ?? defaultEntry(), [], {
    execPath: process.execPath,
    // The engine’s own flags (a debugger’s port, a test runner’s) are not for the child.
    execArgv: ['--disable-warning=ExperimentalWarning', `--max-old-space-size=${heapMegabytes}`],
    serialization: 'json',
    env: { ...process.env, ORT_DISABLE_TELEMETRY: '1' },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const exited = new Promise<string>((resolve) => {
    child.once('exit', (code, killedBy) => resolve(killedBy ?? `code ${code}`));
    child.once('error', (error) => resolve(error.message));
  });
  const ready = Promise.withResolvers<void>();
  let result: TrainerResult | null = null;
  child.on('message', (message) => {
    const heard = v.safeParse(FromTrainer, message);
    // What is not understood is not acted on; without a result the training has failed.
    if (!heard.success) return;
    const said = heard.output;
    switch (said.type) {
      case 'ready':
        return ready.resolve();
      case 'progress':
        return onProgress(said.progress);
      case 'problem':
        return onProblem(said.message);
      case 'done':
        result = { ok: true, runs: said.runs, report: said.report };
        return;
      case 'failed':
        result = { ok: false, killed: false, failure: said.failure };
    }
  });
  const kill = (): void => void child.kill('SIGKILL');
  signal.addEventListener('abort', kill, { once: true });
  const send = (message: ToTrainer): Promise<void> =>
    new Promise((resolve) => {
      if (!child.connected) resolve();
      else child.send(message, () => resolve());
    });
  try {
    await Promise.race([ready.promise, exited]);
    await send({
      type: 'start',
      folder,
      request: { ...request, layers: [...request.layers] },
      unsupported,
      runtimeEntry: runtimeEntry ?? null,
    });
    for await (const slice of slicesOf(entries)) {
      if (!child.connected) break;
      await send({ type: 'episodes', entries: slice });
    }
    await send({ type: 'go' });
    const ending = await exited;
    if (result !== null) return result;
    if (signal.aborted) return { ok: false, killed: true, failure: cancelled };
    return {
      ok: false,
      killed: true,
      failure: {
        reason: 'unavailable',
        message: `The process that trains ended unexpectedly (${ending}).`,
        nextStep: 'Nothing was changed. Train again, or resume from the last finished stage.',
      },
    };
  } finally {
    signal.removeEventListener('abort', kill);
  }
}

type Sent = (ToTrainer & { readonly type: 'episodes' })['entries'];

/** A few at a time; between two of them others have their turn. */
export async function* slicesOf(entries: Iterable<StoredEpisode>): AsyncGenerator<Sent> {
  let slice: Sent = [];
  let characters = 0;
  let begun = performance.now();
  for (const entry of entries) {
    slice.push(sent(entry));
    characters += sizeOf(entry);
    if (characters < sliceCharacters && performance.now() - begun < sliceMs) continue;
    yield slice;
    await new Promise<void>((resolve) => setImmediate(resolve));
    slice = [];
    characters = 0;
    begun = performance.now();
  }
  if (slice.length > 0) yield slice;
}

/** What the gate saw is not looked at. */
function sent({ episode, events, rating, otherRatings, forbidden }: StoredEpisode): Sent[number] {
  const candidates = episode.candidates.map(({ features: _, ...rest }) => rest);
  return {
    episode: { ...episode, candidates },
    events: [...events],
    rating,
    otherRatings: [...otherRatings],
    forbidden,
  };
}

const sizeOf = ({ episode }: StoredEpisode): number =>
  500 +
  episode.prefix.length +
  episode.suffix.length +
  episode.candidates.reduce((sum, { text }) => sum + text.length, 0);
