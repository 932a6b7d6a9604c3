/**
 * ONNX Runtime as the rest of Attune sees it: programs that run models, and states that stay beside them in a child process.
 * The process starts with the first call, and again with the first call after it went; programs come back by themselves,
 * states don't. Calls run one at a time, in order.
 */
import { fileURLToPath } from 'node:url';
import type { Runtime } from './api.ts';
import { makeHome } from './home.ts';
import type { ProbeResult } from './probe.ts';
import { loader } from './programs.ts';
import { allProviders } from './providers.ts';
import { makeStates } from './states.ts';
import type { Machine } from './support.ts';

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

/** `runtime.worker.ts` in the sources, `tensorRuntime.mjs` beside the engine's bundle. */
const defaultEntry = (): string =>
  fileURLToPath(
    new URL(import.meta.url.endsWith('.ts') ? './runtime.worker.ts' : './tensorRuntime.mjs', import.meta.url),
  );

/** Cheap: nothing starts before it is needed. */
export function startRuntime({ log, entry = defaultEntry(), threads, env, machine }: RuntimeOptions): Runtime {
  const home = makeHome({ log, entry, env, machine });
  const states = makeStates(home);
  return {
    load: loader(home, states, threads),
    createState: (tensors, label = 'The state') => states.create(tensors, label),
    restore: (folder, layouts, label = 'The state') => states.restore(folder, layouts, label),
    async probe(onProvider) {
      home.checkMachine();
      const results: ProbeResult[] = [];
      for (const provider of allProviders) {
        onProvider?.(provider);
        results.push(await home.probed(provider));
      }
      return results;
    },
    measure: () =>
      home.calls.enqueue(
        async () => (await home.current()?.request({ type: 'measure' })) ?? { rssBytes: 0, peakRssBytes: 0 },
      ),
    close: () => home.close(),
  };
}
