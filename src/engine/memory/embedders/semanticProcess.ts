import { type ChildProcess, fork } from 'node:child_process';
import type { FromSemanticWorker, ToSemanticWorker } from './semanticProtocol.ts';

export type BatchResult =
  | { readonly ok: true; readonly values: Float32Array }
  /** `alive`: only this batch failed; else the process is gone or of no use. */
  | { readonly ok: false; readonly alive: boolean; readonly message: string };

/** Loading takes a second and a batch a fraction of one; a process this late hangs. */
const longestBatchMs = 120_000;

/** One living child that embeds one batch at a time. */
export interface BatchRunner {
  run(texts: readonly string[]): Promise<BatchResult>;
  /** Ends the child; resolves when it is gone. A batch under way gets a failure. */
  stop(): Promise<void>;
}

/** Starts the child and has it load the model; failures arrive as results of `run`. */
export function startBatchRunner(options: {
  readonly entry: string;
  readonly modelsDir: string;
  readonly model: string;
  readonly dimensions: number;
}): BatchRunner {
  const child: ChildProcess = fork(options.entry, [], {
    execPath: process.execPath,
    // The engine's own flags (a debugger's port, a test runner's) are not for the child.
    execArgv: [],
    serialization: 'advanced',
    env: { ...process.env, ORT_DISABLE_TELEMETRY: '1' },
    // The runtime writes warnings to stderr; nobody reads them there.
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  let nextId = 0;
  let waiting: { id: number; texts: number; done(result: BatchResult): void } | null = null;
  let dead: string | null = null;

  function finish(result: BatchResult): void {
    const current = waiting;
    waiting = null;
    current?.done(result);
  }
  function die(message: string): void {
    dead ??= message;
    finish({ ok: false, alive: false, message: dead });
  }
  function receive(message: FromSemanticWorker): void {
    switch (message.type) {
      case 'ready':
        if (message.dimensions !== options.dimensions) {
          die(
            `The semantic embedder’s model gives vectors of ${message.dimensions}, not ${options.dimensions}. Download it again.`,
          );
        }
        return;
      case 'vectors':
        if (message.id !== waiting?.id) return;
        if (message.values.length === waiting.texts * options.dimensions) finish({ ok: true, values: message.values });
        else finish({ ok: false, alive: true, message: 'The semantic embedder gave an incomplete answer.' });
        return;
      case 'failed':
        if (message.stage === 'batch') {
          if (message.id === waiting?.id)
            finish({ ok: false, alive: true, message: `The semantic embedder failed: ${message.message}` });
        } else if (message.stage === 'runtime') {
          const first = message.message.split('\n')[0];
          die(`ONNX Runtime can’t be loaded on this machine (${first}). Attune goes on with its built-in embedder.`);
        } else die(`The semantic embedder’s model can’t be loaded (${message.message}). Download it again.`);
        return;
    }
  }
  const send = (message: ToSemanticWorker): void => {
    child.send(message, (error) => {
      if (error) die('The semantic embedder’s process can’t be reached.');
    });
  };

  child.on('message', (message) => receive(message as FromSemanticWorker));
  child.once('error', (error) => die(`The semantic embedder’s process can’t be started (${error.message}).`));
  child.once('exit', (code, signal) =>
    die(`The semantic embedder’s process ended unexpectedly (${signal ?? `code ${code}`}).`),
  );
  send({ type: 'load', modelsDir: options.modelsDir, model: options.model });

  return {
    run(texts) {
      if (dead !== null) return Promise.resolve({ ok: false, alive: false, message: dead });
      return new Promise((done) => {
        const id = nextId++;
        const timer = setTimeout(() => {
          die('The semantic embedder’s process no longer answers.');
        }, longestBatchMs);
        waiting = {
          id,
          texts: texts.length,
          done(result) {
            clearTimeout(timer);
            done(result);
          },
        };
        send({ type: 'embed', id, texts });
      });
    },
    async stop() {
      dead ??= 'The semantic embedder was closed.';
      finish({ ok: false, alive: false, message: dead });
      child.kill('SIGKILL');
      await exited;
    },
  };
}
