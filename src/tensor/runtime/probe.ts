/** Whether an execution provider works on this machine: real training steps on it, in a process of its own. */
import { toData } from '../dtype.ts';
import { gradients } from '../graph/autodiff.ts';
import { Graph } from '../graph/graph.ts';
import { serialise } from '../graph/serialise.ts';
import type { Model } from '../model.ts';
import { mul, square, sub } from '../ops/basic.ts';
import { matmul } from '../ops/matmul.ts';
import { mean } from '../ops/reduce.ts';
import { relu } from '../ops/unary.ts';
import { RuntimeUnavailableError } from './errors.ts';
import { loadRequest } from './loadRequest.ts';
import { type RuntimeProcess, startProcess } from './process.ts';
import { notBuilt, type Provider, plainReason, providers } from './providers.ts';
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
  /** Ends the process at once. */
  readonly signal: AbortSignal;
}

const probeSteps = 3;
/** Drivers that hang do so for good; a first WebGPU step compiles its shaders in a few seconds on a slow machine. */
const longestProbeMs = 60_000;
/** Relative; float32 in another order of summation differs by 1e-6 here, a broken kernel by 1. */
const probeTolerance = 1e-4;

export interface ProbeSize {
  readonly rows: number;
  readonly features: number;
  readonly hidden: number;
}

/** Small enough that another order of summation stays far below the tolerance. */
const probeSize: ProbeSize = { rows: 32, features: 16, hidden: 24 };

/** A regression with one hidden layer and a step of gradient descent on its mean squared error. */
export function probeModel({ rows, features, hidden }: ProbeSize = probeSize): Model {
  const graph = new Graph();
  const x = graph.input('x', 'float32', [rows, features]);
  const y = graph.input('y', 'float32', [rows, 1]);
  const rate = graph.input('rate', 'float32', []);
  const weights = [
    graph.state('w1', 'float32', [features, hidden]),
    graph.state('w2', 'float32', [hidden, 1]),
  ] as const;
  const loss = mean(square(sub(matmul(relu(matmul(x, weights[0])), weights[1]), y)));
  const slopes = gradients(loss, weights);
  weights.forEach((weight, index) => {
    graph.update(weight, sub(weight, mul(slopes[index]!, rate)));
  });
  graph.output('loss', loss);
  return serialise(graph);
}

/** Numbers in −1…1 that look random and are the same everywhere. */
export const probeValues = (count: number, seed: number) =>
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
    data: probeValues(shape[0]! * shape[1]!, index),
  }));
  await child.request({ type: 'write', state: program, tensors });
  const { rows, features } = probeSize;
  const feeds = [probeValues(rows * features, 2), probeValues(rows, 3), Float32Array.of(0.05)];
  const losses: number[] = [];
  for (let step = 0; step < probeSteps; step++) {
    const [loss] = await child.request({ type: 'run', program, state: program, feeds, hold: false });
    losses.push(Number(loss![0]));
  }
  const weights = await child.request({ type: 'read', state: program, names: ['w1', 'w2'] });
  return [...losses, ...weights.flatMap((data) => Array.from(data as Float32Array))];
}

/**
 * Whatever goes wrong is the reason. Rejects only with RuntimeUnavailableError where there is no ONNX Runtime to try, and with
 * the signal’s reason.
 */
export async function probeProvider(provider: Provider, options: ProbeOptions): Promise<ProbeResult> {
  const { signal } = options;
  signal.throwIfAborted();
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
  const abort = () => void child.stop('the probe was cancelled');
  signal.addEventListener('abort', abort, { once: true });
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
    signal.throwIfAborted();
    if (error instanceof RuntimeUnavailableError) throw error;
    return result(plainReason(provider, error instanceof Error ? error.message : String(error)));
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
    await child.stop('the probe is over');
  }
}
