/**
 * ONNX Runtime as the rest of Attune sees it: programs that run models, and states that stay beside them in a child process.
 * The process starts with the first call, and again with the first call after it went; programs come back by themselves,
 * states don't. Calls run one at a time, in order.
 */
import { fileURLToPath } from 'node:url';
import type { DType } from '../dtype.ts';
import type { Model, Shape, TensorSpec, TensorValue } from '../model.ts';
import { batches } from './batches.ts';
import { type CallOptions, serialCalls } from './calls.ts';
import { checkState, checkTensor, describe, namesIn, orderFeeds, type Tensors } from './check.ts';
import { ModelError, ModelInputError, RuntimeStoppedError, RuntimeUnavailableError, StateLostError } from './errors.ts';
import { type LoadOptions, loadRequest } from './loadRequest.ts';
import { type ProbeResult, probeProvider } from './probe.ts';
import { type RuntimeProcess, startProcess } from './process.ts';
import type { MemoryUse, NamedData } from './protocol.ts';
import { allProviders, type Provider, plainReason } from './providers.ts';
import { type Machine, thisMachine, trainingNeed, whyUnsupported } from './support.ts';

export interface RuntimeOptions {
  readonly log: { debug(message: string): void };
  /** The script of the child; by default the one beside this file, or beside the bundle. */
  readonly entry?: string;
  /** Threads of programs that don't say otherwise. */
  readonly threads?: number;
  /** Added to the child's environment. */
  readonly env?: NodeJS.ProcessEnv;
  readonly machine?: Machine;
}

/** A graph is rewritten for some providers before it is serialised: then a function gives the one for each. */
export type ModelSource = Model | ((provider: Provider) => Model);

export interface RunOptions extends CallOptions {
  /** What the model's state bindings are read from and written to: all of them, or after an error none. */
  readonly state?: State;
  readonly feeds: Tensors;
}

/** A model, loaded. */
export interface Program {
  readonly model: Model;
  readonly provider: Provider;
  /** Why it runs on the CPU and not where it was asked to; null: it runs there. */
  readonly fallbackReason: string | null;
  /**
   * One run; gives the model's outputs. Rejects with one of errors.ts, or with the signal's reason; a run under way when the
   * signal comes still takes its time, but the state doesn't change.
   */
  run(options: RunOptions): Promise<Tensors>;
  dispose(): Promise<void>;
}

/** Without `data`: zeros, which needn't travel. */
export type InitialTensor = TensorValue | { readonly dtype: DType; readonly shape: Shape };

/** Tensors that live in the runtime's process; programs that name them read and write them. */
export interface State {
  readonly tensors: ReadonlyMap<string, TensorSpec>;
  /** Copies; of all tensors unless named. */
  read(names?: Iterable<string>): Promise<Tensors>;
  /** Replaces tensors by others of the same type and shape. */
  write(tensors: Tensors): Promise<void>;
  dispose(): Promise<void>;
}

export interface Runtime {
  /** Each provider in turn, in a process of its own; `onProvider` hears which one is next. */
  probe(onProvider?: (provider: Provider) => void): Promise<readonly ProbeResult[]>;
  /** On the CPU where the provider can't be had; `threads` and the rest as in LoadOptions. */
  load(source: ModelSource, options: LoadOptions & CallOptions & { readonly provider?: Provider }): Promise<Program>;
  /** `label` names it in messages: “The policy’s state”. */
  createState(tensors: { readonly [name: string]: InitialTensor }, label?: string): Promise<State>;
  /** Of the child; zero while there is none. */
  measure(): Promise<MemoryUse>;
  /** Ends the process, and that of a probe; calls under way, waiting and later reject with RuntimeStoppedError. */
  close(): Promise<void>;
}

/** `runtime.worker.ts` in the sources, `tensorRuntime.mjs` beside the engine's bundle. */
const defaultEntry = (): string =>
  fileURLToPath(
    new URL(import.meta.url.endsWith('.ts') ? './runtime.worker.ts' : './tensorRuntime.mjs', import.meta.url),
  );

