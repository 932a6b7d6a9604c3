import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CancellationTokenSource } from 'vscode-jsonrpc';
import { defaultConfig } from '../../protocol/config.ts';
import { EngineClient, type EngineClientDeps, type HostServices } from './engineClient.ts';
import { startEngineProcess } from './engineProcess.ts';
import { type EngineState, EngineUnavailable } from './engineState.ts';
import { RestartPolicy } from './restartPolicy.ts';

const module = fileURLToPath(new URL('./scriptedEngine.fixture.ts', import.meta.url));
const host: HostServices = {
  secret: async (key) => (key === 'k' ? 'hush' : null),
  listHostModels: async () => [{ id: 'm', label: 'M', detail: '', maxInputTokens: 1 }],
  hostModelChat: async (_request, onText) => {
    onText('one ');
    onText('two');
    return { ok: true };
  },
};

interface Harness {
  readonly client: EngineClient;
  readonly states: EngineState[];
  readonly output: string[];
  /** Delays asked for and not yet run; `fire` runs the oldest. */
  readonly delays: number[];
  fire(): void;
  until(wanted: EngineState['type']): Promise<EngineState>;
}

const running: EngineClient[] = [];
afterEach(async () => {
  for (const client of running.splice(0)) await client.stop();
});

function harness(script = '', overrides: Partial<EngineClientDeps> = {}): Harness {
  const states: EngineState[] = [];
  const output: string[] = [];
  const delays: number[] = [];
  const waiting: (() => void)[] = [];
  const log = (message: string): void => void output.push(message);
  const client = new EngineClient({
    launch: () => startEngineProcess({ module, onOutput: log, env: { SCRIPT: script } }),
    initializeParams: () => ({
      folders: [],
      storagePath: '/nowhere',
      cachePath: '/nowhere',
      rater: 'me',
      trusted: true,
      config: defaultConfig,
    }),
    host,
    policy: new RestartPolicy(),
    now: () => 0,
    schedule: (delayMs, run) => {
      delays.push(delayMs);
      waiting.push(run);
      return () => {
        const index = waiting.indexOf(run);
        if (index >= 0) {
          waiting.splice(index, 1);
          delays.splice(index, 1);
        }
      };
    },
    log: { trace: log, debug: log, info: log, warn: log, error: log },
    ...overrides,
  });
  running.push(client);
  client.onDidChangeState((state) => states.push(state));
  return {
    client,
    states,
    output,
    delays,
    fire() {
      delays.shift();
      waiting.shift()?.();
    },
    until: (wanted) =>
      new Promise((resolve) => {
        if (client.state.type === wanted) resolve(client.state);
        const subscription = client.onDidChangeState((state) => {
          if (state.type !== wanted) return;
          subscription.dispose();
          resolve(state);
        });
      }),
  };
}

async function heard(client: EngineClient): Promise<readonly string[]> {
  const { traces } = await client.ask('trace', {});
  return traces[0]?.prompt.split('\n') ?? [];
}

test('the engine starts, answers, and runs without telemetry and without the editor’s debugger flags', async () => {
  const { client, until } = harness();
  client.start();
  const state = await until('ready');
  assert.ok(state.type === 'ready' && state.version === 'scripted' && state.pid > 0);
  const { traces } = await client.ask('trace', {});
  assert.equal(traces[0]?.file, '1');
  assert.equal(traces[0]?.model, '');
  assert.equal(traces[0]?.prompt, 'initialize me true');
});

test('a request made while the engine is not there fails at once instead of hanging the command', async () => {
  const { client } = harness();
  await assert.rejects(
    client.ask('trace', {}),
    (error) => error instanceof EngineUnavailable && error.reason === 'starting',
  );
  client.start();
  await assert.rejects(client.ask('trace', {}), EngineUnavailable);
});

test('when the engine dies, what was pending is rejected with a reason and a restart is on its way', async () => {
  const { client, states, delays, until } = harness();
  client.start();
  await until('ready');
  const pending = assert.rejects(
    client.ask('memoryStats', {}),
    (error) => error instanceof EngineUnavailable && error.reason === 'restarting',
  );
  const killer = assert.rejects(client.ask('rebuildWorkspaceModel', { requestId: 'x' }), EngineUnavailable);
  await Promise.all([pending, killer]);
  assert.deepEqual(states.at(-1), { type: 'restarting', crashes: 1, delayMs: 250, tellUser: true });
  assert.deepEqual(delays, [250]);
});

