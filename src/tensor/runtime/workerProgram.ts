/** A loaded model inside the runtime's process: one run, and what it does to a state. */
import type { InferenceSession } from 'onnxruntime-node';
import type { TensorData } from '../dtype.ts';
import type { LoadRequest } from './protocol.ts';
import { appendRows, checkPositions, resolveAppends } from './workerAppends.ts';
import { WorkerFailure } from './workerFailure.ts';
import { onGpu, onHost, type WorkerState } from './workerState.ts';
import { dataOf, type GpuTransfer, isOnGpu, type OrtLibrary, type OrtTensor, toTensor } from './workerTensors.ts';

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
  const wanted = new Set(outputs.map(({ name }) => name));
  const fetched = fetchedNames(request);
  const session = await ort.InferenceSession.create(request.bytes, {
    ...settings,
    ...(gpu && {
      // What the caller gets too comes to the host, and goes back with the next run.
      preferredOutputLocation: Object.fromEntries(
        kept.map(({ output }) => [output, wanted.has(output) ? ('cpu' as const) : ('gpu-buffer' as const)]),
      ),
    }),
  });
  checkNames(session, request);
  const rows = resolveAppends(appends, bindings, session);

  async function stateInputs(state: WorkerState): Promise<{ [name: string]: OrtTensor }> {
    const feeds: { [name: string]: OrtTensor } = {};
    for (const { name } of bindings) {
      const entry = state.get(name)!;
      feeds[name] = gpu ? await onGpu(transfer, entry) : await onHost(transfer, entry);
    }
    return feeds;
  }

  return {
    async run(state, data) {
      const feeds: { [name: string]: OrtTensor } = state ? await stateInputs(state) : {};
      inputs.forEach(({ name, dtype, shape }, index) => {
        feeds[name] = toTensor(ort, dtype, shape, data[index]!);
      });
      const positions = checkPositions(rows, feeds);
      // Always tensors of the runtime's own: a step that writes into a tensor it reads is corrupted without an error, and
      // tensors made before (one more copy of the state) saved no time that could be measured.
      const results: { readonly [name: string]: OrtTensor } = await session.run(feeds, fetched);
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
            entry.current = results[output]!;
            if (isOnGpu(old)) old.dispose();
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

/** What a run takes out of the graph: for the caller, for the state, and rows for it. */
function fetchedNames({ outputs, state, appends }: LoadRequest): readonly string[] {
  const forState = [...state, ...appends].flatMap(({ output }) => output ?? []);
  return [...new Set([...outputs.map(({ name }) => name), ...forState])];
}

/** What the graph wants and gives against what the model says; a difference is a mistake of whoever built it. */
function checkNames(session: InferenceSession, request: LoadRequest): void {
  const given = new Set([...request.inputs, ...request.state].map(({ name }) => name));
  const wanted = new Set(session.inputNames);
  const made = new Set(session.outputNames);
  const wrong = [
    ...[...wanted].filter((name) => !given.has(name)).map((name) => `the graph’s input “${name}” is not declared`),
    ...[...given].filter((name) => !wanted.has(name)).map((name) => `the graph has no input “${name}”`),
    ...fetchedNames(request)
      .filter((name) => !made.has(name))
      .map((name) => `the graph has no output “${name}”`),
  ];
  if (wrong.length > 0) throw new WorkerFailure('input', `The model and its graph differ: ${wrong.join('; ')}.`);
}