interface HeldState {
  readonly id: number;
  readonly home: RuntimeProcess;
  readonly tensors: ReadonlyMap<string, TensorSpec>;
  readonly label: string;
  disposed: boolean;
}

/** Cheap: nothing starts before it is needed. */
export function startRuntime(options: RuntimeOptions): Runtime {
  const { log, env, threads } = options;
  const entry = options.entry ?? defaultEntry();
  const probes = new Map<Provider, Promise<ProbeResult>>();
  const held = new WeakMap<State, HeldState>();
  const calls = serialCalls((timeoutMs) => {
    void child?.stop(`The call took longer than ${timeoutMs} ms, so the process of ONNX Runtime was ended.`);
  });
  let machine = options.machine;
  let child: RuntimeProcess | null = null;
  const closing = new AbortController();
  let nextId = 0;

  function usableMachine(): Machine {
    machine ??= thisMachine();
    const unsupported = whyUnsupported(machine, trainingNeed);
    if (unsupported) throw new RuntimeUnavailableError(unsupported);
    return machine;
  }

  function running(): RuntimeProcess {
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
  }

  function probed(provider: Provider): Promise<ProbeResult> {
    const known = probes.get(provider);
    if (known) return known;
    const probe = probeProvider(provider, { entry, env, machine: usableMachine(), signal: closing.signal });
    probes.set(provider, probe);
    return probe;
  }

  function stateHere(state: HeldState): HeldState {
    if (state.disposed) throw new StateLostError(`${state.label} was disposed of.`);
    if (state.home.stopped) {
      throw new StateLostError(`${state.label} was lost when the runtime stopped; load the last checkpoint.`);
    }
    return state;
  }

  async function writeAll(state: HeldState, tensors: readonly NamedData[]): Promise<void> {
    for (const batch of batches(tensors)) {
      await state.home.request({ type: 'write', state: state.id, tensors: batch });
    }
  }

  function stateHandle(own: HeldState): State {
    const { id, home, tensors } = own;
    const state: State = {
      tensors,
      read: (names) =>
        calls.enqueue(async () => {
          stateHere(own);
          const result: { [name: string]: TensorValue } = {};
          for (const batch of batches(namesIn(tensors, names ?? tensors.keys()).map((name) => tensors.get(name)!))) {
            const data = await home.request({ type: 'read', state: id, names: batch.map(({ name }) => name) });
            batch.forEach(({ name, dtype, shape }, index) => {
              result[name] = { dtype, shape, data: data[index]! };
            });
          }
          return result;
        }),
      write: (values) =>
        calls.enqueue(async () => {
          stateHere(own);
          for (const name of namesIn(tensors, Object.keys(values))) {
            const [given, wanted] = [describe(values[name]!), describe(tensors.get(name)!)];
            if (given !== wanted) throw new ModelInputError(`The state’s “${name}” is ${wanted}; ${given} was given.`);
            checkTensor(name, values[name]!);
          }
          await writeAll(own, named(values));
        }),
      dispose: () =>
        calls.enqueue(async () => {
          if (!own.disposed && !home.stopped) await home.request({ type: 'disposeState', state: id });
          own.disposed = true;
        }),
    };
    held.set(state, own);
    return state;
  }

  async function load(
    source: ModelSource,
    { provider: asked = 'cpu', signal, timeoutMs, ...wishes }: Parameters<Runtime['load']>[1],
  ): Promise<Program> {
    const id = nextId++;
    const loadOptions: LoadOptions = { ...wishes, threads: wishes.threads ?? threads };
    // A driver that ends the process must not do so in the one that holds states.
    let fallbackReason = asked === 'cpu' ? null : (await probed(asked)).reason;
    let provider: Provider = fallbackReason === null ? asked : 'cpu';
    let model: Model | null = null;
    let loadedIn: RuntimeProcess | null = null;
    let disposed = false;

    const modelFor = (wanted: Provider): Model => (typeof source === 'function' ? source(wanted) : source);
    async function loadInto(home: RuntimeProcess): Promise<Model> {
      if (model && loadedIn === home) return model;
      try {
        model ??= modelFor(provider);
        await home.request(await loadRequest(id, model, provider, loadOptions));
      } catch (error) {
        if (!(error instanceof ModelError) || provider === 'cpu') throw error;
        fallbackReason = plainReason(provider, error.message);
        provider = 'cpu';
        model = modelFor(provider);
        await home.request(await loadRequest(id, model, provider, loadOptions));
      }
      loadedIn = home;
      return model;
    }
    const loaded = await calls.enqueue(() => loadInto(running()), { signal, timeoutMs });

    return {
      get model() {
        return model ?? loaded;
      },
      get provider() {
        return provider;
      },
      get fallbackReason() {
        return fallbackReason;
      },
      run: ({ state, feeds, signal, timeoutMs }) =>
        calls.enqueue(
          async (settle) => {
            if (disposed) throw new ModelInputError('The program was disposed of.');
            const own = state ? stateHere(known(state)) : null;
            const home = running();
            const { inputs, outputs, state: bindings, appends = [] } = model ?? loaded;
            checkState(model ?? loaded, own?.tensors ?? null);
            const data = orderFeeds(inputs, feeds, loadOptions.checkFinite ?? true);
            await loadInto(home);
            signal?.throwIfAborted();
            const writes = appends.length > 0 || bindings.some(({ output }) => output !== null);
            const hold = writes && signal !== undefined;
            const results = await home.request({ type: 'run', program: id, state: own?.id ?? null, feeds: data, hold });
            const keep = settle();
            if (hold) home.settle(keep);
            return Object.fromEntries(
              outputs.map(({ name, dtype, shape }, index) => [name, { dtype, shape, data: results[index]! }]),
            );
          },
          { signal, timeoutMs },
        ),
      dispose: () =>
        calls.enqueue(async () => {
          if (!disposed && loadedIn && !loadedIn.stopped) {
            await loadedIn.request({ type: 'disposeProgram', program: id });
          }
          disposed = true;
        }),
    };
  }

  function known(state: State): HeldState {
    const own = held.get(state);
    if (!own) throw new ModelInputError('The state belongs to another runtime.');
    return own;
  }

  return {
    load,
    async probe(onProvider) {
      const results: ProbeResult[] = [];
      usableMachine();
      for (const provider of allProviders) {
        onProvider?.(provider);
        results.push(await probed(provider));
      }
      return results;
    },
    createState: (initial, label = 'The state') =>
      calls.enqueue(async () => {
        const specs = Object.entries(initial).map(([name, { dtype, shape }]) => ({ name, dtype, shape }));
        const given: { [name: string]: TensorValue } = {};
        for (const [name, tensor] of Object.entries(initial)) {
          if (!('data' in tensor)) continue;
          checkTensor(name, tensor);
          given[name] = tensor;
        }
        const tensors = new Map(specs.map((spec) => [spec.name, spec]));
        const own: HeldState = { id: nextId++, home: running(), tensors, label, disposed: false };
        await own.home.request({ type: 'create', state: own.id, tensors: specs });
        await writeAll(own, named(given));
        return stateHandle(own);
      }),
    measure: () =>
      calls.enqueue(async () => (child ? child.request({ type: 'measure' }) : { rssBytes: 0, peakRssBytes: 0 })),
    async close() {
      closing.abort(new RuntimeStoppedError('The runtime was closed.'));
      await child?.stop('The runtime was closed.');
      await Promise.allSettled(probes.values());
    },
  };
}

const named = (tensors: Tensors): NamedData[] =>
  Object.entries(tensors).map(([name, { dtype, shape, data }]) => ({ name, dtype, shape, data }));
