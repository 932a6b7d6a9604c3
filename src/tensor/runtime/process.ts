/** One child process with ONNX Runtime in it: a request, its answer, and what happens when the child goes. */
import { type ChildProcess, fork } from 'node:child_process';
import {
  CheckpointFileError,
  ModelError,
  ModelInputError,
  NonFiniteError,
  RuntimeStoppedError,
  RuntimeUnavailableError,
} from './errors.ts';
import type { Answer, Failure, FromWorker, Request, ToWorker } from './protocol.ts';
import { trainingNeed } from './support.ts';

export interface RuntimeProcess {
  /** One at a time. Rejects with one of errors.ts; with `RuntimeStoppedError` when the child goes before it answers. */
  request<R extends Request>(request: R): Promise<Answer<R>>;
  /** Keeps or drops what a `run` with `hold` made. */
  settle(keep: boolean): void;
  /** Ends the child; a request under way rejects with `message`. Resolves when it is gone. */
  stop(message: string): Promise<void>;
  /** Why the child is gone, or about to be; null: it lives. */
  readonly stopped: RuntimeStoppedError | null;
}

export interface ProcessOptions {
  readonly entry: string;
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** Once, when the child is gone or of no use any more; `stderr` is the end of what it wrote. */
  onStop(error: RuntimeStoppedError, stderr: string): void;
}

/** Of the child's stderr: enough for the native library's last words. */
const keptStderrCharacters = 4000;

function errorOf({ kind, message, file = '', code = '' }: Failure): Error {
  switch (kind) {
    case 'unavailable': {
      const reason = `can’t be loaded on this machine (${message.split('\n')[0]})`;
      return new RuntimeUnavailableError(
        `${trainingNeed.needs} ONNX Runtime, which ${reason}. Attune goes on suggesting, remembering and retrieving.`,
      );
    }
    case 'model':
      return new ModelError(`ONNX Runtime: ${message}`);
    case 'input':
      return new ModelInputError(message);
    case 'nonFinite':
      return new NonFiniteError(message);
    case 'file':
      return new CheckpointFileError(message, file, code);
  }
}

/** Starts a child; that it can't be started arrives like a crash. */
export function startProcess(options: ProcessOptions): RuntimeProcess {
  const child: ChildProcess = fork(options.entry, [], {
    execPath: process.execPath,
    // The parent's own flags (a debugger's port, a test runner's) are not for the child.
    execArgv: [],
    serialization: 'advanced',
    env: { ...process.env, ...options.env, ORT_DISABLE_TELEMETRY: '1' },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-keptStderrCharacters);
  });

  let nextId = 0;
  let waiting: { id: number; resolve(value: unknown): void; reject(error: Error): void } | null = null;
  let stopped: RuntimeStoppedError | null = null;

  function take(): typeof waiting {
    const current = waiting;
    waiting = null;
    return current;
  }
  function die(message: string): void {
    if (stopped) return;
    stopped = new RuntimeStoppedError(message);
    child.kill('SIGKILL');
    take()?.reject(stopped);
    options.onStop(stopped, stderr);
  }
  function receive(message: FromWorker): void {
    if (message.id !== waiting?.id) return;
    if (message.type === 'answer') take()?.resolve(message.value);
    else take()?.reject(errorOf(message.failure));
  }
  const send = (message: ToWorker): void => {
    child.send(message, (error) => {
      if (error) die(`The process of ONNX Runtime can’t be reached (${error.message}).`);
    });
  };

  child.on('message', (message) => receive(message as FromWorker));
  child.once('error', (error) => die(`The process of ONNX Runtime can’t be started (${error.message}).`));
  child.once('exit', (code, signal) =>
    die(`The process of ONNX Runtime ended unexpectedly (${signal ?? `code ${code}`}).`),
  );

  return {
    get stopped() {
      return stopped;
    },
    request<R extends Request>(request: R): Promise<Answer<R>> {
      if (stopped) return Promise.reject(stopped);
      return new Promise((resolve, reject) => {
        const id = nextId++;
        waiting = { id, resolve: (value) => resolve(value as Answer<R>), reject };
        send({ type: 'request', id, request });
      });
    },
    settle(keep) {
      if (!stopped) send({ type: 'settle', keep });
    },
    async stop(message) {
      die(message);
      await exited;
    },
  };
}
