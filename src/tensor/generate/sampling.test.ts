import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { Graph } from '../graph/graph.ts';
import { normal } from '../nn/weights.ts';
import { seeded } from '../random.ts';
import { type Compiled, numbers, startKit } from '../testing/kit.ts';
import { uniform } from '../testing/random.ts';
import { sampleTokens } from './sampleOps.ts';
import { checkSampling, largest, logTotal, type SampledToken, type Sampling, sampleToken } from './sampling.ts';

const kit = startKit();
after(() => kit.close());

/** The distribution that a sampling draws from, written without thought of speed. */
function distribution(logits: readonly number[], { temperature = 1, topK, topP = 1 }: Sampling): number[] {
  const order = logits.map((_, i) => i).sort((a, b) => logits[b]! - logits[a]! || a - b);
  const kept = order.slice(0, topK ?? logits.length);
  const weights = kept.map((i) => Math.exp((logits[i]! - logits[order[0]!]!) / temperature));
  const total = weights.reduce((a, b) => a + b, 0);
  let before = 0;
  const stays = weights.map((weight) => {
    const stay = before < topP * total;
    before += weight;
    return stay;
  });
  const mass = weights.reduce((sum, weight, i) => sum + (stays[i] ? weight : 0), 0);
  const result = logits.map(() => 0);
  kept.forEach((token, i) => {
    if (stays[i]) result[token] = weights[i]! / mass;
  });
  return result;
}

const sample = (logits: Float32Array, sampling: Sampling, uniform: number): SampledToken =>
  sampleToken({ logits, total: logTotal(logits, 1) }, sampling, uniform);

const samplings: readonly (Sampling & { readonly temperature: number })[] = [
  { temperature: 1 },
  { temperature: 0.7 },
  { temperature: 2 },
  { temperature: 1, topK: 5 },
  { temperature: 1.3, topP: 0.6 },
  { temperature: 0.8, topK: 12, topP: 0.7 },
];
const named = (sampling: Sampling): string => JSON.stringify(sampling);

const vocabulary = 24;
const logits = Float32Array.from(normal(1.5)([vocabulary], seeded(3)));

const compile = (rows: number, size: number, sampling: Sampling): Promise<Compiled> => {
  const graph = new Graph();
  const { token, logProbability, samplingLogProbability } = sampleTokens(
    graph.input('logits', 'float32', [rows, size]),
    graph.input('uniform', 'float32', [rows]),
    graph.input('temperature', 'float32', []),
    sampling,
  );
  graph.output('token', token);
  graph.output('logProbability', logProbability);
  graph.output('samplingLogProbability', samplingLogProbability);
  return kit.compile(graph);
};

/**
 * Pearson's χ² of `counts` against `expected` probabilities stays below its 99.99 % point (Wilson and Hilferty's
 * approximation); tokens of probability 0 must not come at all.
 */
function fits(counts: readonly number[], expected: readonly number[], draws: number): void {
  const possible = expected.flatMap((p, i) => (p > 0 ? [i] : []));
  counts.forEach((count, i) => {
    if (expected[i] === 0) assert.equal(count, 0, `token ${i} was left out`);
  });
  const statistic = possible.reduce(
    (sum, i) => sum + (counts[i]! - draws * expected[i]!) ** 2 / (draws * expected[i]!),
    0,
  );
  const k = possible.length - 1;
  const limit = k * (1 - 2 / (9 * k) + 3.72 * Math.sqrt(2 / (9 * k))) ** 3;
  assert.ok(statistic < limit, `χ² is ${statistic}, above ${limit}`);
}

