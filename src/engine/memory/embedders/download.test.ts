import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { silentLog, systemClock } from '../../clock.ts';
import { type DownloadResult, downloadModel, semanticModelState } from './download.ts';
import { failureOfStatus } from './downloadFailure.ts';
import { manifestName, modelFiles } from './modelFiles.ts';
import { semanticEmbedder } from './semantic.ts';

const model = 'attune/tiny-embedder';
const commit = 'a'.repeat(40);
const source = join(dirname(fileURLToPath(import.meta.url)), '../../../../test/fixtures/tiny-embedder');
const files: Map<string, Buffer> = new Map(
  modelFiles.map(({ name }) => [name as string, readFileSync(join(source, name))]),
);
const weights = 'onnx/model_quantized.onnx';

/** What the server does differently from a hub in good health. */
interface Trouble {
  /** Cuts the connection after so many bytes of a body, once each. */
  cuts: number[];
  status: Map<string, { status: number; headers?: Record<string, string> }>;
  missing: Set<string>;
  /** Replaces what is sent, not what is announced. */
  content: Map<string, Buffer>;
  /** Weights change, with their tag, when the next request for them comes. */
  replaceWeights: Buffer | null;
  ranges: (string | undefined)[];
  requests: string[];
}
let trouble: Trouble;
let server: Server;
let baseUrl: string;
let root: string;

/** The wire behaviour of the hub: small files with git's object id, large ones redirected with their SHA-256. */
function serve(request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url!, 'http://hub');
  trouble.requests.push(url.pathname);
  const stored = url.pathname.startsWith('/store/');
  const name = stored ? url.pathname.slice('/store/'.length) : url.pathname.split('/').slice(5).join('/');
  const special = trouble.status.get(name);
  if (special) return void response.writeHead(special.status, special.headers).end();
  const known = files.get(name);
  if (!known || trouble.missing.has(name))
    return void response.writeHead(404, { 'x-repo-commit': commit }).end('Entry not found');
  let body: Buffer = known;
  if (name === weights && trouble.replaceWeights) {
    files.set(name, trouble.replaceWeights);
    body = trouble.replaceWeights;
    trouble.replaceWeights = null;
  }
  const sha256 = createHash('sha256').update(body).digest('hex');
  const hub: Record<string, string> = { 'x-repo-commit': commit };
  if (name === weights && !stored) {
    const linked = { 'x-linked-etag': `"${sha256}"`, 'x-linked-size': String(body.length) };
    return void response.writeHead(302, { ...hub, ...linked, location: `/store/${name}` }).end();
  }
  const tag = stored
    ? `"store-${sha256.slice(0, 8)}"`
    : `"${createHash('sha1').update(`blob ${body.length}\0`).update(body).digest('hex')}"`;
  const sent = trouble.content.get(name) ?? body;
  const match = /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
  if (stored) trouble.ranges.push(request.headers.range);
  const from = match && request.headers['if-range'] === tag ? Number(match[1]) : 0;
  if (from > sent.length) return void response.writeHead(416).end();
  const part = sent.subarray(from);
  response.writeHead(from > 0 ? 206 : 200, {
    ...(stored ? {} : hub),
    etag: tag,
    'content-length': String(part.length),
    ...(from > 0 ? { 'content-range': `bytes ${from}-${sent.length - 1}/${sent.length}` } : {}),
  });
  const cut = stored ? trouble.cuts.shift() : undefined;
  if (cut !== undefined && cut < part.length) response.write(part.subarray(0, cut), () => response.destroy());
  else response.end(part);
}

const attempt = (cacheDir: string, more: Partial<Parameters<typeof downloadModel>[0]> = {}): Promise<DownloadResult> =>
  downloadModel({ model, cacheDir, baseUrl, onProgress() {}, signal: new AbortController().signal, ...more });

async function failing(cacheDir: string, more: Partial<Parameters<typeof downloadModel>[0]> = {}) {
  const result = await attempt(cacheDir, more);
  assert.equal(result.ok, false);
  assert.ok(!result.ok && result.failure.message.endsWith('.') && result.failure.nextStep.length > 10);
  return result.failure;
}

function assertIdentical(cacheDir: string): void {
  for (const [name, bytes] of files) assert.deepEqual(readFileSync(join(cacheDir, model, name)), bytes, name);
}

