import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { softwareVulkan } from '../../../test/softwareVulkan.ts';
import { seeded } from '../random.ts';
import { startRuntime } from '../runtime/runtime.ts';
import { rolloutFeeds, rolloutsOf } from './rollout.ts';
import { rolloutModel } from './rolloutModel.ts';
import { stream } from './stream.ts';
import { goldenModel } from './testModels.ts';
import { openTextCache } from './textCache.ts';

const vulkan = softwareVulkan();
const runtime = startRuntime({ log: { debug() {} }, env: vulkan.ok ? vulkan.env : {} });
after(() => runtime.close());

describe('generating on WebGPU', { timeout: 120_000, skip: vulkan.ok ? false : vulkan.reason }, () => {
  it('streams what the CPU does, with the cache on the GPU', async () => {
    const { config, source } = await goldenModel('smollm2');
    const streamed: { readonly tokens: number[]; readonly logs: number[] }[] = [];
    for (const provider of ['webgpu', 'cpu'] as const) {
      const cache = await openTextCache(runtime, { config, source, capacity: 24, prefill: { rows: 8 }, provider });
      assert.deepEqual([cache.provider, cache.fallbackReason], [provider, null]);
      const [tokens, logs]: [number[], number[]] = [[], []];
      for await (const made of stream(cache, [3, 17, 5, 40, 11, 2, 9, 30, 22], { maxTokens: 10, random: seeded(5) })) {
        tokens.push(made.token);
        logs.push(made.logProbability);
      }
      streamed.push({ tokens, logs });
      await cache.dispose();
    }
    const [gpu, cpu] = streamed;
    assert.deepEqual(gpu!.tokens, cpu!.tokens);
    gpu!.logs.forEach((log, i) => {
      assert.ok(Math.abs(log - cpu!.logs[i]!) < 1e-4, `token ${i}: ${log}, not ${cpu!.logs[i]}`);
    });
  });

  it('rolls out what the CPU does', async () => {
    const { source } = await goldenModel('qwen2');
    const options = { batch: 2, promptLength: 5, newTokens: 6, topK: 10 };
    const prompts = [
      [3, 17, 5, 40, 11],
      [30, 22],
    ];
    const made = [];
    for (const provider of ['webgpu', 'cpu'] as const) {
      const program = await runtime.load((target) => rolloutModel(source, { ...options, provider: target }), {
        purpose: 'decode',
        provider,
      });
      assert.deepEqual([program.provider, program.fallbackReason], [provider, null]);
      made.push(rolloutsOf(await program.run({ feeds: rolloutFeeds(options, { prompts, random: seeded(6) }) })));
      await program.dispose();
    }
    const [gpu, cpu] = made;
    assert.deepEqual(
      gpu!.map(({ tokens }) => tokens),
      cpu!.map(({ tokens }) => tokens),
    );
  });
});
