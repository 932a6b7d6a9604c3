/** Programs that several trainings of one size share: building and loading the graph of PPO takes longer than a refit. */
import type { Program, Runtime } from '../../../tensor/runtime/api.ts';

export interface SharedPrograms {
  /** Loads each model once; a program is disposed of only with all others. */
  readonly runtime: Pick<Runtime, 'load'>;
  dispose(): Promise<void>;
}

export function sharedPrograms(runtime: Pick<Runtime, 'load'>): SharedPrograms {
  const loaded = new Map<string, Promise<Program>>();
  return {
    runtime: {
      async load(source, options) {
        if (typeof source === 'function') return runtime.load(source, options);
        const key = Buffer.from(source.bytes).toString('base64');
        const program = loaded.get(key) ?? runtime.load(source, options);
        loaded.set(key, program);
        const one = await program;
        return { ...one, run: (run) => one.run(run), dispose: async () => {} };
      },
    },
    async dispose() {
      for (const program of loaded.values()) await program.then((one) => one.dispose()).catch(() => {});
    },
  };
}
