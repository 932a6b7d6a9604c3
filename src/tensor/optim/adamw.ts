/** AdamW with decoupled weight decay (arXiv:1711.05101), clipping and gradient accumulation, as part of the graph. */
import { gradients } from '../graph/autodiff.ts';
import type { Graph, Tensor } from '../graph/graph.ts';
import type { TensorValue } from '../model.ts';
import type { Parameters } from '../nn/parameters.ts';
import { add, div, mul, neg, square, sub, sum } from '../ops/basic.ts';
import { cast } from '../ops/layout.ts';
import { equal, minimum } from '../ops/select.ts';
import { sqrt, tanh } from '../ops/unary.ts';
import { constantSchedule, type Schedule } from './schedule.ts';

export interface AdamWOptions {
  readonly learningRate: number;
  readonly schedule?: Schedule;
  /** 0.9 and 0.999 by default, and 1e-8 as in PyTorch. */
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  /** λ; 0.01 by default. Parameters created with `decay: false` are spared. */
  readonly weightDecay?: number;
  /** Gradients are scaled down until their norm over all parameters is at most this. Missing: never. */
  readonly clipNorm?: number;
  /** Runs whose gradients are averaged into one update; 1 by default. */
  readonly accumulate?: number;
}

/** Scalars to watch. */
export interface OptimizerMetrics {
  /** The norm of the gradient over all parameters, before clipping. */
  readonly gradientNorm: Tensor;
  readonly learningRate: Tensor;
  /** Updates done, this run's included. */
  readonly step: Tensor;
}

/** 1 − βᵗ for large and for small t: −(e^y − 1) with y = t · ln β, by e^y − 1 = 2h / (1 − h), h = tanh(y / 2). */
function biasCorrection(beta: number, t: Tensor): Tensor {
  const half = tanh(mul(t, Math.log(beta) / 2));
  return neg(div(mul(half, 2), sub(1, half)));
}

/** How far this run goes towards an update, and whether it makes one: a scalar 1 or 0. */
function counters(graph: Graph, accumulate: number) {
  const step = graph.state('optimizer.step', graph.float, []);
  if (accumulate === 1) {
    graph.update(step, add(step, 1));
    return { step, updates: graph.scalar(1) };
  }
  const runs = graph.state('optimizer.runs', graph.float, []);
  const next = add(runs, 1);
  const updates = cast(equal(next, accumulate), graph.float);
  graph.update(runs, mul(next, sub(1, updates)));
  graph.update(step, add(step, updates));
  return { step, updates };
}

/**
 * Adds one step on `loss` to the graph: the parameters, their moments and counters become states that each run replaces.
 * A run that only accumulates passes them on unchanged, bit for bit. The norm becomes an output, `optimizer.gradientNorm`.
 */
export function adamw(parameters: Parameters, loss: Tensor, options: AdamWOptions): OptimizerMetrics {
  const { learningRate, schedule = constantSchedule(), weightDecay = 0.01, clipNorm, accumulate = 1 } = options;
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  const { graph } = parameters;
  const { tensors } = parameters;
  const names = [...tensors.keys()];
  const found = gradients(loss, [...tensors.values()]);
  const byName = new Map(names.map((name, i) => [name, found[i]!]));
  return graph.withoutTape(() =>
    graph.scope('optimizer', () => {
      const { step, updates } = counters(graph, accumulate);
      const joined = parameters.packs().map((pack) => {
        const fresh = parameters.join(pack, byName);
        if (accumulate === 1) return { pack, gradient: fresh };
        const held = graph.state(`optimizer.accumulated.${pack.pack}`, graph.float, [pack.size]);
        const total = add(held, fresh);
        graph.update(held, mul(total, sub(1, updates)));
        return { pack, gradient: mul(total, 1 / accumulate) };
      });
      const norm = sqrt(joined.map(({ gradient }) => sum(square(gradient))).reduce((a, b) => add(a, b)));
      const clip = clipNorm === undefined ? null : minimum(div(clipNorm, add(norm, 1e-6)), 1);

      const rate = mul(schedule(step), learningRate);
      const t = add(step, updates);
      // Where this run makes no update these are 0, and what follows passes everything on as it was.
      const [share1, share2] = [1 - beta1, 1 - beta2].map((share) => mul(updates, share)) as [Tensor, Tensor];
      const root2 = sqrt(biasCorrection(beta2, add(step, 1)));
      const correction1 = biasCorrection(beta1, add(step, 1));
      for (const { pack, gradient } of joined) {
        const { state } = pack;
        const first = graph.state(`optimizer.first.${pack.pack}`, graph.float, [pack.size]);
        const second = graph.state(`optimizer.second.${pack.pack}`, graph.float, [pack.size]);
        const g = clip ? mul(gradient, clip) : gradient;
        const nextFirst = add(first, mul(sub(g, first), share1));
        const nextSecond = add(second, mul(sub(square(g), second), share2));
        const packRate = mul(mul(rate, pack.rate), updates);
        // m/c₁ / (√(v/c₂) + ε) with the corrections taken out of the vectors.
        const scale = mul(packRate, div(root2, correction1));
        const change = mul(div(nextFirst, add(sqrt(nextSecond), mul(root2, epsilon))), scale);
        const kept = pack.decay && weightDecay > 0 ? mul(state, sub(1, mul(packRate, weightDecay))) : state;
        graph.update(first, nextFirst);
        graph.update(second, nextSecond);
        graph.update(state, sub(kept, change));
      }
      // The runtime refuses a run with a scalar that is not finite: so a finite loss with a broken gradient does no harm.
      graph.output('optimizer.gradientNorm', norm);
      return { gradientNorm: norm, learningRate: rate, step: t };
    }),
  );
}

/** The optimiser's states before the first step: all zero. `graph` is the one `adamw` was called on. */
export function initialOptimizerState(graph: Graph): Readonly<Record<string, TensorValue>> {
  const states = graph.states.filter(({ input }) => input.name.startsWith('optimizer.'));
  return Object.fromEntries(
    states.map(({ input: { name, shape, size, dtype } }) => [
      name,
      { dtype, shape, data: dtype === 'float64' ? new Float64Array(size) : new Float32Array(size) },
    ]),
  );
}
