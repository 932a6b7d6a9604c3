import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LanguageModel, ModelChunk, ModelRequest } from '../models/languageModel.ts';
import { generate } from './generate.ts';
import { never } from './testing/bench.ts';

const request: ModelRequest = { kind: 'chat', messages: [], maxTokens: 10, temperature: 0 };

/** A model that writes the pieces and notes how far it got and whether its connection was closed. */
function model(pieces: readonly ModelChunk[]) {
  const seen = { sent: 0, closed: false };
  const made: LanguageModel = {
    id: 'openai:m',
    label: 'M',
    capabilities: { fillInTheMiddle: true, chat: true },
    template: 'chat',
    contextTokens: 1000,
    async *stream(_request, signal) {
      signal.addEventListener('abort', () => {
        seen.closed = true;
      });
      for (const piece of pieces) {
        seen.sent += 1;
        yield piece;
      }
    },
  };
  return { made, seen };
}
const texts = (...all: string[]): ModelChunk[] => all.map((text) => ({ type: 'text', text }));

test('reading stops, and the connection is closed, as soon as nothing more will be used', async () => {
  const { made, seen } = model(texts('one\n', 'two\n', 'three\n', 'four\n'));
  const result = await generate(made, request, never(), { enough: (text) => text.includes('two') });
  assert.ok(result.ok && result.answer.text === 'one\ntwo\n' && result.answer.finish === 'enough');
  assert.deepEqual(seen, { sent: 2, closed: true });
});

test('a model that writes far past its limit is cut off', async () => {
  const { made, seen } = model(texts(...Array<string>(1000).fill('☃'.repeat(100))));
  const result = await generate(made, request, never());
  assert.ok(result.ok && result.answer.finish === 'length');
  assert.deepEqual(seen, { sent: 2, closed: true });
});

test('probability and the way it ended are handed on; text is heard as it grows', async () => {
  const { made } = model([...texts('a', 'b'), { type: 'end', finish: 'length', probability: 0.5 }]);
  const heard: string[] = [];
  const result = await generate(made, request, never(), { onText: (text) => heard.push(text) });
  assert.deepEqual(result, { ok: true, answer: { text: 'ab', model: 'openai:m', finish: 'length', probability: 0.5 } });
  assert.deepEqual(heard, ['a', 'ab']);
});

test('a stream that just ends, and one that is cancelled, are failures', async () => {
  const ended = await generate(model(texts('a')).made, request, never());
  assert.ok(!ended.ok && ended.failure.reason === 'malformed');
  const controller = new AbortController();
  controller.abort();
  const cancelled = await generate(model(texts('a')).made, request, controller.signal);
  assert.ok(!cancelled.ok && cancelled.failure.reason === 'cancelled');
});

test('a model that heeds no limit is cut off, even in one single line', async () => {
  const { made, seen } = model(texts('x'.repeat(150), 'x'.repeat(150), 'never read'));
  const result = await generate(made, request, never());
  assert.ok(result.ok && result.answer.text === 'x'.repeat(160) && result.answer.finish === 'length');
  assert.deepEqual(seen, { sent: 2, closed: true });
});
