/** The process that a runtime has at the moment, and the calls that wait for it. */
import { type Calls, serialCalls } from './calls.ts';
import { RuntimeStoppedError, RuntimeUnavailableError } from './errors.ts';
import { type ProbeResult, probeProvider } from './probe.ts';
import { type RuntimeProcess, startProcess } from './process.ts';
import type { Provider } from './providers.ts';
import { type Machine, thisMachine, trainingNeed, whyUnsupported } from './support.ts';

export interface HomeOptions {
  readonly log: { debug(message: string): void };
  readonly entry: string;
  readonly env: NodeJS.ProcessEnv | undefined;
  readonly machine: Machine | undefined;
}

export interface Home {
  readonly calls: Calls;
  /** The process; starts one when there is none. Throws when the runtime is closed or this machine has none. */
  running(): RuntimeProcess;
  /** Null: none runs. */
  current(): RuntimeProcess | null;
  /** Throws RuntimeUnavailableError. */
  checkMachine(): void;
  /** Tried once. */
  probed(provider: Provider): Promise<ProbeResult>;
  /** For what the process and we call by number. */
  nextId(): number;
  /** Ends the process, and that of a probe. */
  close(): Promise<void>;
}

export function makeHome({ log, entry, env, machine: given }: HomeOptions): Home {
  const probes = new Map<Provider, Promise<ProbeResult>>();
  const calls = serialCalls((timeoutMs) => {
    void child?.stop(`The call took longer than ${timeoutMs} ms, so the process of ONNX Runtime was ended.`);
  });
  let machine = given;
  let child: RuntimeProcess | null = null;
  const closing = new AbortController();
  let lastId = 0;

  function usableMachine(): Machine {
    machine ??= thisMachine();
    const unsupported = whyUnsupported(machine, trainingNeed);
    if (unsupported) throw new RuntimeUnavailableError(unsupported);
    return machine;
  }

  return {
    calls,
    current: () => child,
    checkMachine: () => void usableMachine(),
    nextId: () => ++lastId,
    running() {
      if (closing.signal.aborted) throw new RuntimeStoppedError('The runtime is closed.');
      usableMachine();
      if (child) return child;
      const started = startProcess({
        entry,
        env,
        onStop(error, stderr) {
          if (child === started) child = null;
          log.debug(`${error.message}${stderr && ` Its last words: ${stderr}`}`);
          calls.rejectWaiting(error);
        },
      });
      child = started;
      return started;
    },
    probed(provider) {
      const known = probes.get(provider);
      if (known) return known;
      const probe = probeProvider(provider, { entry, env, machine: usableMachine(), signal: closing.signal });
      probes.set(provider, probe);
      return probe;
    },
    async close() {
      closing.abort(new RuntimeStoppedError('The runtime was closed.'));
      await child?.stop('The runtime was closed.');
      await Promise.allSettled(probes.values());
    },
  };
}
