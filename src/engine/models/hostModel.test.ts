import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collect, gap, never, talk, watchRejections } from '../../../test/fakes/collect.ts';
import type { Failure, LmMessage } from '../../protocol/rpc.ts';
import { type HostModelOptions, hostModel } from './hostModel.ts';

const modelOf = (chat: HostModelOptions['chat'], more: Partial<HostModelOptions> = {}) =>
  hostModel({ id: 'copilot/gpt', label: 'GPT', maxInputTokens: 4096, chat, ...more });

test('an answer of VS Code’s model arrives in order and whole, however it is called back', async () => {
  const model = modelOf(async (_messages, onText) => {
    onText('a');
    onText('b');
    await Promise.resolve();
    onText('c');
    setImmediate(() => onText('too late'));
    return { ok: true };
  });
  const { text, end } = await collect(model.stream(talk, never()));
  assert.equal(text, 'abc');
  assert.deepEqual(end, { type: 'end', finish: 'stop' });
  assert.deepEqual([model.id, model.template, model.contextTokens], ['vscode:copilot/gpt', 'chat', 4096]);
});

test('a gap is filled by conversation', async () => {
  let asked: readonly LmMessage[] = [];
  const model = modelOf(async (messages, onText) => {
    asked = messages;
    onText('<fill>total += x;');
    onText('</fill>');
    return { ok: true };
  });
  const { text, end } = await collect(model.stream(gap, never()));
  assert.equal(text, 'total += x;');
  assert.equal(end?.finish, 'stop');
  assert.match(asked[1]?.content ?? '', /<GAP\/>/);
});

test('what the editor says about a refusal reaches the user as it is', async () => {
  const failure: Failure = { reason: 'unauthorized', message: 'No consent.', nextStep: 'Allow it.' };
  const model = modelOf(async (_messages, onText) => {
    onText('a');
    return { ok: false, failure };
  });
  const collected = await collect(model.stream(talk, never()));
  assert.deepEqual([collected.text, collected.failure], ['a', failure]);
});

test('a lost connection to the editor is a failure, not an exception', async () => {
  const uncaught = watchRejections();
  const model = modelOf(() => Promise.reject(new Error('connection got disposed')));
  assert.equal((await collect(model.stream(talk, never()))).failure?.reason, 'other');
  await uncaught();
});

test('cancelling tells the editor and doesn’t wait for it', async () => {
  const uncaught = watchRejections();
  const controller = new AbortController();
  let told = false;
  const model = modelOf((_messages, onText, signal) => {
    signal.addEventListener('abort', () => {
      told = true;
    });
    onText('a');
    return new Promise(() => {});
  });
  const seen: string[] = [];
  for await (const chunk of model.stream(talk, controller.signal)) {
    seen.push(chunk.type === 'failed' ? chunk.failure.reason : chunk.type);
    controller.abort();
  }
  assert.deepEqual(seen, ['text', 'cancelled']);
  assert.equal(told, true);
  await uncaught();
});

test('an editor that never answers is given up', async () => {
  const model = modelOf(() => new Promise(() => {}), { timeoutMs: 5 });
  assert.equal((await collect(model.stream(talk, never()))).failure?.reason, 'timeout');
});
