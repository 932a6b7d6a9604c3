import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { whyUnsupported } from '../../../tensor/runtime/support.ts';
import { type Log, silentLog } from '../../clock.ts';
import { dot } from '../vectors.ts';
import { semanticEmbedder, semanticNeed } from './semantic.ts';

const here = dirname(fileURLToPath(import.meta.url));
const fixtures = join(here, '../../../../test/fixtures');
const folder = mkdtempSync(join(tmpdir(), 'attune-semantic-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const model = 'attune/tiny-embedder';
const cacheDir = join(folder, 'cache');
cpSync(join(fixtures, 'tiny-embedder'), join(cacheDir, model), { recursive: true });

const clock = { time: 1_000_000, now: () => clock.time };
const options = { model, cacheDir, clock, log: silentLog };

/** The real child with something added in front of it. */
function entryWith(name: string, code: string): string {
  const path = join(folder, `${name}.mjs`);
  writeFileSync(
    path,
    `${code}\nawait import(${JSON.stringify(pathToFileURL(join(here, 'semantic.worker.ts')).href)});\n`,
  );
  return path;
}

describe('the semantic embedder', { timeout: 60_000 }, () => {
  it('runs a real model with the real runtime: unit vectors that do not depend on their neighbours', async () => {
    const embedder = await semanticEmbedder(options);
    try {
      const texts = ['return the user name', 'x', 'read the file path '.repeat(200), ''];
      const together = await embedder.embed(texts);
      const alone = (await embedder.embed(['x']))[0]!;
      assert.equal(together.length, 4);
      for (const vector of together) {
        assert.equal(vector.length, 32);
        assert.equal(embedder.dimensions, 32);
        assert.ok(Math.abs(dot(vector, vector) - 1) < 1e-5);
      }
      assert.ok(dot(together[1]!, alone) > 0.99999, 'padding changes a vector');
      assert.ok(dot(together[0]!, together[1]!) < 0.99, 'different texts have different vectors');
      assert.deepEqual(await embedder.embed([]), []);
    } finally {
      await embedder.close();
    }
  });

  it('lets a search overtake the re-embedding of everything', async () => {
    const embedder = await semanticEmbedder(options);
    try {
      const order: string[] = [];
      const everything = embedder
        .embed(Array.from({ length: 300 }, (_, i) => `function number${i}`))
        .then((vectors) => {
          order.push('everything');
          return vectors;
        });
      await embedder.embed(['the query']).then(() => order.push('query'));
      assert.equal((await everything).length, 300);
      assert.deepEqual(order, ['query', 'everything']);
      const again = await embedder.embed(['function number250']);
      assert.ok(dot((await everything)[250]!, again[0]!) > 0.99999, 'vectors come back in the order of the texts');
    } finally {
      await embedder.close();
    }
  });

  it('gives up a cancelled call and still answers the next', async () => {
    const embedder = await semanticEmbedder(options);
    try {
      const controller = new AbortController();
      const cancelled = embedder.embed(
        Array.from({ length: 100 }, (_, i) => `text ${i}`),
        controller.signal,
      );
      controller.abort();
      await assert.rejects(cancelled, { name: 'AbortError' });
      await assert.rejects(embedder.embed(['a'], AbortSignal.abort()), { name: 'AbortError' });
      assert.equal((await embedder.embed(['still here'])).length, 1);
    } finally {
      await embedder.close();
    }
    await assert.rejects(embedder.embed(['a']), /closed/);
  });

  it('survives a crash of its process: one clear error, a growing pause, then it works again', async () => {
    const warnings: string[] = [];
    const log: Log = { ...silentLog, warn: (message) => warnings.push(message) };
    const entry = entryWith(
      'crashing',
      `process.on('message', (m) => { if (m.texts?.[0] === 'crash') process.kill(process.pid, 'SIGKILL'); });`,
    );
    const embedder = await semanticEmbedder({ ...options, log, entry });
    try {
      assert.equal((await embedder.embed(['fine'])).length, 1);
      const waiting = Array.from({ length: 20 }, (_, i) => `text ${i}`);
      const [crashed, other] = await Promise.allSettled([embedder.embed(['crash']), embedder.embed(waiting)]);
      assert.match(String(crashed.status === 'rejected' && crashed.reason), /ended unexpectedly \(SIGKILL\)/);
      assert.equal(other.status, 'rejected');
      await assert.rejects(embedder.embed(['too early']), /tried again in 1 s/);
      clock.time += 1000;
      assert.equal((await embedder.embed(['fine again'])).length, 1);
      await assert.rejects(embedder.embed(['crash']), /ended unexpectedly/);
      clock.time += 999;
      await assert.rejects(embedder.embed(['still too early']), /tried again/);
      clock.time += 1;
      await assert.rejects(embedder.embed(['crash']), /ended unexpectedly/);
      clock.time += 1000;
      await assert.rejects(embedder.embed(['the second pause in a row is longer']), /tried again in 1 s/);
      assert.equal(warnings.length, 1, 'the same trouble is told once');
    } finally {
      await embedder.close();
    }
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
    const embedder = await semanticEmbedder({ ...options, entry });
    await embedder.embed(['text']);
    await embedder.close();
    assert.deepEqual(JSON.parse(readFileSync(witness, 'utf8')), { telemetry: '1', connects: 0 });
  });

  it('has another identity when any file of the model changes, and the same one otherwise', async () => {
    const identity = async (dir: string): Promise<string> => {
      const embedder = await semanticEmbedder({ ...options, cacheDir: dir });
      await embedder.close();
      return embedder.identity;
    };
    const first = await identity(cacheDir);
    assert.equal(await identity(cacheDir), first);
    for (const file of ['config.json', 'tokenizer.json', 'onnx/model_quantized.onnx']) {
      const copy = join(folder, 'copy');
      rmSync(copy, { recursive: true, force: true });
      cpSync(cacheDir, copy, { recursive: true });
      const path = join(copy, model, file);
      writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.from('\n')]));
      assert.notEqual(await identity(copy), first, file);
    }
  });

  it('says what to do when the model is absent, damaged, or the machine has no runtime', async () => {
    await assert.rejects(
      semanticEmbedder({ ...options, model: 'attune/absent' }),
      /not downloaded\. Run “Attune: Download/,
    );
    await assert.rejects(semanticEmbedder({ ...options, model: '../../etc' }), /not a model name/);
    const machine = { platform: 'darwin', arch: 'x64', musl: false };
    await assert.rejects(semanticEmbedder({ ...options, machine }), /Intel.*goes on with its built-in embedder/);
    assert.match(
      whyUnsupported({ platform: 'linux', arch: 'x64', musl: true }, semanticNeed) ?? '',
      /musl.*built-in embedder/,
    );
    assert.equal(whyUnsupported({ platform: 'win32', arch: 'arm64', musl: false }, semanticNeed), null);

    const damaged = join(folder, 'damaged');
    cpSync(cacheDir, damaged, { recursive: true });
    writeFileSync(join(damaged, model, 'onnx/model_quantized.onnx'), 'not a model');
    const embedder = await semanticEmbedder({ ...options, cacheDir: damaged });
    await assert.rejects(embedder.embed(['text']), /can’t be loaded .*Download it again/s);
    await embedder.close();

    const entry = entryWith(
      'noRuntime',
      `import { registerHooks } from 'node:module';
registerHooks({ resolve(name, context, next) { if (name === 'onnxruntime-node') throw new Error('cannot open shared object'); return next(name, context); } });`,
    );
    const withoutRuntime = await semanticEmbedder({ ...options, entry });
    await assert.rejects(
      withoutRuntime.embed(['text']),
      /ONNX Runtime can’t be loaded .*shared object.*built-in embedder/,
    );
    await withoutRuntime.close();
  });
});

describe('the tiny model of the tests', () => {
  it('is byte for byte what its generator writes', () => {
    const made = join(folder, 'made');
    execFileSync(process.execPath, [join(fixtures, 'make-tiny-embedder.mjs'), made]);
    const files = (root: string): string[] =>
      readdirSync(root, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => relative(root, join(entry.parentPath, entry.name)))
        .sort();
    const committed = join(fixtures, 'tiny-embedder');
    assert.deepEqual(files(made), files(committed));
    for (const file of files(made))
      assert.deepEqual(readFileSync(join(made, file)), readFileSync(join(committed, file)), file);
  });
});
