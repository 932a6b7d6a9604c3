import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { startRuntime } from './runtime.ts';
import { counter, numbers, scalar } from './testModels.ts';

const folder = mkdtempSync(join(tmpdir(), 'attune-probe-'));
const log = { debug() {} };
const runtime = startRuntime({ log });
after(async () => {
  await runtime.close();
  rmSync(folder, { recursive: true, force: true });
});
/** A provider that ONNX Runtime has on another platform only. */
const foreign = process.platform === 'darwin' ? 'dml' : 'coreml';

describe('the probe of providers', { timeout: 120_000 }, () => {
  it('takes a training step on each, and gives one plain line for each that can’t', async () => {
    const results = await runtime.probe();
    assert.deepEqual(
      results.map(({ provider }) => provider),
      ['cpu', 'webgpu', 'cuda', 'dml', 'coreml'],
    );
    assert.equal(results[0]!.ok, true);
    assert.ok(results[0]!.milliseconds > 0);
    for (const { provider, ok, reason } of results) {
      assert.equal(reason === null, ok, provider);
      if (reason !== null) assert.match(reason, /^[^\n]{10,200}\.$/, provider);
    }
    const absent = results.find(({ provider }) => provider === foreign)!;
    assert.match(absent.reason ?? '', /comes without/);
    assert.strictEqual((await runtime.probe())[0], results[0], 'asked again, it answers what it found');
  });

  it('runs a program on the CPU where its provider can’t be had', async () => {
    const asked: string[] = [];
    const program = await runtime.load(
      (provider) => {
        asked.push(provider);
        return counter();
      },
      { purpose: 'train', provider: foreign },
    );
    assert.deepEqual([program.provider, asked], ['cpu', ['cpu']]);
    assert.match(program.fallbackReason ?? '', /comes without/);
    const state = await runtime.createState({ total: scalar(1) });
    assert.deepEqual(numbers((await program.run({ state, feeds: { x: scalar(1) } })).product), [2]);
  });

  it('names a process that ends itself, and does not take the runtime along', async () => {
    const entry = join(folder, 'crashing.mjs');
    const worker = new URL('./runtime.worker.ts', import.meta.url).href;
    writeFileSync(
      entry,
      `process.on('message', ({ request }) => request?.settings?.executionProviders[0] === 'webgpu' && process.kill(process.pid, 'SIGKILL'));
await import(${JSON.stringify(worker)});`,
    );
    const machine = { platform: 'linux', arch: 'x64', musl: false };
    const crashing = startRuntime({ log, entry, machine });
    try {
      const state = await crashing.createState({ total: scalar(1) });
      const program = await crashing.load(counter(), { purpose: 'train', provider: 'webgpu' });
      assert.match(program.fallbackReason ?? '', /^WebGPU failed: .*ended unexpectedly/);
      assert.deepEqual(numbers((await program.run({ state, feeds: { x: scalar(1) } })).product), [2]);
    } finally {
      await crashing.close();
    }
  });
});
