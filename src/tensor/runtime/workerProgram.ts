/** A loaded model inside the runtime's process: one run, and what it does to a state. */
import type { InferenceSession } from 'onnxruntime-node';
import type { TensorData } from '../dtype.ts';
import type { LoadRequest } from './protocol.ts';
import { appendRows, checkPositions, resolveAppends } from './workerAppends.ts';
import { WorkerFailure } from './workerFailure.ts';
import { onGpu, onHost, type WorkerState } from './workerState.ts';
import {
  dataOf,
  type GpuTransfer,
  isOnGpu,
  type OrtLibrary,
  type OrtTensor,
  toTensor,
  zeros,
} from './workerTensors.ts';

export interface RunResult {
  /** In the order of the model's outputs; views, or fresh arrays. */
  readonly outputs: readonly TensorData[];
  /** Makes the new values those of the state. */
  keep(): void;
  /** As if the run had not been. */
  drop(): void;
}

export interface WorkerProgram {
  run(state: WorkerState | null, feeds: readonly TensorData[]): Promise<RunResult>;
  release(): Promise<void>;
}

/** Creates the session. Throws what ONNX Runtime throws, or a WorkerFailure when the model's own list of names is wrong. */
export async function loadProgram(
  ort: OrtLibrary,
  transfer: GpuTransfer,
  request: LoadRequest,
): Promise<WorkerProgram> {
  const { inputs, outputs, state: bindings, appends, settings, onGpu: gpu } = request;
  const kept = bindings.filter((binding) => binding.output !== null) as readonly { name: string; output: string }[];
  // External weights are found from the working directory, since the model comes as bytes.
  process.chdir(request.root);
  const session = await ort.InferenceSession.create(request.bytes, {
    ...settings,
    ...(gpu && {
      preferredOutputLocation: Object.fromEntries(kept.map(({ output }) => [output, 'gpu-buffer' as const])),
    }),
  });
  const rows = resolveAppends(appends, bindings, session);
  checkNames(session, request);

  async function stateInputs(state: WorkerState): Promise<{ [name: string]: OrtTensor }> {
    const feeds: { [name: string]: OrtTensor } = {};
    for (const { name } of bindings) {
      const entry = state.get(name)!;
      feeds[name] = gpu ? await onGpu(transfer, entry) : await onHost(transfer, entry);
    }
    return feeds;
  }

  /** What the session writes into; null: a tensor of its own. Never a tensor that the step reads: that corrupts it silently. */
  function fetches(state: WorkerState | null): { [name: string]: OrtTensor | null } {
    const wanted: { [name: string]: OrtTensor | null } = {};
    for (const { name } of outputs) wanted[name] = null;
    for (const { output } of rows) wanted[output] = null;
    for (const { name, output } of kept) {
      const entry = state!.get(name)!;
      if (!gpu) entry.spare ??= zeros(ort, entry.dtype, entry.shape);
      wanted[output] = gpu ? null : entry.spare;
    }
    return wanted;
  }

  return {
    async run(state, data) {
      const feeds: { [name: string]: OrtTensor } = state ? await stateInputs(state) : {};
      inputs.forEach(({ name, dtype, shape }, index) => {
        feeds[name] = toTensor(ort, dtype, shape, data[index]!);
      });
      const positions = checkPositions(rows, feeds);
      const written = fetches(state);
      const results = (await session.run(feeds, written)) as { readonly [name: string]: OrtTensor };
      const drop = () => {
        for (const { output } of kept) if (isOnGpu(results[output]!)) results[output]!.dispose();
      };
      if (request.checkFinite) {
        const name = nonFiniteScalar(outputs, results);
        if (name !== null) {
          drop();
          throw new WorkerFailure(
            'nonFinite',
            `The output “${name}” is ${dataOf(results[name]!)[0]}: this step was not taken. Look at the batch, or lower the learning rate.`,
          );
        }
      }
      return {
        outputs: outputs.map(({ name }) => dataOf(results[name]!)),
        drop,
        keep() {
          for (const { name, output } of kept) {
            const entry = state!.get(name)!;
            const old = entry.current;
            // On the host the session has written the spare and returned one more copy of it, which is let go.
            entry.current = written[output] ?? results[output]!;
            if (isOnGpu(old)) old.dispose();
            else entry.spare = gpu ? null : old;
          }
          rows.forEach((append, index) => {
            appendRows(append, state!.get(append.state)!, dataOf(results[append.output]!), positions[index]!);
          });
        },
      };
    },
    release: () => session.release(),
  };
}

/** The first scalar output that is NaN or infinite. */
function nonFiniteScalar(
  outputs: LoadRequest['outputs'],
  results: { readonly [name: string]: OrtTensor },
): string | null {
  for (const { name, dtype, shape } of outputs) {
    if ((dtype === 'float32' || dtype === 'float64') && shape.length === 0) {
      if (!Number.isFinite(dataOf(results[name]!)[0])) return name;
    }
  }
  return null;
}

/** What the graph wants and gives against what the model says; a difference is a mistake of whoever built it. */
function checkNames(session: InferenceSession, { inputs, outputs, state, appends }: LoadRequest): void {
  const given = new Set([...inputs, ...state].map(({ name }) => name));
  const wanted = new Set(session.inputNames);
  const made = new Set(session.outputNames);
  const fetched = [...outputs.map(({ name }) => name), ...state.flatMap(({ output }) => output ?? [])];
  const wrong = [
    ...[...wanted].filter((name) => !given.has(name)).map((name) => `the graph’s input “${name}” is not declared`),
    ...[...given].filter((name) => !wanted.has(name)).map((name) => `the graph has no input “${name}”`),
    ...[...fetched, ...appends.map(({ output }) => output)]
      .filter((name) => !made.has(name))
      .map((name) => `the graph has no output “${name}”`),
  ];
  if (wrong.length > 0) throw new WorkerFailure('input', `The model and its graph differ: ${wrong.join('; ')}.`);
}
