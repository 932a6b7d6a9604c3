import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Runtime } from './api.ts';
import { type RuntimeOptions, startRuntime } from './runtime.ts';
import { counter, numbers, scalar, slowCounter } from './testModels.ts';

const folder = mkdtempSync(join(tmpdir(), 'attune-recovery-'));
const opened: Runtime[] = [];
after(async () => {
  for (const runtime of opened) await runtime.close();
  rmSync(folder, { recursive: true, force: true });
});

function start(options: Partial<RuntimeOptions> = {}): Runtime {
  const runtime = startRuntime({ log: { debug() {} }, ...options });
  opened.push(runtime);
  return runtime;
}

/** The real child with something added in front of it. */
function entryWith(name: string, code: string): string {
  const path = join(folder, `${name}.mjs`);
  const worker = pathToFileURL(fileURLToPath(new URL('./runtime.worker.ts', import.meta.url))).href;
  writeFileSync(path, `${code}\nawait import(${JSON.stringify(worker)});\n`);
  return path;
}

/** Ends its process from a thread beside the one that runs the step, when that step's only input is −1. */
const killer = `
import { Worker } from 'node:worker_threads';
const signal = new Int32Array(new SharedArrayBuffer(4));
new Worker(
  \`const { workerData } = require('node:worker_threads');
  Atomics.wait(workerData, 0, 0);
  Atomics.wait(workerData, 0, 1, 50);
  process.kill(process.pid, 'SIGKILL');\`,
  { eval: true, workerData: signal },
);
process.on('message', ({ request }) => {
  if (request?.type !== 'run' || request.feeds[0][0] !== -1) return;
  Atomics.store(signal, 0, 1);
  Atomics.notify(signal, 0);
});
`;
/** Far more turns than anybody waits for. */
const endless = 10_000_000;
const shouted = 'Segmentation fault (as the native library would say)';