describe('downloading the semantic embedder', { timeout: 60_000 }, () => {
  const original = files.get(weights)!;
  let number = 0;
  let cacheDir: string;
  before(async () => {
    root = mkdtempSync(join(tmpdir(), 'attune-download-'));
    server = createServer(serve);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
    rmSync(root, { recursive: true, force: true });
  });
  beforeEach(() => {
    files.set(weights, original);
    trouble = {
      cuts: [],
      status: new Map(),
      missing: new Set(),
      content: new Map(),
      replaceWeights: null,
      ranges: [],
      requests: [],
    };
    cacheDir = join(root, String(number++));
  });

  it('gives a model that runs without the server, and fetches nothing twice', async () => {
    assert.equal(await semanticModelState(model, cacheDir), 'absent');
    const progress: number[] = [];
    const result = await attempt(cacheDir, {
      onProgress: (message, share) => {
        assert.match(message, /^attune\/tiny-embedder: [\w.]+, \d+\.\d MB of \d+\.\d MB$/);
        progress.push(share ?? -1);
      },
    });
    const bytes = [...files.values()].reduce((sum, file) => sum + file.length, 0);
    assert.deepEqual(result, { ok: true, bytes });
    assertIdentical(cacheDir);
    assert.equal(progress.at(-1), 1);
    assert.equal(await semanticModelState(model, cacheDir), 'ready');
    assert.deepEqual(
      readdirSync(join(cacheDir, model), { recursive: true, encoding: 'utf8' }).filter((name) =>
        /part|tmp|lock/.test(name),
      ),
      [],
    );
    // After the first answer the commit is asked for, so that no two versions mix.
    assert.deepEqual(
      trouble.requests.filter((path) => path.includes('/resolve/')).map((path) => path.split('/')[4]),
      ['main', ...Array(modelFiles.length - 1).fill(commit)],
    );

    trouble.requests = [];
    assert.deepEqual(await attempt(cacheDir), { ok: true, bytes });
    assert.deepEqual(trouble.requests, []);

    const embedder = await semanticEmbedder({ model, cacheDir, clock: systemClock, log: silentLog });
    assert.equal((await embedder.embed(['const a = 1']))[0]!.length, 32);
    await embedder.close();
  });

  it('goes on where it was interrupted, at whatever byte, and ends with the same bytes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: original.length - 1 }), { minLength: 1, maxLength: 4 }),
        async (cuts) => {
          const dir = join(root, `cuts-${number++}`);
          trouble.cuts = [...cuts];
          const part = join(dir, model, `${weights}.part`);
          let result = await attempt(dir);
          for (let tries = 0; !result.ok && tries < cuts.length; tries++) {
            assert.equal(result.failure.reason, 'timeout');
            assert.match(result.failure.nextStep, /goes on where it stopped/);
            assert.equal(await semanticModelState(model, dir), 'partial');
            // What was on its way when the connection broke may be lost.
            const had = statSync(part).size;
            trouble.ranges = [];
            result = await attempt(dir);
            assert.equal(
              trouble.ranges[0],
              had > 0 ? `bytes=${had}-` : undefined,
              'the rest is asked for, not everything',
            );
          }
          assert.equal(result.ok, true);
          assertIdentical(dir);
        },
      ),
      { numRuns: 15 },
    );
  });

  it('starts again when the file changed on the server meanwhile', async () => {
    trouble.cuts = [1000];
    await failing(cacheDir);
    trouble.replaceWeights = Buffer.concat([original, Buffer.from('changed')]);
    assert.equal((await attempt(cacheDir)).ok, true);
    assertIdentical(cacheDir);
  });

  it('notices damaged content, wherever the damage is, and keeps none of it', async () => {
    const flipped = Buffer.from(original);
    flipped[12_345]! ^= 1;
    trouble.content.set(weights, flipped);
    assert.equal((await failing(cacheDir)).reason, 'malformed');
    assert.equal(await semanticModelState(model, cacheDir), 'partial');
    assert.equal(existsSync(join(cacheDir, model, weights)), false);
    assert.equal(existsSync(join(cacheDir, model, `${weights}.part`)), false);

    trouble.content = new Map([['config.json', Buffer.from('<html>Please log in</html>')]]);
    assert.equal((await failing(join(root, `login-${number++}`))).reason, 'malformed');

    trouble.content = new Map();
    assert.equal((await attempt(cacheDir)).ok, true);
    assertIdentical(cacheDir);
  });

  it('does not trust what lay damaged in the half-finished download', async () => {
    trouble.cuts = [5000];
    await failing(cacheDir);
    const part = join(cacheDir, model, `${weights}.part`);
    const bytes = readFileSync(part);
    bytes[100]! ^= 1;
    writeFileSync(part, bytes);
    assert.equal((await attempt(cacheDir)).ok, true);
    assertIdentical(cacheDir);
  });

  it('repairs a file that was changed on the disk after the download', async () => {
    await attempt(cacheDir);
    writeFileSync(join(cacheDir, model, 'tokenizer.json'), 'x');
    assert.equal(await semanticModelState(model, cacheDir), 'partial');
    assert.equal((await attempt(cacheDir)).ok, true);
    assertIdentical(cacheDir);
  });

  it('needs the required files only', async () => {
    trouble.missing.add('special_tokens_map.json');
    assert.equal((await attempt(cacheDir)).ok, true);
    assert.equal(await semanticModelState(model, cacheDir), 'ready');
    rmSync(join(cacheDir, model, manifestName));
    assert.equal(await semanticModelState(model, cacheDir), 'ready', 'files copied by hand are as good');
    trouble.missing.add(weights);
    const failure = await failing(join(root, `missing-${number++}`));
    assert.equal(failure.reason, 'modelMissing');
    assert.match(failure.nextStep, /semanticModel/);
  });

  it('says what is wrong and when to try again', async () => {
    trouble.status.set('config.json', { status: 429, headers: { 'retry-after': '42' } });
    const slow = await failing(cacheDir);
    assert.equal(slow.reason, 'rateLimited');
    assert.equal(slow.retryAfterMs, 42_000);
    assert.match(slow.nextStep, /in 42 s/);
    const date = failureOfStatus(429, 'hub', new Date(90_000).toUTCString(), 30_000).failure;
    assert.equal(date.retryAfterMs, 60_000);
    assert.match(failureOfStatus(429, 'hub', 'nonsense', 0).failure.nextStep, /few minutes/);

    trouble.status.set('config.json', { status: 503 });
    assert.equal((await failing(cacheDir)).reason, 'unavailable');
    trouble.status.set('config.json', {
      status: 302,
      headers: { location: '/attune/tiny-embedder/resolve/main/config.json' },
    });
    assert.match((await failing(cacheDir)).message, /circle/);

    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const address = `http://127.0.0.1:${(closed.address() as AddressInfo).port}`;
    await new Promise((resolve) => closed.close(resolve));
    const offline = await failing(cacheDir, { baseUrl: address });
    assert.equal(offline.reason, 'refused');
    assert.match(offline.nextStep, /network/);

    for (const name of ['../../outside', 'only-a-name', 'a/b/c', 'https://host/x']) {
      assert.equal((await failing(cacheDir, { model: name })).reason, 'modelMissing', name);
    }
  });

  it('says so when the disk is full', { skip: !existsSync('/dev/full') }, async () => {
    mkdirSync(join(cacheDir, model, 'onnx'), { recursive: true });
    symlinkSync('/dev/full', join(cacheDir, model, `${weights}.part`));
    const failure = await failing(cacheDir);
    assert.equal(failure.reason, 'disk');
    assert.match(failure.nextStep, /Free some space/);
  });

  it('can be cancelled at any moment and resumed', async () => {
    const controller = new AbortController();
    const failure = await failing(cacheDir, {
      signal: controller.signal,
      onProgress: (message) => {
        if (message.includes('model_quantized')) controller.abort();
      },
    });
    assert.equal(failure.reason, 'cancelled');
    assert.equal((await attempt(cacheDir)).ok, true);
    assertIdentical(cacheDir);
  });

  it('does not let two windows write the same file, and is not blocked by one that died', async () => {
    const [first, second] = await Promise.all([attempt(cacheDir), attempt(cacheDir)]);
    assert.deepEqual([first.ok, second.ok].sort(), [false, true]);
    const refused = first.ok ? second : first;
    assert.match(refused.ok ? '' : refused.failure.message, /Another window/);
    writeFileSync(join(cacheDir, model, 'download.lock'), '2147483646');
    assert.equal((await attempt(cacheDir)).ok, true);
  });
});
