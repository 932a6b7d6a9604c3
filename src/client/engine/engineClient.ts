import type * as v from 'valibot';
import {
  type CancellationToken,
  ConnectionError,
  type Disposable,
  Emitter,
  ErrorCodes,
  ResponseError,
} from 'vscode-jsonrpc';
import { type Peer, peer } from '../../protocol/connection.ts';
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
  type Params,
  type Result,
} from '../../protocol/rpc.ts';
import { type Log, logError } from '../platform/logging.ts';
import type { EngineProcess, Exit } from './engineProcess.ts';
import { type EngineState, EngineUnavailable, unavailable } from './engineState.ts';
import type { RestartPolicy } from './restartPolicy.ts';

type EnginePeer = Peer<ClientRequests, ClientNotifications, HostRequests, EngineNotifications>;
type Told<K extends keyof ClientNotifications> = v.InferInput<ClientNotifications[K]>;
/** What a notification of the engine carries. */
export type Heard<K extends keyof EngineNotifications> = v.InferOutput<EngineNotifications[K]>;

/** What only the editor has, served to the engine. */
export interface HostServices {
  secret(key: string): Promise<string | null>;
  listHostModels(): Promise<Result<HostRequests, 'listHostModels'>>;
  /** Resolves at the end of the stream; failures are values. */
  hostModelChat(
    request: Params<HostRequests, 'hostModelChat'>,
    onText: (text: string) => void,
    token: CancellationToken,
  ): Promise<Result<HostRequests, 'hostModelChat'>>;
}

export interface EngineClientDeps {
  /** Throws when the process can't be made. */
  readonly launch: () => EngineProcess;
  /** Read anew at each start and at each `configure()`. */
  readonly initializeParams: () => Params<ClientRequests, 'initialize'>;
  readonly host: HostServices;
  readonly policy: RestartPolicy;
  readonly now: () => number;
  /** Runs `run` after `delayMs`; the answer cancels it. */
  readonly schedule: (delayMs: number, run: () => void) => () => void;
  readonly log: Log;
}

/** One run of the process. */
interface Session {
  readonly process: EngineProcess;
  readonly peer: EnginePeer;
  /** It answered `initialize`. */
  connected: boolean;
}

const shutdownMs = 2000;

/**
 * Keeps one engine process alive and speaks with it. A crash rejects what is pending at once; nothing ever waits for an
 * engine that is not there.
 */
export class EngineClient {
  readonly #deps: EngineClientDeps;
  readonly #listeners = new Map<string, Set<(params: never) => void>>();
  readonly #stateChanged = new Emitter<EngineState>();
  readonly #willBeReady = new Emitter<void>();
  readonly #willAskAbout = new Emitter<string>();
  #state: EngineState = { type: 'starting' };
  #session: Session | null = null;
  #cancelRestart: () => void = () => {};
  #configurationStale = false;

  constructor(deps: EngineClientDeps) {
    this.#deps = deps;
  }

  get state(): EngineState {
    return this.#state;
  }

  readonly onDidChangeState = this.#stateChanged.event;

  /** Fires after each (re)start, before anyone sees `ready`: what the engine must hear first is told here. */
  readonly onWillBeReady = this.#willBeReady.event;

  /** Fires with a document's URI before a request about it leaves: the last moment to tell the engine what it holds. */
  readonly onWillAskAbout = this.#willAskAbout.event;

  /** Starts the process; the outcome is a state. */
  start(): void {
    this.#setState({ type: 'starting' });
    this.#launch();
  }

  /** On the user's word: ends what runs, forgets earlier crashes and starts again. */
  async restart(): Promise<void> {
    await this.stop();
    this.#deps.policy.reset();
    this.start();
  }

  /** Lets the engine write what is not on the disk yet, for at most two seconds, and ends it. */
  async stop(): Promise<void> {
    const session = this.#session;
    this.#cancelRestart();
    this.#session = null;
    this.#setState({ type: 'down', why: 'stopped', detail: '' });
    if (!session) return;
    const deadline = Promise.withResolvers<void>();
    const cancel = this.#deps.schedule(shutdownMs, () => deadline.resolve());
    if (session.connected) {
      // The engine exits by itself once it answered; a rejection means that it is gone already.
      const ended = session.peer.ask('shutdown', {}).then(
        () => session.process.exited,
        () => session.process.exited,
      );
      await Promise.race([ended, deadline.promise]);
    }
    cancel();
    session.process.connection.dispose();
    session.process.kill();
    await session.process.exited;
  }

