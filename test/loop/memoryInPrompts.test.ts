/**
 * What the memory does to the next prompt, seen where it counts: in the bytes the model server received. Real engine
 * process, real `openai` and `ollama` clients, local servers that speak the wire formats.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { type HeadlessEngine, startEngine } from '../../src/lab/headless.ts';
import type { EngineConfig } from '../../src/protocol/config.ts';
import type { FakeReply, FakeServer } from '../fakes/fakeServer.ts';
import { startOllamaServer } from '../fakes/ollamaServer.ts';
import { startOpenaiServer } from '../fakes/openaiServer.ts';

const good = 'const GOOD_MARKER = await repository.findById(id);\nif (!GOOD_MARKER) return null;';
const bad = 'const BAD_MARKER = repository.findByIdSync(id)!;';
const text = (...deltas: string[]): FakeReply => ({ kind: 'text', deltas });

interface Arm {
  readonly name: string;
  start(): Promise<FakeServer>;
  config(url: string): Partial<EngineConfig>;
}
const arms: readonly Arm[] = [
  {
    name: 'OpenAI-compatible',
    start: () => startOpenaiServer(),
    config: (url) => ({
      editModel: 'openai',
      inlineModel: 'openai',
      openai: { baseUrl: `${url}/v1`, model: 'qwen2.5-coder', completions: 'always' },
    }),
  },
  {
    name: 'Ollama',
    start: () => startOllamaServer(),
    config: (url) => ({
      editModel: 'ollama',
      inlineModel: 'ollama',
      ollama: { baseUrl: url, model: 'qwen2.5-coder:1.5b' },
    }),
  },
];

for (const arm of arms) {
  describe(`memory in prompts to ${arm.name}`, () => {
    let root: string;
    let server: FakeServer;
    let engine: HeadlessEngine;
    const opened = new Set<string>();

    before(async () => {
      root = await mkdtemp(join(tmpdir(), 'attune-loop-'));
      server = await arm.start();
      engine = await startEngine({
        folders: [{ path: root, name: 'work' }],
        storagePath: join(root, '.memory'),
        cachePath: join(root, '.cache'),
        config: { ...arm.config(server.url), candidates: 1 },
      });
      await engine.indexed();
    });
    after(async () => {
      await engine?.stop();
      await server?.close();
      await rm(root, { recursive: true, force: true, maxRetries: 5 });
    });

    const source = (entity: string): string =>
      `import { repository } from './${entity}Repository.ts';\n\nexport async function load${entity}(id: string) {\n  const ${entity} = repository.find(id);\n  return ${entity};\n}\n`;

    function openFile(entity: string): { uri: string; start: number; end: number } {
      const path = join(root, `load${entity}.ts`);
      const uri = pathToFileURL(path).href;
      const content = source(entity);
      if (!opened.has(uri))
        engine.tell('documentOpened', { uri, path, languageId: 'typescript', version: 1, text: content });
      opened.add(uri);
      const line = `  const ${entity} = repository.find(id);`;
      const start = content.indexOf(line);
      return { uri, start, end: start + line.length };
    }

    async function propose(
      entity: string,
      answer: string,
    ): Promise<{ episodeId: string; candidateId: string; prompt: string }> {
      const { uri, start, end } = openFile(entity);
      server.script = () => text(answer);
      server.clear();
      const result = await engine.ask('proposeEdit', {
        requestId: entity,
        uri,
        version: 1,
        start,
        end,
        instruction: 'load the entity with an await and handle the missing one',
      });
      assert.ok(result.ok, JSON.stringify(result));
      const asked = server.requests.filter((request) => request.prompt.includes(entity));
      assert.equal(asked.length, 1, 'one request reached the server');
      // Bytes as sent, so that nothing is hidden by how the fake reads them.
      return { episodeId: result.episodeId, candidateId: result.candidates[0]!.candidateId, prompt: asked[0]!.text };
    }

    const rate = async (episodeId: string, thumb: 'up' | 'down'): Promise<void> => {
      const saved = await engine.ask('rate', {
        episodeId,
        thumb,
        score: null,
        reasons: thumb === 'down' ? ['wrongStyle'] : [],
        comment: '',
        correction: null,
        withdrawn: false,
      });
      assert.ok(saved.ok);
    };

    test('a well-rated edit is an example in the next prompt for a similar place; a badly rated one is not', async () => {
      const first = await propose('Customer', good);
      assert.doesNotMatch(first.prompt, /MARKER/, 'nothing is remembered yet');
      engine.tell('events', {
        events: [{ episodeId: first.episodeId, candidateId: first.candidateId, at: Date.now(), type: 'accepted' }],
      });
      await rate(first.episodeId, 'up');

      const second = await propose('Product', bad);
      assert.match(second.prompt, /GOOD_MARKER/);
      await rate(second.episodeId, 'down');

      const third = await propose('Order', 'x');
      assert.match(third.prompt, /GOOD_MARKER/);
      assert.doesNotMatch(third.prompt, /BAD_MARKER/);

      const { examples } = await engine.ask('why', { episodeId: third.episodeId });
      assert.deepEqual(
        examples.map(({ card }) => card.episode.id),
        [first.episodeId],
      );
      assert.ok(examples[0]!.similarity > 0.2);

      const forbidden = await engine.ask('direct', { episodeIds: [first.episodeId], use: 'never' });
      assert.ok(forbidden.ok);
      const fourth = await propose('Invoice', 'x');
      assert.doesNotMatch(fourth.prompt, /MARKER/, 'never use this again holds');

      await engine.ask('direct', { episodeIds: [first.episodeId], use: 'allowed' });
      const fifth = await propose('Supplier', 'x');
      assert.match(fifth.prompt, /GOOD_MARKER/, 'and can be lifted');
    });

    test('turning a rating round turns the example round', async () => {
      const { cards } = await engine.ask('listEpisodes', { query: 'GOOD_MARKER', filter: 'all', limit: 10 });
      const id = cards.find((card) => card.episode.candidates.some((one) => one.text.includes('GOOD_MARKER')))!.episode
        .id;
      await rate(id, 'down');
      const asked = await propose('Delivery', 'x');
      assert.doesNotMatch(asked.prompt, /GOOD_MARKER/);
    });

    test('secrets and excluded files never reach the server', async () => {
      const path = join(root, 'deploy.ts');
      const uri = pathToFileURL(path).href;
      const secret = 'ghp_0123456789abcdefghijklmnopqrstuvwxyz';
      const content = `const apiToken = "${secret}";\nexport function deploy() {\n  return 1;\n}\n`;
      engine.tell('documentOpened', { uri, path, languageId: 'typescript', version: 1, text: content });
      const env = join(root, '.env.local');
      engine.tell('documentOpened', {
        uri: pathToFileURL(env).href,
        path: env,
        languageId: 'dotenv',
        version: 1,
        text: 'ENV_MARKER=deploy\n',
      });
      server.script = () => text('return 2;');
      server.clear();
      const start = content.indexOf('  return 1;');
      const result = await engine.ask('proposeEdit', {
        requestId: 'secret',
        uri,
        version: 1,
        start,
        end: start + '  return 1;'.length,
        instruction: 'deploy twice',
      });
      assert.ok(result.ok);
      assert.ok(server.requests.length > 0);
      for (const request of server.requests) {
        assert.ok(!request.text.includes(secret));
        assert.doesNotMatch(request.text, /ENV_MARKER/);
      }
      const { cards } = await engine.ask('listEpisodes', { query: 'deploy twice', filter: 'all', limit: 1 });
      assert.ok(cards[0] && !JSON.stringify(cards[0]).includes(secret), 'nor the disk');
      const refused = await engine.ask('proposeEdit', {
        requestId: 'env',
        uri: pathToFileURL(env).href,
        version: 1,
        start: 0,
        end: 1,
        instruction: 'anything',
      });
      assert.ok(!refused.ok && refused.failure.reason === 'excluded');
    });
  });
}
