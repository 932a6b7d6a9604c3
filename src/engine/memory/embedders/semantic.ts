/**
 * The optional embedder: a sentence transformer in a child process. Calls are cut into small batches; one is under way at a
 * time, and a short call (a search) goes before the batches of a long one (re-embedding).
 */
import { fileURLToPath } from 'node:url';
import { type Machine, type Need, thisMachine, whyUnsupported } from '../../../tensor/runtime/support.ts';
import type { Clock, Log } from '../../clock.ts';
import type { Embedder } from '../embedder.ts';
import { semanticModelState } from './download.ts';
import { hiddenSize, isModelName, modelIdentity } from './modelFiles.ts';
import { type BatchRunner, startBatchRunner } from './semanticProcess.ts';

/** A search waits at most for one batch: 8 texts of 256 tokens take about 0.2 s on one core. */
const batchTexts = 8;
/** Calls of up to this many texts are somebody waiting. */
const urgentTexts = 4;
const firstBackOffMs = 1000;
const longestBackOffMs = 5 * 60_000;
/** A child that nobody asks anything gives its ~200 MB back. */
const idleMs = 5 * 60_000;

/** What to say where it can't run. */
export const semanticNeed: Need = {
  needs: 'The semantic embedder needs',
  goesOn: 'Attune goes on with its built-in embedder.',
};

export interface SemanticOptions {
  /** `owner/name`; its files lie below `cacheDir` (download.ts). */
  readonly model: string;
  readonly cacheDir: string;
  readonly clock: Clock;
  readonly log: Log;
  /** The script of the child; by default the one beside this file, or beside the bundle. */
  readonly entry?: string;
  readonly machine?: Machine;
}

interface Call {
  readonly texts: readonly string[];
  /** Indices into `texts` not yet sent, longest text last: batches of like lengths waste no padding. */
  readonly waiting: number[];
  readonly vectors: (Float32Array | undefined)[];
  missing: number;
  settled: boolean;
  resolve(vectors: Float32Array[]): void;
  reject(error: Error): void;
}

const abortError = (): Error => new DOMException('The embedding was cancelled.', 'AbortError');

/** `semantic.worker.ts` in the sources, `semanticWorker.mjs` beside the engine bundle. */
const defaultEntry = (): string =>
  fileURLToPath(
    new URL(import.meta.url.endsWith('.ts') ? './semantic.worker.ts' : './semanticWorker.mjs', import.meta.url),
  );

/**
 * Rejects with an Error whose message can be shown when the model is not downloaded or can't run on this machine. The child
 * starts with the first call. After a crash the calls under way fail, and later ones start it again, after a growing pause.
 */
export async function semanticEmbedder(options: SemanticOptions): Promise<Embedder> {
  const { model, cacheDir, clock, log } = options;
  const unsupported = whyUnsupported(options.machine ?? thisMachine(), semanticNeed);
  if (unsupported) throw new Error(unsupported);
  if (!isModelName(model)) throw new Error(`“${model}” is not a model name. Write it as owner/name.`);
  if ((await semanticModelState(model, cacheDir)) !== 'ready') {
    throw new Error(`The semantic embedder ${model} is not downloaded. Run “Attune: Download the Semantic Embedder”.`);
  }
  const dimensions = await hiddenSize(model, cacheDir);
  if (dimensions === null)
    throw new Error(`${model} does not say how long its vectors are. Choose another semantic model.`);
  const identity = await modelIdentity(model, cacheDir);
  const entry = options.entry ?? defaultEntry();

  const calls: Call[] = [];
  let runner: BatchRunner | null = null;
  let busy = false;
  let closed = false;
  let failures = 0;
  let notBefore = 0;
  let lastWarning = '';
  let idleTimer: NodeJS.Timeout | undefined;

  function settle(call: Call, error: Error | null): void {
    if (call.settled) return;
    call.settled = true;
    const index = calls.indexOf(call);
    if (index >= 0) calls.splice(index, 1);
    if (error) call.reject(error);
    else call.resolve(call.vectors as Float32Array[]);
  }

  function stopRunner(): void {
    void runner?.stop();
    runner = null;
  }

  /** The child died or can't load: everyone waiting learns it, and the next start waits. */
  function lost(message: string): void {
    stopRunner();
    const pauseMs = Math.min(longestBackOffMs, firstBackOffMs * 2 ** failures);
    failures++;
    notBefore = clock.now() + pauseMs;
    if (message !== lastWarning) log.warn(message);
    lastWarning = message;
    for (const call of [...calls]) settle(call, new Error(message));
  }

  async function pump(): Promise<void> {
    if (busy) return;
    busy = true;
    clearTimeout(idleTimer);
    try {
      for (;;) {
        const call =
          calls.find((c) => c.waiting.length > 0 && c.texts.length <= urgentTexts) ??
          calls.find((c) => c.waiting.length > 0);
        if (!call) return;
        runner ??= startBatchRunner({ entry, modelsDir: cacheDir, model, dimensions: dimensions! });
        const batch = call.waiting.splice(0, batchTexts);
        const result = await runner.run(batch.map((index) => call.texts[index]!));
        if (closed) return;
        if (result.ok) {
          failures = 0;
          batch.forEach((index, row) => {
            call.vectors[index] = result.values.slice(row * dimensions!, (row + 1) * dimensions!);
          });
          call.missing -= batch.length;
          if (call.missing === 0) settle(call, null);
        } else if (result.alive) settle(call, new Error(result.message));
        else return lost(result.message);
      }
    } finally {
      busy = false;
      // A call that came in while the last result was handled.
      if (!closed && calls.some((call) => call.waiting.length > 0)) void pump();
      else if (!closed) idleTimer = setTimeout(stopRunner, idleMs).unref();
    }
  }

  return {
    identity,
    dimensions,
    embed(texts, signal) {
      if (signal?.aborted) return Promise.reject(abortError());
      if (closed) return Promise.reject(new Error('The semantic embedder is closed.'));
      if (texts.length === 0) return Promise.resolve([]);
      const waitMs = notBefore - clock.now();
      if (!runner && waitMs > 0) {
        return Promise.reject(
          new Error(`The semantic embedder stopped; it is tried again in ${Math.ceil(waitMs / 1000)} s.`),
        );
      }
      return new Promise((resolve, reject) => {
        const waiting = texts.map((_, index) => index).sort((a, b) => texts[a]!.length - texts[b]!.length);
        const call: Call = { texts, waiting, vectors: [], missing: texts.length, settled: false, resolve, reject };
        const onAbort = () => settle(call, abortError());
        signal?.addEventListener('abort', onAbort, { once: true });
        call.resolve = (vectors) => {
          signal?.removeEventListener('abort', onAbort);
          resolve(vectors);
        };
        call.reject = (error) => {
          signal?.removeEventListener('abort', onAbort);
          reject(error);
        };
        calls.push(call);
        void pump();
      });
    },
    async close() {
      closed = true;
      clearTimeout(idleTimer);
      for (const call of [...calls]) settle(call, abortError());
      await runner?.stop();
      runner = null;
    },
  };
}
