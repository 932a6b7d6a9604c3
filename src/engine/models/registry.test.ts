import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import { collect, gap, never, talk } from '../../../test/fakes/collect.ts';
import type { FakeServer } from '../../../test/fakes/fakeServer.ts';
import { startOllamaServer } from '../../../test/fakes/ollamaServer.ts';
import { startOpenaiServer } from '../../../test/fakes/openaiServer.ts';
import { defaultConfig, type EngineConfig } from '../../protocol/config.ts';
import { silentLog } from '../clock.ts';
import type { LanguageModel } from './languageModel.ts';
import { createModels, type ModelHost } from './registry.ts';

let openai: FakeServer;
let ollama: FakeServer;
before(async () => {
  openai = await startOpenaiServer({
    models: ['qwen2.5-coder-7b', 'text-embedding-3-small'],
    script: () => ({ kind: 'text', deltas: ['fib(n - 1)', ' + fib(n - 2)'] }),
  });
  ollama = await startOllamaServer({
    script: () => ({ kind: 'text', deltas: ['x'] }),
    models: [
      { name: 'starcoder2:3b', capabilities: ['completion', 'insert'], modifiedAt: '2026-03-01T00:00:00Z' },
      { name: 'llama3.2:3b', capabilities: ['completion'], modifiedAt: '2026-02-01T00:00:00Z' },
      { name: 'qwen2.5-coder:7b', capabilities: ['completion', 'insert'], modifiedAt: '2026-01-01T00:00:00Z' },
    ],
  });
});
after(async () => {
  await openai.close();
  await ollama.close();
});
beforeEach(() => {
  openai.clear();
  ollama.clear();
});

const workspace: LanguageModel = {
  id: 'workspace',
  label: 'Workspace model',
  capabilities: { fillInTheMiddle: true, chat: false },
  template: 'chat',
  contextTokens: 1000,
  async *stream() {
    yield { type: 'text', text: 'built in' };
    yield { type: 'end', finish: 'stop' };
  },
};
const copilot = { id: 'gpt', label: 'GPT', detail: 'Copilot', maxInputTokens: 4096 };

const asked: string[] = [];
function modelsOf(config: Partial<EngineConfig> = {}, hostModels: readonly (typeof copilot)[] = []) {
  asked.length = 0;
  const host: ModelHost = {
    list: async () => {
      asked.push('list');
      return hostModels;
    },
    chat: async (_id, _messages, onText) => {
      asked.push('chat');
      onText('hosted');
      return { ok: true };
    },
  };
  const secret = async (key: string): Promise<string | null> => {
    asked.push(`secret ${key}`);
    return 'k';
  };
  return createModels({ config: { ...defaultConfig, ...config }, secret, host, workspace, log: silentLog });
}
const atOpenai = (model = 'qwen2.5-coder-7b'): Pick<EngineConfig, 'openai'> => ({
  openai: { baseUrl: `${openai.url}/v1`, model, completions: 'auto' },
});
const atOllama = (model = ''): Pick<EngineConfig, 'ollama'> => ({ ollama: { baseUrl: ollama.url, model } });
const idOf = (chosen: Awaited<ReturnType<ReturnType<typeof modelsOf>['edit']>>): string =>
  chosen.ok ? chosen.model.id : chosen.failure.reason;

/** Counts every attempt to open a connection in this process. */
async function connectionsDuring(action: () => Promise<void>): Promise<number> {
  const { connect } = Socket.prototype;
  let attempts = 0;
  Socket.prototype.connect = function (this: Socket, ...parameters: unknown[]) {
    attempts++;
    return Reflect.apply(connect, this, parameters) as Socket;
  } as typeof connect;
  try {
    await action();
  } finally {
    Socket.prototype.connect = connect;
  }
  return attempts;
}

