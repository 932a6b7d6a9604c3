import assert from 'node:assert/strict';
import type { ModelChunk, ModelRequest } from '../../src/engine/models/languageModel.ts';
import type { Failure } from '../../src/protocol/rpc.ts';

export interface Collected {
  readonly text: string;
  readonly end: Extract<ModelChunk, { type: 'end' }> | null;
  readonly failure: Failure | null;
}

/** Reads a model's stream to its end and holds it to the contract: exactly one end or failure, nothing after it. */
export async function collect(stream: AsyncIterable<ModelChunk>): Promise<Collected> {
  let text = '';
  const last: Exclude<ModelChunk, { type: 'text' }>[] = [];
  for await (const chunk of stream) {
    assert.equal(last.length, 0, `${chunk.type} after the end`);
    if (chunk.type === 'text') {
      assert.notEqual(chunk.text, '');
      text += chunk.text;
    } else last.push(chunk);
  }
  assert.equal(last.length, 1, 'a stream ends with one end or failure');
  const end = last[0];
  return { text, end: end?.type === 'end' ? end : null, failure: end?.type === 'failed' ? end.failure : null };
}

/** A gap to fill, for tests that don't care which. */
export const gap: Extract<ModelRequest, { kind: 'fillIn' }> = {
  kind: 'fillIn',
  preamble: '// kept before: sum += x;',
  prefix: 'function sum(list) {\n  let total = 0;\n  ',
  suffix: '\n  return total;\n}\n',
  languageId: 'javascript',
  file: 'src/sum.js',
  maxTokens: 40,
  stop: ['\n\n'],
  temperature: 0.2,
};

/** A conversation, for tests that don't care which. */
export const talk: Extract<ModelRequest, { kind: 'chat' }> = {
  kind: 'chat',
  messages: [
    { role: 'system', content: 'You edit source code.' },
    { role: 'user', content: 'Rename the variable whose name is confidentialThing.' },
  ],
  maxTokens: 100,
  temperature: 0.4,
};

export const never = (): AbortSignal => new AbortController().signal;

/** Makes a test fail on a promise nobody caught. Call the result at the end. */
export function watchRejections(): () => Promise<void> {
  const seen: unknown[] = [];
  const note = (reason: unknown): void => {
    seen.push(reason);
  };
  process.on('unhandledRejection', note);
  return async () => {
    // Rejections are reported after the microtasks of the turn they happen in.
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', note);
    assert.deepEqual(seen, []);
  };
}
