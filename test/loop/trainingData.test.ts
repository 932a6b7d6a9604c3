/** Training data out of, and ratings into, the memory of the real engine process, which was asked by a real client through a local server. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { Dpo, Kto, linesIn, PromptOnly } from '../../src/engine/learn/exports/testTrl.ts';
import { type HeadlessEngine, startEngine } from '../../src/lab/headless.ts';
import type { FakeServer } from '../fakes/fakeServer.ts';
import { startOpenaiServer } from '../fakes/openaiServer.ts';

let root: string;
let server: FakeServer;
let engine: HeadlessEngine;

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'attune-data-'));
  server = await startOpenaiServer();
  engine = await startEngine({
    folders: [{ path: root, name: 'work' }],
    storagePath: join(root, '.memory'),
    cachePath: join(root, '.cache'),
    config: {
      editModel: 'openai',
      openai: { baseUrl: `${server.url}/v1`, model: 'm', completions: 'never' },
      candidates: 1,
    },
  });
  await engine.indexed();
});
after(async () => {
  await engine?.stop();
  await server?.close();
  await rm(root, { recursive: true, force: true, maxRetries: 5 });
});

const code = 'export function area(width: number, height: number): number {\n  return width * height;\n}\n';
const line = '  return width * height;';
const open = (name: string): string => {
  const path = join(root, name);
  const uri = pathToFileURL(path).href;
  engine.tell('documentOpened', { uri, path, languageId: 'typescript', version: 1, text: code });
  return uri;
};

/** Asks for an edit, and gives what the server read. */
async function propose(name: string, instruction: string, answer: string) {
  const uri = open(name);
  const start = code.indexOf(line);
  server.script = () => ({ kind: 'text', deltas: [answer] });
  server.clear();
  const params = { requestId: name, uri, version: 1, start, end: start + line.length, instruction };
  const result = await engine.ask('proposeEdit', params);
  assert.ok(result.ok, JSON.stringify(result));
  return { ...result, asked: server.requests[0]!.body!.messages };
}
const rate = async (episodeId: string, change: { thumb?: 'up' | 'down'; correction?: string }) => {
  const unsaid = { thumb: null, score: null, reasons: [], comment: '', correction: null, withdrawn: false };
  assert.ok((await engine.ask('rate', { ...unsaid, episodeId, ...change })).ok);
};

test('what was rated is exported with the very prompt that the model was asked, and a colleague’s labels come back', async () => {
  const first = await propose('a.ts', 'compute in centimetres', '```ts\n  return width * height * 10_000;\n```');
  const folder = join(root, 'data');
  const refused = await engine.ask('exportTrainingData', { path: folder });
  assert.ok(!refused.ok && refused.failure.reason === 'disk' && /does not exist/.test(refused.failure.message));
  await mkdir(folder);

  await rate(first.episodeId, { thumb: 'down', correction: '  return width * 100 * height * 100;' });
  const exported = await engine.ask('exportTrainingData', { path: folder });
  assert.ok(exported.ok, JSON.stringify(exported));
  assert.deepEqual([exported.kto, exported.dpo, exported.prompts], [1, 1, 1]);
  assert.deepEqual((await readdir(folder)).sort(), ['README.md', 'dpo.jsonl', 'kto.jsonl', 'prompts.jsonl']);
  const content = (name: string) => readFile(join(folder, name), 'utf8');
  const [kto] = linesIn(await content('kto.jsonl'), Kto);
  const [dpo] = linesIn(await content('dpo.jsonl'), Dpo);
  const [prompt] = linesIn(await content('prompts.jsonl'), PromptOnly);
  // Nothing was remembered when it was asked, and all of the file was kept.
  for (const row of [kto!, dpo!, prompt!]) assert.deepEqual(row.prompt, first.asked);
  assert.equal(kto!.label, false);
  assert.equal(kto!.completion[0]!.content, '```typescript\n  return width * height * 10_000;\n```');
  assert.match(dpo!.chosen[0]!.content, /width \* 100 \* height \* 100/);
  assert.equal(kto!.metadata.group, 'a.ts');

  const path = join(root, 'ann.jsonl');
  await writeFile(path, `${(await content('kto.jsonl')).replace('"label":false', '"label":true')}nonsense\n`);
  const nobody = await engine.ask('importRatings', { path });
  assert.ok(nobody.ok && nobody.added === 0 && nobody.rejected === 2, JSON.stringify(nobody));
  const imported = await engine.ask('importRatings', { path, rater: 'ann' });
  assert.deepEqual(imported, { ok: true, added: 1, known: 0, rejected: 1, problems: ['Line 2: not valid JSON.'] });
  const { cards } = await engine.ask('listEpisodes', { query: 'centimetres', filter: 'all', limit: 1 });
  assert.equal(cards[0]!.otherRatings, 1);
  // Mine stands as it was.
  assert.equal(cards[0]!.rating!.thumb, 'down');

  const again = await engine.ask('exportTrainingData', { path: folder });
  assert.ok(again.ok && again.kto === 2, 'the label of each rater is a line');
  const missing = await engine.ask('importRatings', { path: join(root, 'nowhere.jsonl'), rater: 'ann' });
  assert.ok(!missing.ok && /does not exist/.test(missing.failure.message));
});
