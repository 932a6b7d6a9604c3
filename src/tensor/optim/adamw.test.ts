import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { bytesOf } from '../dtype.ts';
import { Graph } from '../graph/graph.ts';
import { Parameters } from '../nn/parameters.ts';
import { constant } from '../nn/weights.ts';
import { add, mul, sum } from '../ops/basic.ts';
import { log, sqrt } from '../ops/unary.ts';
import { seeded } from '../random.ts';
import { NonFiniteError } from '../runtime/errors.ts';
import { numbers, startKit, type Values } from '../testing/kit.ts';
import { uniform } from '../testing/random.ts';
import { type AdamWOptions, adamw, initialOptimizerState } from './adamw.ts';
import { constantSchedule, cosineSchedule, linearSchedule } from './schedule.ts';

const kit = startKit();
after(() => kit.close());

/** Three parameters, in three packs: a matrix that decays, a bias that doesn't, and one that learns faster. */
const kinds = [
  { name: 'weight', size: 6, shape: [2, 3], first: 0.5, decays: true, rate: 1 },
  { name: 'bias', size: 2, shape: [2], first: -1, decays: false, rate: 1 },
  { name: 'head', size: 3, shape: [3, 1], first: 2, decays: true, rate: 3 },
] as const;

/** The loss Σ p · g, whose gradient is what is fed. */
function training(float: 'float32' | 'float64', options: AdamWOptions) {
  const graph = new Graph({ float });
  const parameters = new Parameters(graph);
  const terms = kinds.map(({ name, shape, first, rate }) => {
    const parameter = parameters.create(name, shape, constant(first), { rate });
    return sum(mul(parameter, graph.input(`gradient of ${name}`, float, shape)));
  });
  const metrics = adamw(
    parameters,
    terms.reduce((a, b) => add(a, b)),
    options,
  );
  graph.output('norm', metrics.gradientNorm);
  graph.output('rate', metrics.learningRate);
  graph.output('step', metrics.step);
  const initial = { ...parameters.initialState(seeded(1)), ...initialOptimizerState(graph) };
  /** The parameters, in the order of `kinds`, from the states that hold them. */
  const read = (state: Values): number[] =>
    ['parameters.decayed', 'parameters.plain', 'parameters.decayed-x3'].flatMap((pack) => numbers(state[pack]));
  return { graph, initial, read };
}

/** Gradients of all parameters, one after the other. */
const draw = (count: number, size = 1): Float64Array[] => {
  const random = seeded(11);
  return Array.from({ length: count }, () => uniform(random, 11, -size, size));
};

const feedsOf = (gradient: Float64Array) => {
  let offset = 0;
  return Object.fromEntries(
    kinds.map(({ name, size }) => {
      const own = gradient.subarray(offset, offset + size);
      offset += size;
      return [`gradient of ${name}`, own];
    }),
  );
};

/** PyTorch's torch.optim.AdamW with clip_grad_norm_ before each step, in plain JavaScript. */
function reference(gradients: readonly Float64Array[], options: AdamWOptions, factor: (step: number) => number) {
  const { learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0.01, clipNorm } = options;
  const facts = kinds.flatMap((kind) => Array.from({ length: kind.size }, () => kind));
  const p = facts.map(({ first }) => first as number);
  const m = p.map(() => 0);
  const v = p.map(() => 0);
  return gradients.map((gradient, step) => {
    const norm = Math.hypot(...gradient);
    const clip = clipNorm === undefined ? 1 : Math.min(1, clipNorm / (norm + 1e-6));
    const rate = learningRate * factor(step);
    for (const [i, { decays, rate: own }] of facts.entries()) {
      const g = gradient[i]! * clip;
      if (decays) p[i]! *= 1 - rate * own * weightDecay;
      m[i] = beta1 * m[i]! + (1 - beta1) * g;
      v[i] = beta2 * v[i]! + (1 - beta2) * g * g;
      const corrected = Math.sqrt(v[i]! / (1 - beta2 ** (step + 1))) + epsilon;
      p[i]! -= ((rate * own) / (1 - beta1 ** (step + 1))) * (m[i]! / corrected);
    }
    return { parameters: [...p], norm, rate };
  });
}

function assertNear(actual: readonly number[], expected: readonly number[], tolerance: number): void {
  assert.equal(actual.length, expected.length);
  expected.forEach((wanted, i) => {
    const error = Math.abs(actual[i]! - wanted);
    assert.ok(error <= tolerance * Math.max(0.1, Math.abs(wanted)), `${i}: ${actual[i]}, not ${wanted}`);
  });
}

