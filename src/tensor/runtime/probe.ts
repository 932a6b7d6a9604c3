/** Whether an execution provider works on this machine: real training steps on it, in a process of its own. */
import { toData } from '../dtype.ts';
import type { Model, StateBinding, TensorSpec } from '../model.ts';
import { loadRequest } from './loadRequest.ts';
import { type RuntimeProcess, startProcess } from './process.ts';
import { notBuilt, type Provider, plainReason, providers } from './providers.ts';
import { smallModel } from './smallModel.ts';
import type { Machine } from './support.ts';

export interface ProbeResult {
  readonly provider: Provider;
  readonly ok: boolean;
  /** One line for the user; null: it works. */
  readonly reason: string | null;
  /** From the start of the process to the last step. */
  readonly milliseconds: number;
}

export interface ProbeOptions {
  readonly entry: string;
  readonly env?: NodeJS.ProcessEnv | undefined;
  readonly machine: Machine;
}

const probeSteps = 3;
/** Drivers that hang do so for good; a first WebGPU step compiles its shaders in a few seconds on a slow machine. */
const longestProbeMs = 60_000;
/** Relative; float32 in another order of summation differs by 1e-6 here, a broken kernel by 1. */
const probeTolerance = 1e-4;

const [rows, features, hidden] = [32, 16, 24];

/** A regression with one hidden layer and one step of gradient descent on its mean squared error. */
export function probeModel(): Model {
  const spec = (name: string, ...shape: number[]): TensorSpec => ({ name, dtype: 'float32', shape });
  const inputs = [spec('x', rows, features), spec('y', rows, 1), spec('rate'), spec('scale'), spec('zero')];
  const state: StateBinding[] = [
    { ...spec('w1', features, hidden), output: 'w1.next' },
    { ...spec('w2', hidden, 1), output: 'w2.next' },
  ];
  const outputs = [spec('loss')];
  const node = (type: string, inputs: string, outputs: string, attributes?: { [name: string]: number | number[] }) => ({
    type,
    inputs: inputs.split(' '),
    outputs: [outputs],
    ...(attributes && { attributes }),
  });
  const bytes = smallModel({
    inputs: [...inputs, ...state],
    outputs: [...outputs, spec('w1.next', features, hidden), spec('w2.next', hidden, 1)],
    nodes: [
      node('MatMul', 'x w1', 'sum'),
      node('Relu', 'sum', 'active'),
      node('MatMul', 'active w2', 'guess'),
      node('Sub', 'guess y', 'miss'),
      node('Mul', 'miss miss', 'square'),
      node('ReduceMean', 'square', 'loss', { keepdims: 0 }),
      node('Mul', 'miss scale', 'dGuess'),
      node('Transpose', 'active', 'activeT', { perm: [1, 0] }),
      node('MatMul', 'activeT dGuess', 'dW2'),
      node('Transpose', 'w2', 'w2T', { perm: [1, 0] }),
      node('MatMul', 'dGuess w2T', 'dActive'),
      node('Greater', 'sum zero', 'on'),
      node('Where', 'on dActive zero', 'dSum'),
      node('Transpose', 'x', 'xT', { perm: [1, 0] }),
      node('MatMul', 'xT dSum', 'dW1'),
      node('Mul', 'dW1 rate', 'step1'),
      node('Mul', 'dW2 rate', 'step2'),
      node('Sub', 'w1 step1', 'w1.next'),
      node('Sub', 'w2 step2', 'w2.next'),
    ],
  });
  return { bytes, inputs, outputs, state, files: [] };
}

/** Numbers in −1…1 that look random and are the same everywhere. */
const values = (count: number, seed: number) =>
  toData(
    Array.from({ length: count }, (_, i) => Math.sin((i + 1) * 12.9898 + seed)),
    'float32',
  );

/** Losses and weights after a few steps. */
async function train(child: RuntimeProcess, program: number, provider: Provider): Promise<readonly number[]> {
  const model = probeModel();
  await child.request(await loadRequest(program, model, provider, { purpose: 'train', threads: 1 }));
  await child.request({ type: 'create', state: program, tensors: model.state });
  const tensors = model.state.map(({ name, dtype, shape }, index) => ({
    name,
    dtype,
    shape,
    data: values(shape[0]! * shape[1]!, index),
  }));
  await child.request({ type: 'write', state: program, tensors });
  const scalar = (value: number) => Float32Array.of(value);
  const feeds = [values(rows * features, 2), values(rows, 3), scalar(0.05), scalar(2 / rows), scalar(0)];
  const losses: number[] = [];
  for (let step = 0; step < probeSteps; step++) {
    const [loss] = await child.request({ type: 'run', program, state: program, feeds, hold: false });
    losses.push(Number(loss![0]));
  }
  const weights = await child.request({ type: 'read', state: program, names: ['w1', 'w2'] });
  return [...losses, ...weights.flatMap((data) => Array.from(data as Float32Array))];
}

/** Never rejects: whatever goes wrong is the reason. */
export async function probeProvider(provider: Provider, options: ProbeOptions): Promise<ProbeResult> {
  const absent = notBuilt(provider, options.machine);
  if (absent) return { provider, ok: false, reason: absent, milliseconds: 0 };
  const started = performance.now();
  const result = (reason: string | null): ProbeResult => ({
    provider,
    ok: reason === null,
    reason,
    milliseconds: Math.round(performance.now() - started),
  });
  const child = startProcess({ ...options, onStop() {} });
  const timer = setTimeout(() => void child.stop('it did not answer'), longestProbeMs);
  try {
    const expected = await train(child, 0, 'cpu');
    if (!(expected[probeSteps - 1]! < expected[0]!)) return result('A training step does not lower its loss here.');
    if (provider === 'cpu') return result(null);
    const found = await train(child, 1, provider);
    const off = found.findIndex(
      (value, i) => !(Math.abs(value - expected[i]!) <= probeTolerance * (1 + Math.abs(expected[i]!))),
    );
    if (off < 0) return result(null);
    return result(`${providers[provider].label} calculates wrongly here: ${found[off]} instead of ${expected[off]}.`);
  } catch (error) {
    return result(plainReason(provider, error instanceof Error ? error.message : String(error)));
  } finally {
    clearTimeout(timer);
    await child.stop('the probe is over');
  }
}