test('a fresh installation opens no connection, asks for no key and needs no model of VS Code', async () => {
  const connections = await connectionsDuring(async () => {
    const models = modelsOf();
    const inline = models.inline();
    assert.ok(inline.ok);
    assert.equal((await collect(inline.model.stream(gap, never()))).text, 'built in');
    models.configure({ ...defaultConfig, inlineModel: 'openai' });
    assert.equal(models.inline().ok, false);
    models.configure({ ...defaultConfig, inlineModel: 'ollama' });
    assert.equal(models.inline().ok, false);
    models.configure({ ...defaultConfig, inlineModel: 'openai', ...atOpenai() });
    // Chosen, but nothing asked of it yet.
    assert.equal(models.inline().ok, true);
    const test = await models.test('workspace', 'workspace', never());
    assert.equal(test.ok && test.text, 'built in');
  });
  assert.equal(connections, 0);
  assert.deepEqual(asked, []);
});

test('the guard above would notice a connection', async () => {
  const gone = await startOllamaServer();
  await gone.close();
  const connections = await connectionsDuring(async () => {
    const models = modelsOf({
      inlineModel: 'openai',
      openai: { baseUrl: `${gone.url}/v1`, model: 'm', completions: 'auto' },
    });
    const inline = models.inline();
    assert.ok(inline.ok);
    await collect(inline.model.stream(gap, never()));
  });
  assert.ok(connections > 0);
});

test('only the chosen server is talked to', async () => {
  const models = modelsOf(
    { inlineModel: 'ollama', editModel: 'ollama', ...atOpenai(), ...atOllama('qwen2.5-coder:7b') },
    [copilot],
  );
  const inline = models.inline();
  assert.ok(inline.ok);
  await collect(inline.model.stream(gap, never()));
  const edit = await models.edit();
  assert.ok(edit.ok);
  await collect(edit.model.stream(talk, never()));
  assert.equal(openai.requests.length, 0);
  assert.deepEqual(asked, []);
  assert.equal(ollama.requests.at(-1)?.path, '/api/chat');
});

test('what isn’t set up says how to set it up', async () => {
  const reason = (config: Partial<EngineConfig>): string => {
    const inline = modelsOf(config).inline();
    return inline.ok ? 'ok' : `${inline.failure.reason}: ${inline.failure.nextStep}`;
  };
  assert.match(reason({ inlineModel: 'openai' }), /^notConfigured: Set attune\.openai\.baseUrl/);
  assert.match(reason({ inlineModel: 'openai', ...atOpenai('') }), /^notConfigured: .*Attune: Select Model/);
  assert.match(reason({ inlineModel: 'ollama' }), /^notConfigured: .*Attune: Pull an Ollama Model/);
  assert.equal(idOf(await modelsOf({ editModel: 'vscode' }).edit()), 'notConfigured');
  assert.equal(idOf(await modelsOf({ editModel: 'vscode', vscodeModel: 'gone' }, [copilot]).edit()), 'modelMissing');
});

test('edits go to the first that is there: OpenAI-compatible, Ollama, VS Code', async () => {
  const gone = await startOllamaServer();
  await gone.close();
  const nobody = { ollama: { baseUrl: gone.url, model: '' } };
  assert.equal(idOf(await modelsOf({ ...atOpenai(), ...atOllama() }, [copilot]).edit()), 'openai:qwen2.5-coder-7b');
  assert.equal(ollama.requests.length, 0);
  assert.equal(idOf(await modelsOf(atOllama('llama3.2:3b'), [copilot]).edit()), 'ollama:llama3.2:3b');
  // With none set: one for code that follows instructions, not the newest one of any kind.
  assert.equal(idOf(await modelsOf(atOllama(), [copilot]).edit()), 'ollama:qwen2.5-coder:7b');
  assert.equal(idOf(await modelsOf(atOllama('not-installed'), [copilot]).edit()), 'vscode:gpt');
  assert.equal(idOf(await modelsOf(nobody, [copilot]).edit()), 'vscode:gpt');
  assert.equal(idOf(await modelsOf(nobody).edit()), 'notConfigured');
  assert.equal(idOf(await modelsOf(nobody, [copilot]).edit(AbortSignal.abort())), 'cancelled');
});

