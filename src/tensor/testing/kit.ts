/** Evaluates graphs for tests and benchmarks by the runtime that the product uses: one child process, however many graphs. */
import { dtypes, type TensorData, toData } from '../dtype.ts';
import type { Graph } from '../graph/graph.ts';
import { serialise } from '../graph/serialise.ts';
import { sizeOf } from '../graph/types.ts';
import type { Model, TensorValue } from '../model.ts';
import type { InitialTensor, Runtime } from '../runtime/api.ts';
import { startRuntime } from '../runtime/runtime.ts';

/** By the names of the inputs; their types and shapes are the graph's. */
export type Feeds = Readonly<Record<string, readonly number[] | TensorData>>;

export type Values = Readonly<Record<string, TensorValue>>;

export interface CompileOptions {
  /** All cores by default. */
  readonly threads?: number;
  /** As in the runtime's SessionWishes. By default not in float64 graphs. */
  readonly fuse?: boolean;
  /** NaN and infinity among float inputs and scalar outputs are errors; by default they are not. */
  readonly checkFinite?: boolean;
  /** What the graph's states are before the first run. */
  readonly state?: Readonly<Record<string, InitialTensor>>;
}

export interface Compiled {
  readonly model: Model;
  run(feeds?: Feeds): Promise<Values>;
  /** The states after the last run. */
  state(): Promise<Values>;
  dispose(): Promise<void>;
}

export interface Kit {
  readonly runtime: Runtime;
  compile(source: Graph | Model, options?: CompileOptions): Promise<Compiled>;
  /** One run. */
  evaluate(source: Graph | Model, feeds?: Feeds, options?: CompileOptions): Promise<Values>;
  /** Ends the child process. */
  close(): Promise<void>;
}

/** Elements as numbers: int64 ones too. */
export const numbers = (value: TensorValue | undefined): number[] => Array.from(value!.data, Number);

export function startKit(runtime: Runtime = startRuntime({ log: { debug() {} } })): Kit {
  async function compile(source: Graph | Model, options: CompileOptions = {}): Promise<Compiled> {
    const { threads, checkFinite = false, state: initial } = options;
    const model = 'bytes' in source ? source : serialise(source);
    const fuse = options.fuse ?? ('bytes' in source || source.float === 'float32');
    const program = await runtime.load(model, { purpose: 'train', checkFinite, threads, fuse });
    const state = initial ? await runtime.createState(initial) : null;
    return {
      model,
      async run(feeds = {}) {
        const typed = model.inputs
          .filter(({ name }) => feeds[name])
          .map(({ name, dtype, shape }): [string, TensorValue] => {
            const given = feeds[name]!;
            const data = given instanceof dtypes[dtype].array ? given : toData(Array.from(given, Number), dtype);
            return [name, { dtype, shape, data }];
          });
        const values = await program.run({ feeds: Object.fromEntries(typed), ...(state && { state }) });
        for (const [name, { shape, data }] of Object.entries(values)) {
          if (data.length !== sizeOf(shape)) throw new Error(`“${name}” has ${data.length} elements, not ${shape}.`);
        }
        return values;
      },
      state: () => state!.read(),
      async dispose() {
        await program.dispose();
        await state?.dispose();
      },
    };
  }

  return {
    runtime,
    compile,
    async evaluate(source, feeds, options) {
      const compiled = await compile(source, options);
      const values = await compiled.run(feeds);
      await compiled.dispose();
      return values;
    },
    close: () => runtime.close(),
  };
}