describe('sampling', { timeout: 60_000 }, () => {
  for (const sampling of samplings) {
    const expected = distribution(Array.from(logits), sampling);

    it(`draws tokens as often as their probability says: ${named(sampling)}`, () => {
      const [random, draws] = [seeded(11), 20_000];
      const counts = new Array<number>(vocabulary).fill(0);
      for (let i = 0; i < draws; i++) {
        const { token, samplingLogProbability } = sample(logits, sampling, random());
        counts[token]!++;
        assert.ok(Math.abs(samplingLogProbability - Math.log(expected[token]!)) < 1e-6);
      }
      fits(counts, expected, draws);
    });

    it(`does so in a graph: ${named(sampling)}`, async () => {
      const [random, rows] = [seeded(12), 20_000];
      const compiled = await compile(rows, vocabulary, sampling);
      const all = new Float32Array(rows * vocabulary);
      for (let i = 0; i < rows; i++) all.set(logits, i * vocabulary);
      const results = await compiled.run({
        logits: all,
        uniform: Float32Array.from({ length: rows }, random),
        temperature: [sampling.temperature],
      });
      const counts = new Array<number>(vocabulary).fill(0);
      for (const token of numbers(results.token)) counts[token]!++;
      fits(counts, expected, rows);
      await compiled.dispose();
    });

    it(`is the same token and log-probabilities in a graph and outside: ${named(sampling)}`, async () => {
      const [random, rows, size] = [seeded(13), 64, 300];
      const many = Float32Array.from(normal(2)([rows * size], random));
      const noise = Float32Array.from(uniform(random, rows, 0, 1));
      const compiled = await compile(rows, size, sampling);
      const results = await compiled.run({ logits: many, uniform: noise, temperature: [sampling.temperature] });
      const [tokens, ofModel, ofSampling] = [results.token, results.logProbability, results.samplingLogProbability].map(
        numbers,
      );
      for (let i = 0; i < rows; i++) {
        const outside = sample(many.subarray(i * size, (i + 1) * size), sampling, noise[i]!);
        assert.equal(tokens![i], outside.token, `row ${i}`);
        assert.ok(Math.abs(ofModel![i]! - outside.logProbability) < 1e-4);
        assert.ok(Math.abs(ofSampling![i]! - outside.samplingLogProbability) < 1e-4);
      }
      await compiled.dispose();
    });
  }

  it('takes the largest, and of equals the first, without temperature', async () => {
    const tied = Float32Array.of(0, 3, 1, 3, -2);
    const compiled = await compile(1, 5, { topK: 1 });
    const inGraph = numbers((await compiled.run({ logits: tied, uniform: [0.9], temperature: [1] })).token);
    const greedy = sample(tied, { temperature: 0 }, 0.9);
    assert.deepEqual([greedy.token, ...inGraph, greedy.samplingLogProbability], [1, 1, 0]);
    await compiled.dispose();
  });

  it('finds the largest in order, like a full sort', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 200 }),
        fc.nat({ max: 200 }),
        (values, wanted) => {
          const count = Math.min(1 + wanted, values.length);
          const order = values.map((_, i) => i).sort((a, b) => values[b]! - values[a]! || a - b);
          assert.deepEqual(largest(Float32Array.from(values), count), order.slice(0, count));
        },
      ),
    );
  });

  it('never leaves the distribution, whatever decides', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ min: -30, max: 30, noNaN: true }), { minLength: 1, maxLength: 600 }),
        fc.double({ min: 0.05, max: 3, noNaN: true }),
        fc.option(fc.integer({ min: 1, max: 700 }), { nil: undefined }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        (values, temperature, topK, topP, decider) => {
          const sampling = { temperature, ...(topK && { topK }), topP };
          const { token, samplingLogProbability } = sample(Float32Array.from(values), sampling, decider);
          const probability = distribution(values, sampling)[token]!;
          // At the edge of a nucleus rounding decides: such a token's share is off by what the edge has.
          assert.ok(token >= 0 && token < values.length && samplingLogProbability < 1e-9);
          if (topP === 1 && probability > 0) {
            assert.ok(Math.abs(Math.exp(samplingLogProbability) - probability) < 1e-6);
          }
        },
      ),
    );
  });

  it('refuses settings without a meaning', () => {
    for (const wrong of [
      { temperature: -1 },
      { temperature: Number.NaN },
      { topK: 0 },
      { topK: 1.5 },
      { topP: 0 },
      { topP: 1.1 },
    ]) {
      assert.throws(() => checkSampling(wrong), RangeError, JSON.stringify(wrong));
    }
    for (const sampling of samplings) checkSampling(sampling);
  });
});
