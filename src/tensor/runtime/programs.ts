/** Programs: models here, sessions in the runtime's process, made again by themselves when that one is new. */
import type { Model } from '../model.ts';
import type { Program, Runtime } from './api.ts';
import { checkState, orderFeeds } from './check.ts';
import { ModelError, ModelInputError } from './errors.ts';
import type { Home } from './home.ts';
import { type LoadOptions, loadRequest } from './loadRequest.ts';
import type { RuntimeProcess } from './process.ts';
import { type Provider, plainReason } from './providers.ts';
import type { States } from './states.ts';

/** `Runtime.load`; `threads` are those of programs that don't say otherwise. */
export function loader(home: Home, states: States, threads: number | undefined): Runtime['load'] {
  const { calls } = home;
  return async (source, { provider: asked = 'cpu', signal, timeoutMs, ...wishes }) => {
    const id = home.nextId();
    const options: LoadOptions = { ...wishes, threads: wishes.threads ?? threads };
    const modelFor = (provider: Provider): Model => (typeof source === 'function' ? source(provider) : source);
    // A driver that ends the process must not do so in the one that holds states.
    let fallbackReason = asked === 'cpu' ? null : (await home.probed(asked)).reason;
    let provider: Provider = fallbackReason === null ? asked : 'cpu';
    let model = modelFor(provider);
    let loadedIn: RuntimeProcess | null = null;
    let disposed = false;

    async function loadInto(process: RuntimeProcess): Promise<void> {
      if (loadedIn === process) return;
      try {
        await process.request(await loadRequest(id, model, provider, options));
      } catch (error) {
        if (!(error instanceof ModelError) || provider === 'cpu') throw error;
        fallbackReason = plainReason(provider, error.message);
        provider = 'cpu';
        model = modelFor(provider);
        await process.request(await loadRequest(id, model, provider, options));
      }
      loadedIn = process;
    }
    await calls.enqueue(() => loadInto(home.running()), { signal, timeoutMs });

    const program: Program = {
      get model() {
        return model;
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
            const held = state ? states.held(state) : null;
            const process = home.running();
            await loadInto(process);
            checkState(model, held?.tensors ?? null);
            const data = orderFeeds(model.inputs, feeds, options.checkFinite ?? true);
            signal?.throwIfAborted();
            const writes = (model.appends ?? []).length > 0 || model.state.some(({ output }) => output !== null);
            const hold = writes && signal !== undefined;
            const results = await process.request({
              type: 'run',
              program: id,
              state: held?.id ?? null,
              feeds: data,
              hold,
            });
            const keep = settle();
            if (hold) process.settle(keep);
            return Object.fromEntries(
              model.outputs.map(({ name, dtype, shape }, index) => [name, { dtype, shape, data: results[index]! }]),
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
    return program;
  };
}