test('asking twice for an edit looks for Ollama once', async () => {
  const models = modelsOf(atOllama());
  await models.edit();
  const { length } = ollama.requests;
  await models.edit();
  assert.equal(ollama.requests.length, length);
});

test('the picker lists every source, and what is wrong with one doesn’t hide the others', async () => {
  const { rows, problems } = await modelsOf({ ...atOpenai('my-private-model'), ...atOllama() }, [copilot]).list();
  assert.deepEqual(
    rows.map(({ source, id, template }) => `${source} ${id} ${template}`),
    [
      'workspace workspace chat',
      'openai my-private-model chat',
      'openai qwen2.5-coder-7b qwen',
      'ollama starcoder2:3b starcoder',
      'ollama llama3.2:3b chat',
      'ollama qwen2.5-coder:7b qwen',
      'vscode gpt chat',
    ],
  );
  assert.deepEqual(problems, []);
  const gone = await startOllamaServer();
  await gone.close();
  const broken = await modelsOf(
    { ollama: { baseUrl: gone.url, model: '' }, openai: { baseUrl: gone.url, model: 'm', completions: 'auto' } },
    [copilot],
  ).list();
  assert.deepEqual(
    broken.rows.map(({ id }) => id),
    ['workspace', 'm', 'gpt'],
  );
  assert.deepEqual(
    broken.problems.map(({ reason }) => reason),
    ['refused', 'refused'],
  );
});

test('the picker shows the template of the settings, not the one of the name', async () => {
  const { rows } = await modelsOf({ ...atOpenai(), ...atOllama(), fimTemplate: 'deepseek' }).list();
  assert.deepEqual(new Set(rows.slice(1).map(({ template }) => template)), new Set(['deepseek']));
});

test('listing asks the configured servers and no other', async () => {
  await modelsOf(atOllama()).list();
  assert.equal(openai.requests.length, 0);
  assert.deepEqual(asked, ['list']);
});

test('the key of the settings goes to the server of the settings', async () => {
  await modelsOf(atOpenai()).list();
  assert.deepEqual(
    asked.filter((one) => one.startsWith('secret')),
    ['secret attune.openai.apiKey'],
  );
  assert.equal(openai.requests[0]?.authorized, true);
});

test('“Test This Model” shows one real completion with its times', async () => {
  let at = 1000;
  const models = createModels({
    config: { ...defaultConfig, ...atOpenai() },
    secret: async () => null,
    host: { list: async () => [], chat: async () => ({ ok: true }) },
    workspace,
    log: silentLog,
    clock: { now: () => (at += 100) },
  });
  const result = await models.test('openai', 'qwen2.5-coder-7b', never());
  assert.ok(result.ok);
  assert.equal(result.text, 'fib(n - 1) + fib(n - 2)');
  assert.equal(result.template, 'qwen');
  assert.ok(result.firstTokenMs > 0 && result.totalMs > result.firstTokenMs);
  assert.equal(result.usage?.completionTokens, 2);
  assert.match(openai.requests.at(-1)?.prompt ?? '', /fibonacci/);
  const missing = await models.test('ollama', 'm', never());
  assert.equal(missing.ok, false);
  assert.equal((await models.test('vscode', 'm', never())).ok, false);
});

test('a test can be cancelled', async () => {
  openai.script = () => ({ kind: 'hang' });
  const controller = new AbortController();
  const arrived = openai.next();
  const result = modelsOf(atOpenai()).test('openai', 'qwen2.5-coder-7b', controller.signal);
  const request = await arrived;
  controller.abort();
  const outcome = await result;
  assert.equal(!outcome.ok && outcome.failure.reason, 'cancelled');
  assert.equal(await request.ended, 'aborted');
});

test('a pulled model is found by the next edit', async () => {
  const models = modelsOf(atOllama('codegemma:7b-instruct'));
  assert.equal(idOf(await models.edit()), 'notConfigured');
  assert.deepEqual(await models.pull('codegemma:7b-instruct', () => {}, never()), { ok: true });
  assert.equal(idOf(await models.edit()), 'ollama:codegemma:7b-instruct');
});
