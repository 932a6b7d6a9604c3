import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { seeded } from '../random.ts';
import { RuntimeStoppedError, StateLostError } from '../runtime/errors.ts';
import { startKit } from '../testing/kit.ts';
import { cacheTensors } from './cachedAttention.ts';
import { cachedModel } from './cachedModel.ts';
import type { SampledToken } from './sampling.ts';
import { PromptTooLongError, type StreamEnd, type StreamOptions, stream, truncationStart } from './stream.ts';
import { families, goldenModel, wholeModel } from './testModels.ts';
import { openTextCache, type TextCache } from './textCache.ts';

const kit = startKit();
after(() => kit.close());

interface Streamed {
  readonly made: readonly SampledToken[];
  readonly tokens: readonly number[];
  readonly end: StreamEnd;
}

async function collect(cache: TextCache, prompt: readonly number[], options: StreamOptions): Promise<Streamed> {
  const made: SampledToken[] = [];
  const iterator = stream(cache, prompt, options);
  for (;;) {
    const { done, value } = await iterator.next();
    if (done) return { made, tokens: made.map(({ token }) => token), end: value };
    made.push(value);
  }
}

const closeTo = (actual: number, expected: number, tolerance: number, what: string) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${what}: ${actual}, not ${expected}`);

const prompt = [3, 17, 5, 40, 11, 2, 9, 30, 22, 7, 1];
const greedy = { maxTokens: 12, temperature: 0, random: () => 0 };

describe('streaming', { timeout: 120_000 }, () => {
  for (const family of families) {
    it(`continues a text as the model without a cache does (${family})`, async () => {
      const { config, source } = await goldenModel(family);
      const cache = await openTextCache(kit.runtime, { config, source, capacity: 24, prefill: { rows: 8 } });
      const { made, tokens, end } = await collect(cache, prompt, greedy);
      const text = [...prompt, ...tokens];
      const whole = await kit.evaluate(wholeModel(source, 1, text.length), { tokens: text });
      const logits = whole.logits!.data as Float32Array;
      for (const [i, { token, logProbability }] of made.entries()) {
        const row = Array.from(logits.subarray((prompt.length + i - 1) * config.vocabSize).slice(0, config.vocabSize));
        assert.equal(token, row.indexOf(Math.max(...row)), `token ${i}`);
        const total = Math.log(row.reduce((sum, logit) => sum + Math.exp(logit), 0));
        closeTo(logProbability, row[token]! - total, 1e-4, `log-probability ${i}`);
      }
      assert.equal(end, 'length');
      await cache.dispose();
    });
  }

  it('reads of a prompt only what is new, and gives what it would give after reading all', async () => {
    const { config, source } = await goldenModel('smollm2');
    const options = { config, source, capacity: 48, prefill: { rows: 8 } };
    const used = await openTextCache(kit.runtime, options);
    const fresh = await openTextCache(kit.runtime, options);
    const random = seeded(4);
    let text: number[] = [];
    for (let i = 0; i < 30; i++) {
      // A few more tokens, or other ones from some place on; sometimes none.
      const kept = random() < 0.6 ? text.length : Math.floor(random() * text.length);
      const added = Array.from({ length: Math.floor(random() * 20) }, () => Math.floor(random() * config.vocabSize));
      text = [...text.slice(0, kept), ...added].slice(0, 48);
      if (text.length === 0) text = [1];
      fresh.forget();
      const [reused, again] = [await used.predict(text), await fresh.predict(text)];
      reused.logits.forEach((logit, j) => {
        closeTo(logit, again.logits[j]!, 1e-5, `logit ${j} of text ${i}`);
      });
    }
    await Promise.all([used.dispose(), fresh.dispose()]);
  });

  it('gives the same with a cache that the graph replaces, as on a GPU', async () => {
    const { config, source } = await goldenModel('qwen2');
    const size = { capacity: 16 };
    const results: number[][] = [];
    for (const provider of ['cpu', 'webgpu'] as const) {
      const logits: number[] = [];
      const state = await kit.runtime.createState(cacheTensors(config, size));
      for (const [rows, position] of [
        [8, 0],
        [1, 5],
        [1, 6],
        [8, 7],
      ] as const) {
        const program = await kit.runtime.load(cachedModel(source, { ...size, rows, provider }), { purpose: 'decode' });
        const int64 = (...values: number[]) =>
          ({ dtype: 'int64', shape: [values.length], data: BigInt64Array.from(values, BigInt) }) as const;
        const feeds = { tokens: int64(...prompt.slice(0, rows)), position: int64(position) };
        const run = await program.run({ state, feeds: rows === 1 ? feeds : { ...feeds, last: int64(4) } });
        logits.push(...(run.logits!.data as Float32Array));
      }
      results.push(logits);
    }
    const [appended, replaced] = results;
    appended!.forEach((logit, i) => {
      closeTo(logit, replaced![i]!, 1e-5, `logit ${i}`);
    });
  });

  it('ends at a stop token, at the number of tokens asked for, and when it is told to', async () => {
    const { config, source } = await goldenModel('llama3');
    const cache = await openTextCache(kit.runtime, { config, source, capacity: 32 });
    const { tokens } = await collect(cache, prompt, greedy);
    const at = tokens.indexOf(tokens[4]!);
    const stopped = await collect(cache, prompt, { ...greedy, stopTokens: [tokens[4]!] });
    assert.deepEqual([stopped.tokens, stopped.end], [tokens.slice(0, at + 1), 'stop']);

    const controller = new AbortController();
    const seen: number[] = [];
    await assert.rejects(
      async () => {
        for await (const { token } of stream(cache, prompt, { ...greedy, signal: controller.signal })) {
          seen.push(token);
          if (seen.length === 3) controller.abort(new Error('enough'));
        }
      },
      { message: 'enough' },
    );
    assert.deepEqual(seen, tokens.slice(0, 3));
    assert.deepEqual((await collect(cache, prompt, greedy)).tokens, tokens);
    await cache.dispose();
  });

  it('refuses a prompt that is too long, or cuts its beginning', async () => {
    const { config, source } = await goldenModel('smollm2');
    const cache = await openTextCache(kit.runtime, { config, source, capacity: 20 });
    const long = [...prompt, ...prompt];
    await assert.rejects(collect(cache, long, greedy), (error) => {
      assert.ok(error instanceof PromptTooLongError);
      assert.deepEqual([error.tokens, error.room], [22, 9]);
      return true;
    });
    const cut = await collect(cache, long, { ...greedy, longPrompt: 'truncate' });
    const expected = await collect(cache, long.slice(truncationStart(22, 9)), greedy);
    assert.deepEqual(cut.tokens, expected.tokens);
    assert.equal(truncationStart(9, 9), 0);
    assert.equal(truncationStart(10, 9), truncationStart(11, 9));
    await assert.rejects(collect(cache, [1], { ...greedy, maxTokens: 21 }), RangeError);
    await assert.rejects(collect(cache, [1], { ...greedy, topP: 0 }), RangeError);
    await cache.dispose();
  });

  it('goes on after the runtime’s process was lost', async () => {
    const { config, source } = await goldenModel('smollm2');
    const cache = await openTextCache(kit.runtime, { config, source, capacity: 32 });
    const { tokens } = await collect(cache, prompt, greedy);
    // A call that takes too long ends the process.
    const model = wholeModel(source, 1, 8);
    await assert.rejects(kit.runtime.load(model, { purpose: 'train', timeoutMs: 0 }), RuntimeStoppedError);
    await assert.rejects(cache.predict([...prompt, 1]), StateLostError);
    assert.deepEqual((await collect(cache, prompt, greedy)).tokens, tokens);
    await cache.dispose();
  });
});
