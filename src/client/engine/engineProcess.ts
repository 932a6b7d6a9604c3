import { type ChildProcess, fork } from 'node:child_process';
import type { Readable } from 'node:stream';
import {
  createMessageConnection,
  IPCMessageReader,
  IPCMessageWriter,
  type MessageConnection,
} from 'vscode-jsonrpc/node';

/** How a process ended: an exit code, a signal, or the name of the error that kept it from starting. */
export type Exit = { readonly code: number | null; readonly signal: string | null; readonly error?: string };

/** A running engine and the wire to it. */
export interface EngineProcess {
  readonly pid: number;
  /** Not yet listening. */
  readonly connection: MessageConnection;
  /** Never rejects. */
  readonly exited: Promise<Exit>;
  /** Ends it at once; what was acknowledged is on the disk. */
  kill(): void;
}

const maxLineLength = 2000;

/** Calls `onLine` for each line of `stream`; a line that never ends is cut, so that memory stays bounded. */
function eachLine(stream: Readable | null, onLine: (line: string) => void): void {
  let rest = '';
  stream?.setEncoding('utf8');
  stream?.on('data', (chunk: string) => {
    const lines = (rest + chunk).split(/\r?\n/);
    rest = (lines.pop() ?? '').slice(-maxLineLength);
    for (const line of lines) if (line !== '') onLine(line.slice(0, maxLineLength));
  });
  stream?.on('end', () => rest !== '' && onLine(rest));
}

function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', (error: NodeJS.ErrnoException) => {
      // `error` without a pid: it never started. With one it is a failed kill or send, and `exit` still comes.
      if (child.pid === undefined) resolve({ code: null, signal: null, error: error.code ?? error.name });
    });
  });
}

/**
 * Forks the engine with the runtime this process runs on. In a desktop VS Code that is Electron, which
 * `ELECTRON_RUN_AS_NODE` makes a plain Node. `execArgv` is empty: a debugger of the extension host is not for the engine.
 * Throws when the process can't be made.
 */
export function startEngineProcess(options: {
  readonly module: string;
  readonly onOutput: (line: string) => void;
  readonly env?: NodeJS.ProcessEnv;
}): EngineProcess {
  const child = fork(options.module, [], {
    execPath: process.execPath,
    execArgv: [],
    env: { ...process.env, ...options.env, ELECTRON_RUN_AS_NODE: '1', ORT_DISABLE_TELEMETRY: '1' },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    serialization: 'json',
  });
  eachLine(child.stdout, options.onOutput);
  eachLine(child.stderr, options.onOutput);
  const connection = createMessageConnection(new IPCMessageReader(child), new IPCMessageWriter(child));
  return { pid: child.pid ?? -1, connection, exited: exitOf(child), kill: () => void child.kill('SIGKILL') };
}
