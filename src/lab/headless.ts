import { type ChildProcess, fork } from 'node:child_process';
import {
  createMessageConnection,
  IPCMessageReader,
  IPCMessageWriter,
  type MessageConnection,
} from 'vscode-jsonrpc/node';
import { defaultConfig, type EngineConfig } from '../protocol/config.ts';
import { type Peer, peer } from '../protocol/connection.ts';
import {
  type ClientNotifications,
  type ClientRequests,
  clientNotifications,
  clientRequests,
  type EngineNotifications,
  engineNotifications,
  type HostRequests,
  hostRequests,
  hostStream,
  type Result,
  type WorkspaceFolder,
} from '../protocol/rpc.ts';

/** The engine as its client sees it. */
export type EnginePeer = Peer<ClientRequests, ClientNotifications, HostRequests, EngineNotifications>;

/** An engine driven without an editor. */
export interface LabEngine {
  readonly ask: EnginePeer['ask'];
  readonly tell: EnginePeer['tell'];
  readonly hear: EnginePeer['hear'];
  readonly initialized: Result<ClientRequests, 'initialize'>;
  /** Resolves when the workspace has been read (or at once when it already was). */
  indexed(): Promise<void>;
  /** Folds the memory and ends the engine. */
  stop(): Promise<void>;
}

/** The real engine process, driven without an editor: by the demo, the benchmarks and the tests. */
export interface HeadlessEngine extends LabEngine {
  readonly process: ChildProcess;
  /** SIGKILL: what a power cut does to the process. */
  kill(): Promise<void>;
}

export interface HeadlessOptions {
  readonly folders: readonly WorkspaceFolder[];
  readonly storagePath: string;
  readonly cachePath: string;
  readonly config?: Partial<EngineConfig>;
  readonly trusted?: boolean;
  readonly rater?: string;
  /** The engine's entry: the TypeScript source by default, or a bundle. */
  readonly entry?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly onLog?: (level: string, message: string) => void;
}

const sourceEntry = new URL('../engine/main.ts', import.meta.url).pathname;

/** Forks the engine, connects and initializes it. Rejects when it dies before answering. */
export async function startEngine(options: HeadlessOptions): Promise<HeadlessEngine> {
  const child = fork(options.entry ?? sourceEntry, [], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    execArgv: ['--disable-warning=ExperimentalWarning'],
    env: { ...process.env, ...options.env, ORT_DISABLE_TELEMETRY: '1' },
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const connection: MessageConnection = createMessageConnection(
    new IPCMessageReader(child),
    new IPCMessageWriter(child),
  );
  const engine: EnginePeer = peer(
    connection,
    {
      ask: clientRequests,
      tell: { ...clientNotifications, ...hostStream },
      answer: hostRequests,
      hear: engineNotifications,
    },
    (problem) => options.onLog?.('warn', problem),
  );
  const { initialize, indexed } = introduce(engine, options);
  connection.listen();

  const initialized = await Promise.race([
    initialize(),
    exited.then(() => {
      throw new Error(`The engine ended while starting (exit code ${child.exitCode}).`);
    }),
  ]);
  return {
    ask: engine.ask,
    tell: engine.tell,
    hear: engine.hear,
    initialized,
    process: child,
    indexed,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        await Promise.race([engine.ask('shutdown', {}).catch(() => {}), exited]);
        connection.dispose();
        if (child.connected) child.disconnect();
      }
      await exited;
    },
    async kill() {
      connection.dispose();
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** Answers what an engine asks of an editor, hears of its state, and gives it its settings. Before the connection listens. */
export function introduce(
  engine: EnginePeer,
  options: HeadlessOptions,
): { readonly initialize: () => Promise<Result<ClientRequests, 'initialize'>>; readonly indexed: () => Promise<void> } {
  const { promise: indexed, resolve: markIndexed } = Promise.withResolvers<void>();
  engine.answer('secret', () => null);
  engine.answer('listHostModels', () => []);
  engine.hear('log', ({ level, message }) => options.onLog?.(level, message));
  engine.hear('status', ({ state }) => {
    if (state === 'ready' || state === 'untrusted') markIndexed();
  });
  // Demo, benchmarks and tests do the same every time: no place is drawn to be without memory unless they ask for it.
  const config: EngineConfig = { ...defaultConfig, controlShare: 0, ...options.config };
  return {
    indexed: () => indexed,
    initialize: () =>
      engine.ask('initialize', {
        folders: [...options.folders],
        storagePath: options.storagePath,
        cachePath: options.cachePath,
        rater: options.rater ?? 'developer',
        trusted: options.trusted ?? true,
        config,
      }),
  };
}