  /** Rejects at once with `EngineUnavailable` when the engine is not ready, and when it dies before it answers. */
  async ask<K extends keyof ClientRequests & string>(
    method: K,
    params: v.InferInput<ClientRequests[K]['params']>,
    token?: CancellationToken,
  ): Promise<Result<ClientRequests, K>> {
    const reason = unavailable(this.#state);
    if (reason !== null || !this.#session) throw new EngineUnavailable(reason ?? 'stopped');
    if ('uri' in params) this.#willAskAbout.fire(params.uri);
    try {
      return await this.#session.peer.ask(method, params, token);
    } catch (error) {
      throw isGone(error) ? new EngineUnavailable(unavailable(this.#state) ?? 'restarting') : error;
    }
  }

  /** Dropped when there is no engine to hear it; never throws. */
  tell<K extends keyof ClientNotifications & string>(method: K, params: Told<K>): void {
    const session = this.#session;
    if (!session?.connected) return;
    try {
      session.peer.tell(method, params);
    } catch {
      this.#deps.log.debug(`${method} not sent: the connection is closed`);
    }
  }

  /** Hears the engine's notifications, across restarts. */
  hear<K extends keyof EngineNotifications & string>(method: K, handler: (params: Heard<K>) => void): Disposable {
    const handlers = this.#listeners.get(method) ?? new Set();
    this.#listeners.set(method, handlers);
    handlers.add(handler);
    return { dispose: () => void handlers.delete(handler) };
  }

  /** Settings, folders or trust changed. Resolves when the engine took them, at once when it is not running. */
  async configure(): Promise<void> {
    if (this.#state.type !== 'ready') {
      this.#configurationStale = true;
      return;
    }
    const { config, trusted, folders } = this.#deps.initializeParams();
    await this.ask('configure', { config, trusted, folders });
  }

  #launch(): void {
    let session: Session;
    try {
      session = this.#connect(this.#deps.launch());
    } catch (error) {
      this.#cannotStart(error);
      return;
    }
    this.#session = session;
    this.#configurationStale = false;
    void session.process.exited.then((exit) => this.#exited(session, exit));
    session.process.connection.onClose(() => session.process.kill());
    session.process.connection.listen();
    session.peer.ask('initialize', this.#deps.initializeParams()).then(
      (initialized) => this.#initialized(session, initialized),
      (error: unknown) => {
        // When it died, its exit tells; when it refused, trying again would not help.
        if (this.#session !== session || isGone(error)) return;
        this.#session = null;
        session.process.connection.dispose();
        session.process.kill();
        this.#cannotStart(error);
      },
    );
  }

  #connect(process: EngineProcess): Session {
    const { host, log } = this.#deps;
    const tables = {
      ask: clientRequests,
      tell: { ...clientNotifications, ...hostStream },
      answer: hostRequests,
      hear: engineNotifications,
    };
    const wire: EnginePeer = peer(process.connection, tables, (problem) => log.warn(problem));
    wire.answer('secret', ({ key }) => host.secret(key));
    wire.answer('listHostModels', () => host.listHostModels());
    wire.answer('hostModelChat', (request, token) =>
      host.hostModelChat(request, (text) => wire.tell('hostModelChunk', { requestId: request.requestId, text }), token),
    );
    for (const method of Object.keys(engineNotifications) as (keyof EngineNotifications)[]) {
      wire.hear(method, (params) => this.#heard(method, params));
    }
    return { process, peer: wire, connected: false };
  }

  #heard(method: string, params: unknown): void {
    for (const handler of this.#listeners.get(method) ?? []) {
      try {
        handler(params as never);
      } catch (error) {
        logError(this.#deps.log, `hearing ${method}`, error);
      }
    }
  }

  #initialized(session: Session, initialized: Result<ClientRequests, 'initialize'>): void {
    if (this.#session !== session) return;
    session.connected = true;
    this.#deps.policy.ready(this.#deps.now());
    this.#deps.log.info(`Engine ${initialized.version} ready: ${initialized.store.episodes} episodes`);
    this.#willBeReady.fire();
    this.#setState({ type: 'ready', pid: session.process.pid, ...initialized });
    if (this.#configurationStale) {
      this.configure().catch((error: unknown) => logError(this.#deps.log, 'configure', error));
    }
  }

  #exited(session: Session, exit: Exit): void {
    if (this.#session !== session) return;
    this.#session = null;
    const how = exit.error ?? exit.signal ?? `code ${exit.code}`;
    const verdict = this.#deps.policy.crashed(this.#deps.now());
    this.#deps.log.error(`Engine ended unexpectedly (${how}); crash ${verdict.crashes} of a series`);
    switch (verdict.type) {
      case 'restart': {
        const { delayMs, crashes, first } = verdict;
        this.#cancelRestart = this.#deps.schedule(delayMs, () => this.#launch());
        this.#setState({ type: 'restarting', crashes, delayMs, tellUser: first });
        break;
      }
      case 'giveUp':
        this.#setState({ type: 'down', why: 'crashed', detail: how });
        break;
    }
    // Rejects what is pending; after the state, so that each rejection can say why.
    session.process.connection.dispose();
  }

  #cannotStart(error: unknown): void {
    logError(this.#deps.log, 'Engine could not start', error);
    const message = error instanceof Error ? error.message : String(error);
    // vscode-jsonrpc puts its own words before the engine's.
    const detail = message.replace(/^Request \w+ failed with message: /, '');
    this.#setState({ type: 'down', why: 'cannotStart', detail });
  }

  #setState(state: EngineState): void {
    this.#state = state;
    this.#stateChanged.fire(state);
  }
}

function isGone(error: unknown): boolean {
  if (error instanceof ConnectionError) return true;
  if (!(error instanceof ResponseError)) return false;
  return error.code === ErrorCodes.PendingResponseRejected || error.code === ErrorCodes.MessageWriteError;
}
