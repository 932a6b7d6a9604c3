import { sizeOf } from '../graph/types.ts';
import type { Runtime } from './api.ts';
import { type ProbeSize, probeModel, probeValues } from './probe.ts';
import type { Provider } from './providers.ts';

/** 0.27 GFLOP a step: about 10 ms on two cores, seconds on a GPU that is only software. */
const size: ProbeSize = { rows: 256, features: 512, hidden: 512 };
/** The first step compiles shaders and fills arenas. */
const warmUps = 1;
const timedSteps = 5;
/** What takes longer is slow, whatever its best is. */
const longEnoughMs = 1000;
/** A driver that hangs does so for good. */
const timeoutMs = 60_000;

/**
 * Milliseconds of a training step of middling size, the best of a few, batch and results sent to the runtime's process and
 * back as in real training: to choose between the providers that work. Rejects as `Runtime.load` and `Program.run` do, and
 * with the reason when the provider can't be had for it.
 */
export async function stepTime(runtime: Runtime, provider: Provider): Promise<number> {
  const model = probeModel(size);
  const program = await runtime.load(model, { purpose: 'train', provider, timeoutMs });
  if (program.fallbackReason !== null) throw new Error(program.fallbackReason);
  const data = (shape: readonly number[], seed: number) => ({
    dtype: 'float32' as const,
    shape,
    data: probeValues(sizeOf(shape), seed),
  });
  const state = await runtime.createState(
    Object.fromEntries(model.state.map(({ name, shape }, index) => [name, data(shape, index)])),
  );
  // At a rate of 0 every step is the same one.
  const rate = { dtype: 'float32' as const, shape: [], data: Float32Array.of(0) };
  const feeds = { x: data([size.rows, size.features], 2), y: data([size.rows, 1], 3), rate };
  let best = Number.POSITIVE_INFINITY;
  let spent = 0;
  for (let step = 0; step < warmUps + timedSteps && spent < longEnoughMs; step++) {
    const began = performance.now();
    await program.run({ state, feeds, timeoutMs });
    if (step < warmUps) continue;
    const took = performance.now() - began;
    best = Math.min(best, took);
    spent += took;
  }
  await program.dispose();
  await state.dispose();
  return best;
}