describe('the runtime, when things go wrong', { timeout: 120_000 }, () => {
  it('survives the death of its process in the middle of a step', async () => {
    const said: string[] = [];
    const entry = entryWith('killer', `${killer}\nprocess.stderr.write(${JSON.stringify(shouted)});`);
    const runtime = start({ entry, log: { debug: (message) => said.push(message) } });
    const other = start();
    const count = await runtime.load(counter(), { purpose: 'train' });
    const slow = await runtime.load(slowCounter(endless), { purpose: 'train' });
    const state = await runtime.createState({ total: scalar(5) }, 'The policy’s state');
    const elsewhere = await other.load(counter(), { purpose: 'train' });
    const safe = await other.createState({ total: scalar(5) });

    const pending = await Promise.allSettled([
      slow.run({ state, feeds: { x: scalar(-1) } }),
      count.run({ state, feeds: { x: scalar(1) } }),
      state.read(),
      runtime.load(counter(), { purpose: 'decode' }),
    ]);
    for (const result of pending) {
      assert.equal(result.status, 'rejected');
      assert.equal(result.reason.name, 'RuntimeStoppedError');
      assert.match(result.reason.message, /process of ONNX Runtime ended unexpectedly \(SIGKILL\)/);
    }
    assert.match(said.join('\n'), /Segmentation fault/, 'what the process wrote is for the log');

    const lost = {
      name: 'StateLostError',
      message: 'The policy’s state was lost when the runtime stopped; load the last checkpoint.',
    };
    await assert.rejects(count.run({ state, feeds: { x: scalar(1) } }), lost);
    await assert.rejects(state.read(), lost);
    await state.dispose();
    const fresh = await runtime.createState({ total: scalar(7) });
    assert.deepEqual(numbers((await count.run({ state: fresh, feeds: { x: scalar(1) } })).product), [8]);
    assert.deepEqual(numbers((await elsewhere.run({ state: safe, feeds: { x: scalar(1) } })).product), [6]);
    await assert.rejects(elsewhere.run({ state: fresh, feeds: { x: scalar(1) } }), /belongs to another runtime/);
  });

  it('ends a step that takes longer than its caller waits', async () => {
    const runtime = start();
    const slow = await runtime.load(slowCounter(endless), { purpose: 'train' });
    const state = await runtime.createState({ total: scalar(0) });
    await assert.rejects(slow.run({ state, feeds: { x: scalar(1) }, timeoutMs: 50 }), {
      name: 'RuntimeStoppedError',
      message: 'The call took longer than 50 ms, so the process of ONNX Runtime was ended.',
    });
    await assert.rejects(state.read(), { name: 'StateLostError' });
  });

  it('drops a cancelled call that waits, and what a cancelled step made', async () => {
    const runtime = start();
    const slow = await runtime.load(slowCounter(3), { purpose: 'train' });
    const count = await runtime.load(counter(), { purpose: 'train' });
    const state = await runtime.createState({ total: scalar(1) });
    const [running, waiting] = [new AbortController(), new AbortController()];
    const settled: string[] = [];
    const note = (name: string) => () => settled.push(name);
    const calls = [
      assert
        .rejects(slow.run({ state, feeds: { x: scalar(10) }, signal: running.signal }), { name: 'AbortError' })
        .then(note('step')),
      assert
        .rejects(count.run({ state, feeds: { x: scalar(100) }, signal: waiting.signal }), { name: 'AbortError' })
        .then(note('waiting')),
      count.run({ state, feeds: { x: scalar(1) } }).then(note('next')),
    ];
    await new Promise(setImmediate);
    waiting.abort();
    running.abort();
    await Promise.all(calls);
    assert.deepEqual(settled.sort(), ['next', 'step', 'waiting']);
    assert.deepEqual(numbers((await state.read()).total), [2], 'only the call nobody cancelled counts');

    const unused = new AbortController();
    await count.run({ state, feeds: { x: scalar(5) }, signal: unused.signal });
    unused.abort();
    assert.deepEqual(numbers((await state.read()).total), [7], 'a signal that comes too late changes nothing');
    await assert.rejects(count.run({ state, feeds: { x: scalar(5) }, signal: AbortSignal.abort() }), {
      name: 'AbortError',
    });
  });

  it('takes no calls once it is closed, and ends those it has', async () => {
    const runtime = start();
    const slow = await runtime.load(slowCounter(endless), { purpose: 'train' });
    const state = await runtime.createState({ total: scalar(0) });
    const ended = assert.rejects(slow.run({ state, feeds: { x: scalar(1) } }), {
      name: 'RuntimeStoppedError',
      message: 'The runtime was closed.',
    });
    await new Promise(setImmediate);
    await runtime.close();
    await ended;
    await assert.rejects(runtime.createState({}), { name: 'RuntimeStoppedError', message: 'The runtime is closed.' });
    await runtime.close();
  });

  it('says what a machine without ONNX Runtime can’t do, and starts nothing there', async () => {
    const machine = { platform: 'darwin', arch: 'x64', musl: false };
    const runtime = start({ machine, entry: join(folder, 'absent.mjs') });
    const unsupported = {
      name: 'RuntimeUnavailableError',
      message: /Training and the local policy need .*Intel processor\. .*retrieving\.$/,
    };
    await assert.rejects(runtime.load(counter(), { purpose: 'train' }), unsupported);
    await assert.rejects(runtime.createState({}), unsupported);
    await assert.rejects(runtime.probe(), unsupported);

    const entry = entryWith(
      'noLibrary',
      `import { registerHooks } from 'node:module';
registerHooks({ resolve(name, context, next) { if (name === 'onnxruntime-node') throw new Error('cannot open shared object'); return next(name, context); } });`,
    );
    await assert.rejects(start({ entry }).load(counter(), { purpose: 'train' }), {
      name: 'RuntimeUnavailableError',
      message: /can’t be loaded on this machine \(cannot open shared object\)\. Attune goes on suggesting/,
    });
    await assert.rejects(start({ entry: join(folder, 'absent.mjs') }).createState({}), {
      name: 'RuntimeStoppedError',
      message: /ended unexpectedly/,
    });
  });

  it('opens no connection and turns the runtime’s telemetry off before it loads', async () => {
    const witness = join(folder, 'witness.json');
    const entry = entryWith(
      'witness',
      `import { Socket } from 'node:net';
import { writeFileSync } from 'node:fs';
const seen = { telemetry: process.env.ORT_DISABLE_TELEMETRY, connects: 0 };
const tell = () => writeFileSync(${JSON.stringify(witness)}, JSON.stringify(seen));
Socket.prototype.connect = () => { seen.connects++; tell(); throw new Error('no network'); };
tell();`,
    );
    await start({ entry }).load(counter(), { purpose: 'train' });
    assert.deepEqual(JSON.parse(readFileSync(witness, 'utf8')), { telemetry: '1', connects: 0 });
  });

  it('does not outlive whoever started it', async () => {
    const address = process.platform === 'win32' ? `\\\\.\\pipe\\attune-${process.pid}` : join(folder, 'alive');
    const server = createServer().listen(address);
    const connected = once(server, 'connection');
    const entry = entryWith(
      'alive',
      `import { connect } from 'node:net';\nconnect(${JSON.stringify(address)}).unref();`,
    );
    const script = join(folder, 'parent.mjs');
    const [runtimeUrl, modelsUrl] = ['./runtime.ts', './testModels.ts'].map(
      (file) => new URL(file, import.meta.url).href,
    );
    writeFileSync(
      script,
      `import { startRuntime } from ${JSON.stringify(runtimeUrl)};
import { counter } from ${JSON.stringify(modelsUrl)};
await startRuntime({ log: { debug() {} }, entry: ${JSON.stringify(entry)} }).load(counter(), { purpose: 'train' });`,
    );
    const parent: ChildProcess = spawn(process.execPath, [script], { stdio: 'ignore' });
    const [socket] = await connected;
    parent.kill('SIGKILL');
    // Ends when the process at its other end does; the test's own limit is the assertion.
    socket.resume();
    await once(socket, 'close');
    server.close();
  });
});
