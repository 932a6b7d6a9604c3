import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { Graph, type Tensor } from '../graph/graph.ts';
import { serialise } from '../graph/serialise.ts';
import type { Model, TensorValue } from '../model.ts';
import { causalAttention } from '../nn/attention.ts';
import { decode, languageHead, valueHead } from '../nn/decoder.ts';
import { frozenWeights } from '../nn/frozen.ts';
import { Parameters } from '../nn/parameters.ts';
import { normal } from '../nn/weights.ts';
import { add, reshape, square } from '../ops/basic.ts';
import { mean } from '../ops/reduce.ts';
import { crossEntropy, tokenStatistics } from '../ops/vocabulary.ts';
import { adamw } from '../optim/adamw.ts';
import { seeded } from '../random.ts';
import { numbers, startKit } from '../testing/kit.ts';
import { integers } from '../testing/random.ts';
import { type Rollout, rolloutFeeds, rolloutsOf } from './rollout.ts';
import { type RolloutOptions, rolloutModel } from './rolloutModel.ts';
import type { DecoderSource } from './source.ts';
import { stream } from './stream.ts';
import { families, goldenModel } from './testModels.ts';
import { openTextCache } from './textCache.ts';

const kit = startKit();
after(() => kit.close());

const size = { batch: 3, promptLength: 7, newTokens: 9 } as const;
const prompts = [
  [3, 17, 5, 40, 11, 2, 9],
  [30, 22],
  [7, 1, 44, 12],
];

type State = Readonly<Record<string, TensorValue>>;

async function roll(source: DecoderSource, options: RolloutOptions, temperature = 1, seed = 1, state?: State) {
  const compiled = await kit.compile(rolloutModel(source, options), state && { state });
  const feeds = rolloutFeeds(options, { prompts, temperature, random: seeded(seed) });
  const results = await compiled.run(Object.fromEntries(Object.entries(feeds).map(([name, { data }]) => [name, data])));
  await compiled.dispose();
  return { results, rows: rolloutsOf(results), noise: feeds.noise!.data as Float32Array };
}

/** Log-probabilities as training has them: of `tokens` [batch, length] after the first, [batch · (length − 1)]. */
function scoringModel(source: DecoderSource, batch: number, length: number): Model {
  const graph = new Graph();
  const { decoder, parameters, complete } = source(graph);
  const tokens = graph.input('tokens', 'int64', [batch, length - 1]);
  const targets = graph.input('targets', 'int64', [batch * (length - 1)]);
  const starts = graph.input('starts', 'int64', [batch]);
  const hidden = decode(decoder, tokens, causalAttention(graph, decoder.config, { batch, length: length - 1, starts }));
  graph.output('logProbability', tokenStatistics(hidden, languageHead(decoder), targets).logProbability);
  complete?.(hidden);
  parameters?.packs();
  return serialise(graph);
}

/** Every log-probability of `rows` against what the training side says of the same texts. */
async function agreesWithTraining(source: DecoderSource, rows: readonly Rollout[], state?: State): Promise<void> {
  const length = size.promptLength + size.newTokens;
  const texts = rows.map(({ tokens }, row) => {
    const made = [...tokens, ...new Array<number>(size.newTokens - tokens.length).fill(0)];
    return [...new Array<number>(size.promptLength - prompts[row]!.length).fill(0), ...prompts[row]!, ...made];
  });
  const scored = await kit.evaluate(
    scoringModel(source, size.batch, length),
    {
      tokens: texts.flatMap((text) => text.slice(0, -1)),
      targets: texts.flatMap((text) => text.slice(1)),
      starts: prompts.map((prompt) => size.promptLength - prompt.length),
    },
    state && { state },
  );
  const expected = numbers(scored.logProbability);
  rows.forEach(({ logProbabilities }, row) => {
    logProbabilities.forEach((actual, i) => {
      const wanted = expected[row * (length - 1) + size.promptLength - 1 + i]!;
      assert.ok(Math.abs(actual - wanted) < 1e-4, `row ${row}, token ${i}: ${actual}, not ${wanted}`);
    });
  });
}