const steps = 50;
const variants: Readonly<Record<string, readonly [AdamWOptions, (step: number) => number]>> = {
  'with PyTorch’s defaults': [{ learningRate: 0.01 }, () => 1],
  'without decay': [{ learningRate: 0.05, weightDecay: 0 }, () => 1],
  'with much decay': [{ learningRate: 0.05, weightDecay: 2 }, () => 1],
  'with other moments': [{ learningRate: 0.02, beta1: 0.5, beta2: 0.9, epsilon: 1e-3 }, () => 1],
  'with clipping that never acts': [{ learningRate: 0.01, clipNorm: 100 }, () => 1],
  'with clipping that always acts': [{ learningRate: 0.01, clipNorm: 0.3 }, () => 1],
  'with clipping that acts now and then': [{ learningRate: 0.01, clipNorm: 1.8 }, () => 1],
  'with warm-up': [
    { learningRate: 0.05, schedule: constantSchedule({ warmup: 7 }) },
    (step) => Math.min(1, (step + 1) / 7),
  ],
  'with a linear fall': [
    { learningRate: 0.05, schedule: linearSchedule({ total: 30 }) },
    (step) => 1 - Math.min(1, step / 30),
  ],
  'with warm-up, and along a cosine': [
    { learningRate: 0.05, schedule: cosineSchedule({ warmup: 5, total: 45, final: 0.1 }) },
    (step) => {
      const progress = Math.min(1, Math.max(0, (step - 5) / 40));
      return Math.min(1, (step + 1) / 5) * (0.1 + 0.9 * 0.5 * (1 + Math.cos(Math.PI * progress)));
    },
  ],
};

