/**
 * Where ONNX Runtime has no build (Intel Mac, Alpine) the engine suggests, remembers and retrieves as elsewhere, and says
 * plainly what needs another platform. And where it has one, the check of what can be trained on goes through the real engine.
 */
import assert from 'node:assert/strict';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { CancellationTokenSource } from 'vscode-jsonrpc';
import { startEngine } from '../../src/lab/headless.ts';
import { startInProcess } from '../../src/lab/inProcess.ts';
import { startOfTime, VirtualTime } from '../../src/lab/virtualTime.ts';
import { defaultConfig } from '../../src/protocol/config.ts';
import { seeded } from '../../src/tensor/random.ts';
import { startOpenaiServer } from '../fakes/openaiServer.ts';

const tinyEmbedder = fileURLToPath(new URL('../fixtures/tiny-embedder', import.meta.url));

/** A folder, and what is to be ended before it goes. */
async function folder(t: TestContext): Promise<{ readonly root: string; readonly ends: (() => Promise<void>)[] }> {
  const root = await mkdtemp(join(tmpdir(), 'attune-platforms-'));
  const ends: (() => Promise<void>)[] = [];
  t.after(async () => {
    for (const end of ends) await end();
    await rm(root, { recursive: true, force: true, maxRetries: 5 });
  });
  return { root, ends };
}

const places = (root: string) => ({
  folders: [{ path: root, name: 'work' }],
  storagePath: join(root, '.memory'),
  cachePath: join(root, '.cache'),
});

const without = [
  { name: 'an Intel Mac', machine: { platform: 'darwin', arch: 'x64', musl: false }, says: /Intel processor/ },
  { name: 'Alpine', machine: { platform: 'linux', arch: 'x64', musl: true }, says: /Alpine or another musl Linux/ },
];
for (const { name, machine, says } of without) {
  test(`on ${name} there are suggestions, memory and retrieval, and a plain word about training`, async (t) => {
    const { root, ends } = await folder(t);
    const line = (entity: string) => `  const ${entity} = repository.find(id);`;
    const source = (entity: string) =>
      `import { repository } from './${entity}Repository.ts';\n\nexport async function load${entity}(id: string) {\n${line(entity)}\n  return ${entity};\n}\n`;
    for (const entity of ['Customer', 'Product', 'Order'])
      await writeFile(join(root, `load${entity}.ts`), source(entity));
    // Downloaded on another machine of the same user, say: here it can't run, and the built-in one goes on.
    await cp(tinyEmbedder, join(root, '.cache/attune/tiny-embedder'), { recursive: true });
    const server = await startOpenaiServer();
    ends.push(() => server.close());
    const engine = await startInProcess(
      {
        ...places(root),
        config: {
          editModel: 'openai',
          openai: { baseUrl: `${server.url}/v1`, model: 'qwen2.5-coder', completions: 'always' },
          candidates: 1,
          embedder: 'semantic',
          semanticModel: 'attune/tiny-embedder',
        },
      },
      {
        time: new VirtualTime(startOfTime),
        random: seeded(1),
        // Nothing may be started there.
        runtime: { machine, entry: join(root, 'absent.mjs') },
      },
    );
    ends.push(() => engine.stop());
    const notices: string[] = [];
    engine.hear('notice', ({ message }) => notices.push(message));
    await engine.indexed();
    await engine.settled();

    const training = await engine.ask('checkTraining', { requestId: 'training' });
    assert.ok(training.ok);
    assert.match(training.unsupported ?? '', says);
    assert.match(
      training.unsupported ?? '',
      /^Training and the local policy need .*suggesting, remembering and retrieving\.$/,
    );
    assert.deepEqual(training.providers, []);

    const propose = async (entity: string, answer: string) => {
      const path = join(root, `load${entity}.ts`);
      const [uri, text] = [pathToFileURL(path).href, source(entity)];
      engine.tell('documentOpened', { uri, path, languageId: 'typescript', version: 1, text });
      server.script = () => ({ kind: 'text', deltas: [answer] });
      server.clear();
      const start = text.indexOf(line(entity));
      const edit = { uri, version: 1, start, end: start + line(entity).length };
      const result = await engine.ask('proposeEdit', { ...edit, requestId: entity, instruction: 'await the entity' });
      assert.ok(result.ok);
      return { ...result, prompt: server.requests.map((request) => request.text).join('\n') };
    };
    const first = await propose('Customer', '  const KEPT_MARKER = await repository.find(id);');
    const { episodeId } = first;
    engine.tell('events', {
      events: [{ episodeId, candidateId: first.candidates[0]!.candidateId, at: startOfTime, type: 'accepted' }],
    });
    const rated = await engine.ask('rate', {
      episodeId,
      thumb: 'up',
      score: null,
      reasons: [],
      comment: '',
      correction: null,
      withdrawn: false,
    });
    assert.ok(rated.ok, 'the memory keeps a rating');
    await engine.settled();
    const second = await propose('Product', 'x');
    assert.match(second.prompt, /KEPT_MARKER/, 'and what was kept is found for the next prompt');
    const { embedder, embedded } = await engine.ask('memoryStats', {});
    assert.match(embedder, /^hashed/);
    assert.ok(embedded >= 1);

    const path = join(root, 'loadInvoice.ts');
    const text = source('Invoice').slice(0, source('Invoice').indexOf('repository.find') + 'repository.'.length);
    const uri = pathToFileURL(path).href;
    engine.tell('documentOpened', { uri, path, languageId: 'typescript', version: 1, text });
    const suggestion = await engine.ask('suggest', { uri, version: 1, offset: text.length, trigger: 'explicit' });
    assert.match(suggestion.items[0]?.insertText ?? `nothing: ${suggestion.silence}`, /find\(id\)/);
    assert.ok(notices.some((message) => says.test(message)));
  });
}

test('the engine’s process checks what can be trained on, answers others meanwhile, and stops when told to', async (t) => {
  const { root, ends } = await folder(t);
  const engine = await startEngine(places(root));
  ends.push(() => engine.stop());
  const underWay = Promise.withResolvers<void>();
  const tried: string[] = [];
  engine.hear('progress', ({ requestId, message }) => {
    if (requestId === 'first') tried.push(message);
    else underWay.resolve();
  });
  const [training, stats] = await Promise.all([
    engine.ask('checkTraining', { requestId: 'first' }),
    engine.ask('memoryStats', {}),
  ]);
  assert.equal(stats.episodes, 0);
  assert.ok(training.ok && training.unsupported === null, JSON.stringify(training));
  assert.ok(training.providers[0]?.ok, JSON.stringify(training.providers));
  assert.ok(tried.includes('the CPU') && tried.includes('WebGPU'));

  const cancellation = new CancellationTokenSource();
  const cancelled = engine.ask('checkTraining', { requestId: 'second' }, cancellation.token);
  await underWay.promise;
  cancellation.cancel();
  const answer = await cancelled;
  assert.ok(!answer.ok && answer.failure.reason === 'cancelled');

  await engine.ask('configure', { config: defaultConfig, trusted: false, folders: places(root).folders });
  const refused = await engine.ask('checkTraining', { requestId: 'third' });
  assert.ok(!refused.ok && refused.failure.reason === 'untrusted');
});
