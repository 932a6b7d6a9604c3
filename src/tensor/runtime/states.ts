/** States: handles here, tensors in the runtime's process. */
import type { PackLayout, TensorSpec, TensorValue } from '../model.ts';
import type { InitialTensor, Restored, State } from './api.ts';
import { batches } from './batches.ts';
import { checkTensor, describe, namesIn, type Tensors } from './check.ts';
import { ModelInputError, StateLostError } from './errors.ts';
import type { Home } from './home.ts';
import type { RuntimeProcess } from './process.ts';
import type { NamedData } from './protocol.ts';

/** What is behind a handle. */
export interface HeldState {
  readonly id: number;
  readonly process: RuntimeProcess;
  readonly tensors: ReadonlyMap<string, TensorSpec>;
  readonly label: string;
  disposed: boolean;
}

export interface States {
  create(initial: { readonly [name: string]: InitialTensor }, label: string): Promise<State>;
  restore(folder: string, layouts: readonly PackLayout[], label: string): Promise<Restored>;
  /** Throws ModelInputError for a state of another runtime, and StateLostError for one that is gone. */
  held(state: State): HeldState;
}

export function makeStates({ calls, running, nextId }: Home): States {
  const handles = new WeakMap<State, HeldState>();

  async function writeAll({ process, id }: HeldState, tensors: Tensors): Promise<void> {
    for (const batch of batches(named(tensors))) await process.request({ type: 'write', state: id, tensors: batch });
  }

  async function readAll({ process, id, tensors }: HeldState, names: Iterable<string>): Promise<Tensors> {
    const result: { [name: string]: TensorValue } = {};
    for (const batch of batches(namesIn(tensors, names).map((name) => tensors.get(name)!))) {
      const data = await process.request({ type: 'read', state: id, names: batch.map(({ name }) => name) });
      batch.forEach(({ name, dtype, shape }, index) => {
        result[name] = { dtype, shape, data: data[index]! };
      });
    }
    return result;
  }

  function handle(own: HeldState): State {
    const { id, process, tensors } = own;
    const call = <T>(task: () => Promise<T>): Promise<T> =>
      calls.enqueue(() => {
        checkAlive(own);
        return task();
      });
    const state: State = {
      tensors,
      read: (names) => call(() => readAll(own, names ?? tensors.keys())),
      write: (values) =>
        call(async () => {
          for (const name of namesIn(tensors, Object.keys(values))) {
            const [given, wanted] = [describe(values[name]!), describe(tensors.get(name)!)];
            if (given !== wanted) throw new ModelInputError(`The state’s “${name}” is ${wanted}; ${given} was given.`);
            checkTensor(name, values[name]!);
          }
          await writeAll(own, values);
        }),
      save: (folder, layouts, notes) =>
        call(() => process.request({ type: 'save', state: id, folder, layouts: layouts.map(plainLayout), notes })),
      dispose: () =>
        calls.enqueue(async () => {
          if (!own.disposed && !process.stopped) await process.request({ type: 'disposeState', state: id });
          own.disposed = true;
        }),
    };
    handles.set(state, own);
    return state;
  }

  const byName = (specs: readonly TensorSpec[]) => new Map(specs.map((spec) => [spec.name, spec]));

  return {
    create: (initial, label) =>
      calls.enqueue(async () => {
        const specs = Object.entries(initial).map(([name, { dtype, shape }]) => ({ name, dtype, shape }));
        const given: { [name: string]: TensorValue } = {};
        for (const [name, tensor] of Object.entries(initial)) {
          if (!('data' in tensor)) continue;
          checkTensor(name, tensor);
          given[name] = tensor;
        }
        const own: HeldState = { id: nextId(), process: running(), tensors: byName(specs), label, disposed: false };
        await own.process.request({ type: 'create', state: own.id, tensors: specs });
        await writeAll(own, given);
        return handle(own);
      }),
    restore: (folder, layouts, label) =>
      calls.enqueue(async () => {
        const [id, process] = [nextId(), running()];
        const plain = layouts.map(plainLayout);
        const { manifest, tensors } = await process.request({ type: 'restore', state: id, folder, layouts: plain });
        return { manifest, state: handle({ id, process, tensors: byName(tensors), label, disposed: false }) };
      }),
    held(state) {
      const own = handles.get(state);
      if (!own) throw new ModelInputError('The state belongs to another runtime.');
      checkAlive(own);
      return own;
    },
  };
}

function checkAlive({ disposed, process, label }: HeldState): void {
  if (disposed) throw new StateLostError(`${label} was disposed of.`);
  if (process.stopped) {
    throw new StateLostError(`${label} was lost when the runtime stopped; load the last checkpoint.`);
  }
}

const named = (tensors: Tensors): NamedData[] =>
  Object.entries(tensors).map(([name, { dtype, shape, data }]) => ({ name, dtype, shape, data }));

/** Without what a graph hangs on its layouts, which can't travel. */
const plainLayout = ({ pack, size, parameters }: PackLayout): PackLayout => ({
  pack,
  size,
  parameters: parameters.map(({ name, shape, offset }) => ({ name, shape, offset })),
});
