/**
 * Models that misbehave, seen from outside the engine process and over real HTTP: every request is answered, connections are closed,
 * and nothing is left of ten thousand requests.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { CancellationTokenSource } from 'vscode-jsonrpc';
import { type HeadlessEngine, startEngine } from '../../src/lab/headless.ts';
import type { ClientRequests, Result } from '../../src/protocol/rpc.ts';
import type { FakeReply, FakeServer } from '../fakes/fakeServer.ts';
import { startOpenaiServer } from '../fakes/openaiServer.ts';

type Suggestion = Result<ClientRequests, 'suggest'>;

const lines = 400;
const source = `${Array.from({ length: lines }, (_, line) => `const value${line} = compute(${line});`).join('\n')}\n`;
const binary = Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 167 + 13) % 256));

describe('a model that misbehaves', () => {
  let root: string;
  let server: FakeServer;
  let engine: HeadlessEngine;
  let reply: FakeReply;
  let open = 0;
  let mostOpen = 0;
  let version = 1;
  let text = source;

  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'attune-robust-'));
    server = await startOpenaiServer({
      async script({ ended }) {
        const mine = reply;
        open += 1;
        void ended.then(() => {
          open -= 1;
        });
        // A connection that was closed before this one came is heard of first.
        await new Promise(setImmediate);
        mostOpen = Math.max(mostOpen, open);
        return mine;
      },
    });
    engine = await startEngine({
      folders: [{ path: root, name: 'work' }],
      storagePath: join(root, '.memory'),
      cachePath: join(root, '.cache'),
      config: {
        inlineModel: 'openai',
        openai: { baseUrl: `${server.url}/v1`, model: 'qwen2.5-coder', completions: 'always' },
      },
      env: {
        NODE_OPTIONS: `--expose-gc --import ${new URL('./heapProbe.mjs', import.meta.url).href}`,
        HEAP_PROBE_PORT: join(root, 'port'),
      },
    });
    await engine.indexed();
    const path = join(root, 'a.ts');
    engine.tell('documentOpened', { uri: uriOf(), path, languageId: 'typescript', version, text });
  });
  after(async () => {
    await engine?.stop();
    await server?.close();
    await rm(root, { recursive: true, force: true, maxRetries: 5 });
  });
  beforeEach(() => {
    server.clear();
    mostOpen = 0;
  });

  const uriOf = (): string => pathToFileURL(join(root, 'a.ts')).href;

  /** The document becomes its beginning, with `typed` in a line of its own below `line`; a request at its end. */
  function ask(line: number, typed: string): { answer: Promise<Suggestion>; cancel(): void } {
    const start = source.split('\n', line).join('\n').length + 1;
    const next = `${source.slice(0, start)}${typed}\n${source.slice(start)}`;
    version += 1;
    const changes = [{ offset: 0, length: text.length, text: next }];
    text = next;
    engine.tell('documentChanged', { uri: uriOf(), version, changes });
    const cancellation = new CancellationTokenSource();
    const params = { uri: uriOf(), version, offset: start + typed.length, trigger: 'automatic' as const };
    const answer = engine.ask('suggest', params, cancellation.token);
    return { answer, cancel: () => cancellation.cancel() };
  }

  const allClosed = async (): Promise<void> => {
    for (const { ended } of server.requests) await ended;
  };

  const broken: readonly { readonly name: string; readonly reply: FakeReply }[] = [
    { name: 'binary garbage', reply: { kind: 'raw', text: binary } },
    { name: 'binary garbage that calls itself text', reply: { kind: 'raw', text: binary, contentType: 'text/plain' } },
    { name: 'JSON of something else', reply: { kind: 'raw', text: '[1,', contentType: 'application/json' } },
    { name: 'one huge line', reply: { kind: 'text', deltas: ['x'.repeat(4_000_000)] } },
    { name: 'one huge event that never ends', reply: { kind: 'raw', text: `data: {"${'y'.repeat(4_000_000)}` } },
    { name: 'a stream without end', reply: { kind: 'endless', pieceOf: () => 'again and again\n' } },
    { name: 'a line without end', reply: { kind: 'endless', pieceOf: () => 'word ' } },
    { name: 'an error in the stream', reply: { kind: 'streamError', after: ['conse'], message: 'out of memory' } },
    { name: 'a torn connection', reply: { kind: 'cut', after: ['consol'] } },
    { name: 'no answer at all', reply: { kind: 'drop' } },
    { name: 'a page', reply: { kind: 'status', status: 502, body: '<html>Bad Gateway</html>' } },
  ];
  for (const [index, one] of broken.entries()) {
    test(`${one.name}: the request is answered, and the connection is closed`, async () => {
      reply = one.reply;
      const { items, silence } = await ask(10 + index, '').answer;
      if (items.length === 0) assert.notEqual(silence, undefined);
      for (const { insertText } of items) assert.ok(insertText.length < 5000);
      assert.ok(server.requests.length > 0);
      await allClosed();
    });
  }

  test('never answered, and stopping in the middle: cancelled at once, and the server hears of it', async () => {
    for (const [line, after] of [[], ['con'], ['console.', 'log']].entries()) {
      reply = { kind: 'hang', after };
      const arrived = server.next();
      const { answer, cancel } = ask(40 + line, '');
      const request = await arrived;
      cancel();
      assert.deepEqual((await answer).items, []);
      assert.equal(await request.ended, 'aborted');
    }
  });

  test('typing on, past what was said before it hung, closes that connection and asks anew', async () => {
    reply = { kind: 'hang', after: ['console.'] };
    const arrived = server.next();
    const first = ask(50, '');
    const request = await arrived;
    reply = { kind: 'text', deltas: ['sult.push(1, 2, 3);'] };
    first.cancel();
    const second = await ask(50, 're').answer;
    assert.equal(second.items[0]?.insertText, 'sult.push(1, 2, 3);');
    assert.deepEqual((await first.answer).items, []);
    assert.equal(await request.ended, 'aborted');
  });

  test('an answer that comes after the request was cancelled is nobody’s', async () => {
    const { promise: cancelled, resolve: release } = Promise.withResolvers<void>();
    const usual = server.script;
    server.script = async () => {
      await cancelled;
      return { kind: 'text', deltas: ['console.log(value);'] };
    };
    const before = await engine.ask('memoryStats', {});
    const arrived = server.next();
    const { answer, cancel } = ask(60, '');
    await arrived;
    cancel();
    const { episodeId, items } = await answer;
    release();
    server.script = usual;
    assert.deepEqual([episodeId, items], [null, []]);
    await allClosed();
    assert.equal((await engine.ask('memoryStats', {})).episodes, before.episodes);
  });

  /** What the engine holds after a collection, in bytes. */
  async function held(): Promise<{ heapUsed: number; rss: number }> {
    const socket = connect(Number(await readFile(join(root, 'port'), 'utf8')), '127.0.0.1');
    let answer = '';
    socket.on('data', (piece) => {
      answer += String(piece);
    });
    await once(socket, 'end');
    return JSON.parse(answer);
  }

  test('of ten thousand requests nothing is left, and never more than two are open', async () => {
    const kinds: readonly FakeReply[] = [
      { kind: 'hang' },
      { kind: 'hang', after: ['console.'] },
      { kind: 'raw', text: binary },
      { kind: 'endless', pieceOf: () => '});\n' },
      { kind: 'drop' },
    ];
    let settled = 0;
    /** Bursts of typing, each in another line: the first key waits until the model was asked, the others follow at once. */
    const type = async (requests: number): Promise<void> => {
      for (let count = 0; count < requests; ) {
        const line = 100 + ((count * 7) % 250);
        reply = kinds[(count / 8) % kinds.length]!;
        const arrived = server.next();
        const burst = [ask(line, '')];
        await Promise.race([arrived, burst[0]!.answer]);
        for (let typed = 1; typed < 8; typed += 1) {
          burst.push(ask(line, 'consider'.slice(0, typed)));
          burst.at(-2)!.cancel();
        }
        burst.at(-1)!.cancel();
        for (const { answer } of burst) {
          assert.deepEqual((await answer).items, []);
          settled += 1;
        }
        count += burst.length;
        if (count % 800 === 0) server.clear();
      }
    };
    await type(2000);
    const readings = [await held()];
    for (let part = 0; part < 4; part += 1) {
      await type(2000);
      readings.push(await held());
    }
    assert.equal(settled, 10_000);
    assert.ok(mostOpen <= 2, `${mostOpen} were open at a time`);
    await allClosed();
    // What fills up now and then is no leak: a leak grows in every part. One signal with its listener is about 700 bytes, a prompt ten times that.
    const growth = (of: 'heapUsed' | 'rss') =>
      Math.min(...readings.slice(1).map((reading, part) => reading[of] - readings[part]![of])) / 2000;
    assert.ok(growth('heapUsed') < 400, `${growth('heapUsed')} bytes of heap a request`);
    assert.ok(growth('rss') < 3000, `${growth('rss')} bytes of memory a request`);
  });
});