describe('rollouts', { timeout: 120_000 }, () => {
  for (const family of families) {
    it(`are what streaming makes with the same numbers (${family})`, async () => {
      const { config, source } = await goldenModel(family);
      const cache = await openTextCache(kit.runtime, { config, source, capacity: 16, prefill: { rows: 8 } });
      for (const sampling of [{ greedy: true }, {}, { topK: 6, topP: 0.8 }]) {
        const { rows, noise } = await roll(source, { ...size, ...sampling }, 1.2);
        for (const [row, { tokens, samplingLogProbabilities }] of rows.entries()) {
          const streamed = { ...sampling, temperature: 'greedy' in sampling ? 0 : 1.2 };
          let next = 0;
          const random = () => noise[size.batch * next++ + row]!;
          const expected: number[] = [];
          for await (const made of stream(cache, prompts[row]!, { ...streamed, maxTokens: size.newTokens, random })) {
            const actual = samplingLogProbabilities[expected.length]!;
            assert.ok(Math.abs(actual - made.samplingLogProbability) < 1e-4, `${actual}`);
            expected.push(made.token);
          }
          assert.deepEqual(tokens, expected, `row ${row}`);
        }
        await agreesWithTraining(source, rows);
      }
      await cache.dispose();
    });
  }

  it('end at stop tokens, row by row', async () => {
    const { source } = await goldenModel('smollm2');
    const whole = (await roll(source, size, 1, 5)).rows;
    const stopTokens = [whole[0]!.tokens[3]!, whole[1]!.tokens[5]!];
    const { rows, results } = await roll(source, { ...size, stopTokens, padToken: 7 }, 1, 5);
    rows.forEach(({ tokens, logProbabilities }, row) => {
      const all = whole[row]!;
      const end = all.tokens.findIndex((token) => stopTokens.includes(token)) + 1 || size.newTokens;
      assert.deepEqual(tokens, all.tokens.slice(0, end), `row ${row}`);
      logProbabilities.forEach((value, i) => {
        assert.ok(Math.abs(value - all.logProbabilities[i]!) < 1e-5);
      });
      const rest = (name: string): number[] =>
        numbers(results[name]).slice(row * size.newTokens + end, (row + 1) * size.newTokens);
      const left = size.newTokens - end;
      assert.deepEqual(rest('tokens'), new Array(left).fill(7));
      assert.deepEqual(rest('mask'), new Array(left).fill(0));
      assert.deepEqual(rest('samplingLogProbability').map(Math.abs), new Array(left).fill(0));
    });
    assert.ok(rows[0]!.tokens.length <= 4 && rows[1]!.tokens.length <= 6);
  });

  it('end when all rows have', async () => {
    const { source, config } = await goldenModel('tinyllama');
    const all = Array.from({ length: config.vocabSize }, (_, token) => token);
    const { rows } = await roll(source, { ...size, newTokens: 200, stopTokens: all }, 1, 5);
    assert.deepEqual(
      rows.map(({ tokens }) => tokens.length),
      [1, 1, 1],
    );
    assert.equal((await roll(source, { ...size, newTokens: 1 })).rows[2]!.tokens.length, 1);
  });

  it('draw each first token as often as its probability says', async () => {
    const { source, config } = await goldenModel('llama3');
    const options = { batch: 4000, promptLength: 2, newTokens: 2, topK: 8 };
    const compiled = await kit.compile(rolloutModel(source, options));
    const feeds = rolloutFeeds(options, {
      prompts: Array.from({ length: options.batch }, () => [4, 9]),
      random: seeded(8),
    });
    const results = await compiled.run(
      Object.fromEntries(Object.entries(feeds).map(([name, { data }]) => [name, data])),
    );
    const rows = rolloutsOf(results);
    const expected = new Map(rows.map((row) => [row.tokens[0]!, Math.exp(row.samplingLogProbabilities[0]!)]));
    assert.equal(expected.size, 8);
    let statistic = 0;
    for (const [token, probability] of expected) {
      const count = rows.filter(({ tokens }) => tokens[0] === token).length;
      statistic += (count - options.batch * probability) ** 2 / (options.batch * probability);
    }
    // The 99.99 % point of χ² with 7 degrees of freedom.
    assert.ok(statistic < 29.9, `χ² is ${statistic}`);
    assert.ok(rows.every(({ tokens }) => tokens.every((token) => token >= 0 && token < config.vocabSize)));
    await compiled.dispose();
  });

  it('are of the parameters as training left them, beside those of a value head', async () => {
    const { config } = await goldenModel('qwen2');
    const [batch, length] = [4, 8];
    const trainable = (graph: Graph) => {
      const parameters = new Parameters(graph);
      const weights = parameters.weights();
      const decoder = { config, weights, adapter: null };
      return { parameters, decoder, complete: (hidden: Tensor) => valueHead(weights, 'value', hidden) };
    };
    const graph = new Graph();
    const { parameters, decoder, complete } = trainable(graph);
    const tokens = graph.input('tokens', 'int64', [batch, length]);
    const hidden = decode(decoder, tokens, causalAttention(graph, config, { batch, length }));
    const targets = graph.input('targets', 'int64', [batch * length]);
    const ones = graph.constant(new Array<number>(batch * length).fill(1), [batch * length]);
    const loss = add(crossEntropy(hidden, languageHead(decoder), targets, ones), mean(square(complete(hidden))));
    graph.output('loss', loss);
    adamw(parameters, loss, { learningRate: 0.02 });
    const model = serialise(graph);

    const initial = Object.fromEntries(model.state.map(({ name, dtype, shape }) => [name, { dtype, shape }]));
    const state = await kit.runtime.createState({ ...initial, ...parameters.initialState(seeded(2)) });
    const training = await kit.runtime.load(model, { purpose: 'train' });
    const random = seeded(3);
    const text = integers(random, batch * length + 1, config.vocabSize);
    const int64 = (values: readonly number[], ...shape: number[]): TensorValue => ({
      dtype: 'int64',
      shape,
      data: BigInt64Array.from(values, BigInt),
    });
    const feeds = { tokens: int64(text.slice(0, -1), batch, length), targets: int64(text.slice(1), batch * length) };

    const sampling = await kit.runtime.load(rolloutModel(trainable, size), { purpose: 'decode' });
    const made: (readonly Rollout[])[] = [];
    for (const steps of [0, 5]) {
      for (let i = 0; i < steps; i++) await training.run({ state, feeds });
      const rows = rolloutsOf(await sampling.run({ state, feeds: rolloutFeeds(size, { prompts, random: seeded(1) }) }));
      const packs = sampling.model.state.map(({ name }) => name);
      await agreesWithTraining(trainable, rows, await state.read(packs));
      made.push(rows);
    }
    assert.notDeepEqual(made[0]![0]!.logProbabilities, made[1]![0]!.logProbabilities);
    await Promise.all([training.dispose(), sampling.dispose(), state.dispose()]);
  });

  it('are of frozen weights with a trained adapter', async () => {
    const { config, stored, source: plain } = await goldenModel('smollm2');
    const adapted: DecoderSource = (graph) => {
      const parameters = new Parameters(graph);
      const adapter = { rank: 2, alpha: 4, targets: ['q_proj', 'v_proj', 'down_proj'], weights: parameters.weights() };
      return { parameters, decoder: { config, weights: frozenWeights(graph, stored), adapter } };
    };
    const graph = new Graph();
    const { parameters, decoder } = adapted(graph) as ReturnType<typeof adapted> & { parameters: Parameters };
    decode(decoder, graph.input('tokens', 'int64', [2]), (_, q) => reshape(q, q.shape));
    // Of both matrices: an adapter as it starts out changes nothing.
    const random = seeded(6);
    const state = Object.fromEntries(
      Object.entries(parameters.initialState(random)).map(([name, { dtype, shape }]): [string, TensorValue] => [
        name,
        { dtype, shape, data: Float32Array.from(normal(0.5)(shape, random)) },
      ]),
    );
    const { rows } = await roll(adapted, size, 1, 2, state);
    await agreesWithTraining(adapted, rows, state);
    const unadapted = (await roll(plain, size, 1, 2)).rows;
    assert.notDeepEqual(rows[0]!.logProbabilities, unadapted[0]!.logProbabilities);
  });

  it('say what does not fit', () => {
    const request = { prompts, random: seeded(1) };
    assert.throws(() => rolloutFeeds({ ...size, batch: 2 }, request), /3 prompts .* 2/);
    assert.throws(() => rolloutFeeds({ ...size, promptLength: 6 }, request), /Prompt 0 has 7 tokens/);
    assert.throws(() => rolloutFeeds(size, { ...request, temperature: 0 }), RangeError);
  });
});