describe('AdamW', () => {
  for (const [name, [options, factor]] of Object.entries(variants)) {
    it(`${name}: ${steps} steps are PyTorch’s`, async () => {
      const gradients = draw(steps);
      const expected = reference(gradients, options, factor);
      const clipped = expected.filter(({ norm }) => norm > (options.clipNorm ?? Number.POSITIVE_INFINITY)).length;
      if (name.endsWith('now and then')) assert.ok(clipped > 5 && clipped < steps - 5);
      for (const [float, tolerance] of [
        ['float64', 1e-9],
        ['float32', 2e-5],
      ] as const) {
        const { graph, initial, read } = training(float, options);
        const compiled = await kit.compile(graph, { state: initial });
        for (const [step, gradient] of gradients.entries()) {
          const values = await compiled.run(feedsOf(gradient));
          assertNear(numbers(values.norm), [expected[step]!.norm], tolerance);
          assertNear(numbers(values.rate), [expected[step]!.rate], tolerance);
          assert.deepEqual(numbers(values.step), [step + 1]);
        }
        assertNear(read(await compiled.state()), expected.at(-1)!.parameters, tolerance);
        await compiled.dispose();
      }
    });
  }

  it('corrects the bias of the first step and of the millionth alike', async () => {
    const [gradient] = draw(1) as [Float64Array];
    const options = { learningRate: 0.01, weightDecay: 0 };
    for (const t of [1, 2, 1000, 1_000_000]) {
      const { graph, initial, read } = training('float32', options);
      const counted = { dtype: 'float32', shape: [], data: Float32Array.of(t - 1) } as const;
      const compiled = await kit.compile(graph, { state: { ...initial, 'optimizer.step': counted } });
      const values = await compiled.run(feedsOf(gradient));
      const state = await compiled.state();
      const before = kinds.flatMap(({ size, first }) => new Array<number>(size).fill(first));
      const rates = kinds.flatMap(({ size, rate }) => new Array<number>(size).fill(0.01 * rate));
      const changes = read(state).map((value, i) => (before[i]! - value) / rates[i]!);
      const size = (0.1 / (1 - 0.9 ** t)) * Math.sqrt((1 - 0.999 ** t) / 0.001);
      changes.forEach((change, i) => {
        // The difference of two float32 around 2 that differ by 0.01.
        assert.ok(
          Math.abs(change - Math.sign(gradient[i]!) * size) < 1e-4 * size,
          `step ${t}: ${change}, not ±${size}`,
        );
      });
      assert.deepEqual(numbers(values.step), [t]);
      await compiled.dispose();
    }
  });

  it('four accumulated gradients are one of their mean, and the runs between change nothing', async () => {
    const gradients = draw(12);
    const options = { learningRate: 0.02, clipNorm: 0.5, weightDecay: 0.1, schedule: linearSchedule({ total: 3 }) };
    const means = [0, 4, 8].map((from) => {
      const four = gradients.slice(from, from + 4);
      return four[0]!.map((_, i) => four.reduce((sum, gradient) => sum + gradient[i]! / 4, 0));
    });
    const factor = (step: number): number => 1 - step / 3;
    const expected = reference(means, options, factor);
    for (const [float, tolerance] of [
      ['float64', 1e-9],
      ['float32', 2e-5],
    ] as const) {
      const { graph, initial, read } = training(float, { ...options, accumulate: 4 });
      const compiled = await kit.compile(graph, { state: initial });
      let before: Values = initial;
      for (const [run, gradient] of gradients.entries()) {
        const values = await compiled.run(feedsOf(gradient));
        const now = await compiled.state();
        const updates = run % 4 === 3;
        assert.deepEqual(numbers(values.step), [Math.floor((run + 1) / 4)]);
        assertNear(numbers(values.rate), [0.02 * factor(Math.floor(run / 4))], tolerance);
        for (const [name, { data }] of Object.entries(now)) {
          const same = Buffer.compare(bytesOf(data), bytesOf(before[name]!.data)) === 0;
          const counts = name === 'optimizer.runs' || name.startsWith('optimizer.accumulated.');
          assert.equal(same, !updates && !counts, `run ${run}: ${name}`);
        }
        if (updates) {
          assertNear(read(now), expected[Math.floor(run / 4)]!.parameters, tolerance);
          assertNear(numbers(values.norm), [expected[Math.floor(run / 4)]!.norm], tolerance);
          assert.deepEqual(numbers(now['optimizer.runs']), [0]);
          for (const pack of ['decayed', 'plain', 'decayed-x3']) {
            assert.ok(numbers(now[`optimizer.accumulated.${pack}`]).every((value) => value === 0));
          }
        }
        before = now;
      }
      await compiled.dispose();
    }
  });

  it('a loss that is NaN takes no step', async () => {
    const graph = new Graph();
    const parameters = new Parameters(graph);
    const loss = sum(mul(parameters.create('weight', [2], constant(1)), log(graph.input('x', 'float32', [2]))));
    adamw(parameters, loss, { learningRate: 0.1 });
    graph.output('loss', loss);
    const state = { ...parameters.initialState(seeded(1)), ...initialOptimizerState(graph) };
    const compiled = await kit.compile(graph, { state, checkFinite: true });
    await compiled.run({ x: [1, 2] });
    const before = await compiled.state();
    await assert.rejects(
      compiled.run({ x: [1, -2] }),
      (error) => error instanceof NonFiniteError && /is NaN: this step was not taken/.test(error.message),
    );
    assert.deepEqual(await compiled.state(), before);
    await compiled.run({ x: [1, 2] });
    assert.deepEqual(numbers((await compiled.state())['optimizer.step']), [2]);
    await compiled.dispose();
  });

  it('a gradient that overflows takes none either, with a loss that is finite', async () => {
    const graph = new Graph();
    const parameters = new Parameters(graph);
    const loss = sum(sqrt(parameters.create('weight', [2], constant(0))));
    adamw(parameters, loss, { learningRate: 0.1 });
    graph.output('loss', loss);
    const state = { ...parameters.initialState(seeded(1)), ...initialOptimizerState(graph) };
    const compiled = await kit.compile(graph, { state, checkFinite: true });
    await assert.rejects(compiled.run(), /“optimizer.gradientNorm” is Infinity/);
    assert.deepEqual(numbers((await compiled.state())['parameters.plain']), [0, 0]);
    await compiled.dispose();
  });

  it('a gradient of zeros moves nothing but by decay', async () => {
    const { graph, initial, read } = training('float32', { learningRate: 0.1, weightDecay: 0.5, clipNorm: 1 });
    const compiled = await kit.compile(graph, { state: initial });
    const values = await compiled.run(feedsOf(new Float64Array(11)));
    assert.deepEqual(numbers(values.norm), [0]);
    const decayed = kinds.flatMap(({ size, first, decays, rate }) =>
      new Array<number>(size).fill(decays ? first * (1 - 0.05 * rate) : first),
    );
    assertNear(read(await compiled.state()), decayed, 1e-6);
    await compiled.dispose();
  });

  it('starts with zeros of the graph’s type, for each state it has', () => {
    const { graph } = training('float64', { learningRate: 1, accumulate: 2 });
    const initial = initialOptimizerState(graph);
    const packs = ['decayed', 'plain', 'decayed-x3'];
    assert.deepEqual(
      Object.keys(initial).toSorted(),
      ['runs', 'step', ...['accumulated', 'first', 'second'].flatMap((kind) => packs.map((pack) => `${kind}.${pack}`))]
        .map((name) => `optimizer.${name}`)
        .toSorted(),
    );
    for (const { data } of Object.values(initial))
      assert.ok(data instanceof Float64Array && data.every((value) => value === 0));
  });
});
