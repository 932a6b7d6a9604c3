import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { softwareVulkan } from '../../../test/softwareVulkan.ts';
import { silentLog } from '../clock.ts';
import { type CheckOptions, checkTraining } from './checkTraining.ts';

const folder = mkdtempSync(join(tmpdir(), 'attune-training-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const worker = new URL('../../tensor/runtime/runtime.worker.ts', import.meta.url).href;

/** The real child with something added in front of it. */
function entryWith(name: string, code: string): string {
  const path = join(folder, `${name}.mjs`);
  writeFileSync(path, `${code}\nawait import(${JSON.stringify(worker)});\n`);
  return path;
}

const check = (options: Partial<CheckOptions> = {}) =>
  checkTraining({ log: silentLog, onProgress() {}, signal: new AbortController().signal, ...options });

async function checked(options: Partial<CheckOptions> = {}) {
  const result = await check(options);
  assert.ok(result.ok);
  return result;
}

describe('the check of what can be trained on', { timeout: 180_000 }, () => {
  it('takes real steps on each provider, and names each while it is tried', async () => {
    const tried: string[] = [];
    const shares: number[] = [];
    const { unsupported, threads, providers } = await checked({
      onProgress: (label, share) => {
        tried.push(label);
        shares.push(share);
      },
    });
    assert.equal(unsupported, null);
    assert.ok(threads >= 1);
    assert.deepEqual(
      providers.map(({ provider }) => provider),
      ['cpu', 'webgpu', 'cuda', 'dml', 'coreml'],
    );
    assert.ok(providers[0]?.ok && providers[0].milliseconds > 0);
    for (const one of providers) if (!one.ok) assert.match(one.reason, /^[^\n]{10,300}\.$/);
    assert.deepEqual(tried.slice(0, 5), ['the CPU', 'WebGPU', 'CUDA', 'DirectML', 'Core ML']);
    assert.deepEqual(
      shares,
      shares.toSorted((a, b) => a - b),
    );
    assert.ok(shares.at(-1)! <= 1);
  });

  const vulkan = softwareVulkan();
  const skip = process.arch !== 'x64' ? 'ONNX Runtime has WebGPU on x64 only' : vulkan.ok ? false : vulkan.reason;
  it('measures a GPU beside the CPU', { skip }, async () => {
    assert.ok(vulkan.ok);
    const { providers } = await checked({ env: vulkan.env });
    const webgpu = providers.find(({ provider }) => provider === 'webgpu')!;
    assert.ok(webgpu.ok, JSON.stringify(webgpu));
    assert.ok(webgpu.milliseconds > 0);
  });

  it('says where the native library is not in the package, without a stack or a path, and says it aloud nowhere', async () => {
    const loud: string[] = [];
    const aloud = (message: string) => loud.push(message);
    const missing = `import { registerHooks } from 'node:module';
const message = "Cannot find package 'onnxruntime-node' imported from " + import.meta.filename;
registerHooks({ resolve(name, context, next) { if (name === 'onnxruntime-node') throw new Error(message); return next(name, context); } });`;
    const { unsupported, providers } = await checked({
      entry: entryWith('noLibrary', missing),
      log: { ...silentLog, info: aloud, warn: aloud, error: aloud },
    });
    assert.match(
      unsupported ?? '',
      /^Training and the local policy need ONNX Runtime, which can’t be loaded on this machine \(.*onnxruntime-node.*\)\. Attune goes on .*install the one made for \w+-\w+\.$/,
    );
    assert.ok(!unsupported!.includes(folder), unsupported!);
    assert.deepEqual([providers, loud], [[], []]);
  });

  it('says so when the process does not come up at all', async () => {
    const { unsupported, providers } = await checked({ entry: join(folder, 'absent.mjs') });
    assert.equal(unsupported, null);
    assert.ok(providers.every(({ ok }) => !ok));
    assert.match(JSON.stringify(providers[0]), /the CPU failed: The process of ONNX Runtime ended unexpectedly/);
  });

  it('leaves out a provider that ends its process at a larger step, and still measures the others', async () => {
    const entry = entryWith(
      'crashing',
      `process.on('message', ({ request }) => request?.type === 'run' && request.feeds[0]?.length === 256 * 512 && process.kill(process.pid, 'SIGKILL'));`,
    );
    const { providers } = await checked({ entry });
    assert.match(JSON.stringify(providers[0]), /"ok":false,.*ended unexpectedly/);
  });

  it('ends its process at once when it is cancelled, also one that hangs', async () => {
    const address = process.platform === 'win32' ? `\\\\.\\pipe\\attune-${process.pid}` : join(folder, 'alive');
    const server = createServer().listen(address);
    const connected = once(server, 'connection');
    // Connected for as long as it lives; then it turns for ever, as a driver that hangs does.
    const entry = entryWith(
      'hanging',
      `import { connect } from 'node:net';
await new Promise((resolve) => connect(${JSON.stringify(address)}, resolve));
for (;;);`,
    );
    const controller = new AbortController();
    const result = check({ entry, signal: controller.signal });
    const [socket] = await connected;
    const ended = once(socket, 'close');
    socket.on('error', () => {});
    socket.resume();
    controller.abort();
    const answer = await result;
    assert.ok(!answer.ok && answer.failure.reason === 'cancelled');
    await ended;
    server.close();
    const early = await check({ signal: AbortSignal.abort() });
    assert.ok(!early.ok && early.failure.reason === 'cancelled');
  });
});