test('after a crash from outside the engine is back and hears the documents before any request', async () => {
  const { client, fire, until } = harness();
  client.onWillBeReady(() =>
    client.tell('documentOpened', { uri: 'u', path: null, languageId: 'l', version: 7, text: '' }),
  );
  client.onWillAskAbout((uri) => client.tell('documentChanged', { uri, version: 8, changes: [] }));
  client.start();
  const first = await until('ready');
  assert.ok(first.type === 'ready');
  process.kill(first.pid, 'SIGKILL');
  await until('restarting');
  fire();
  const second = await until('ready');
  assert.ok(second.type === 'ready' && second.pid !== first.pid);
  await client.ask('suggest', { uri: 'u', version: 8, offset: 0, trigger: 'automatic' });
  assert.deepEqual(await heard(client), ['initialize me true', 'opened u 7', 'changed u 8', 'suggest u']);
});

test('an engine that cannot live is given up after five tries, and the user can start it again', async () => {
  let script = 'dieAtStart';
  const { client, states, fire, until } = harness('', {
    launch: () => startEngineProcess({ module, onOutput: () => {}, env: { SCRIPT: script } }),
  });
  client.start();
  for (let crash = 1; crash < 5; crash++) {
    await until('restarting');
    const next = new Promise((resolve) => client.onDidChangeState(resolve));
    fire();
    await next;
  }
  const down = await until('down');
  assert.ok(down.type === 'down' && down.why === 'crashed');
  assert.deepEqual(
    states.flatMap((state) => (state.type === 'restarting' ? [state.tellUser] : [])),
    [true, false, false, false],
  );
  await assert.rejects(
    client.ask('trace', {}),
    (error) => error instanceof EngineUnavailable && error.reason === 'crashed',
  );
  script = '';
  await client.restart();
  await until('ready');
});

test('an engine that refuses its storage is not restarted in a loop; its reason is kept for the user', async () => {
  const { client, delays, until } = harness('refuse');
  client.start();
  const state = await until('down');
  assert.ok(state.type === 'down' && state.why === 'cannotStart');
  assert.equal(state.detail, 'The storage folder cannot be written.');
  assert.deepEqual(delays, []);
});

test('a missing engine file counts as a crash of the process, not as a hang', async () => {
  const { client, until } = harness('', {
    launch: () => startEngineProcess({ module: `${module}.gone`, onOutput: () => {} }),
  });
  client.start();
  const state = await until('restarting');
  assert.ok(state.type === 'restarting');
});

test('closing the window lets the engine fold its journals', async () => {
  const { client, output, until } = harness();
  client.start();
  await until('ready');
  await client.stop();
  assert.ok(output.includes('folded'), output.join('\n'));
  assert.deepEqual(client.state, { type: 'down', why: 'stopped', detail: '' });
});

test('an engine that hangs at shutdown is ended after two seconds', async () => {
  const { client, delays, fire, until } = harness('hangAtShutdown');
  client.start();
  const state = await until('ready');
  const stopped = client.stop();
  assert.deepEqual(delays, [2000]);
  fire();
  await stopped;
  assert.ok(state.type === 'ready');
  assert.throws(() => process.kill(state.pid, 0), { code: 'ESRCH' });
});

test('the engine gets secrets, models and a streamed chat from the editor', async () => {
  const { client, until } = harness();
  client.start();
  await until('ready');
  const { problems } = await client.ask('listModels', {});
  assert.equal(problems[0]?.message, 'hush 1 true');
  const { traces } = await client.ask('trace', {});
  assert.deepEqual(traces[0]?.answers, ['one ', 'two']);
});

test('progress arrives and a cancelled download stops', async () => {
  const { client, until } = harness();
  client.start();
  await until('ready');
  const cancellation = new CancellationTokenSource();
  const shares: (number | undefined)[] = [];
  client.hear('progress', ({ share }) => {
    shares.push(share);
    cancellation.cancel();
  });
  const result = await client.ask('pullModel', { requestId: 'r', id: 'm' }, cancellation.token);
  assert.ok(!result.ok && result.failure.reason === 'cancelled');
  assert.deepEqual(shares, [0.5]);
});

test('a setting changed while the engine starts still reaches it', async () => {
  const { client, until } = harness();
  client.start();
  await client.configure();
  await until('ready');
  assert.deepEqual(await heard(client), ['initialize me true', 'configure true']);
});
