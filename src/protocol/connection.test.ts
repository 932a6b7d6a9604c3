import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import * as v from 'valibot';
import {
  CancellationTokenSource,
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-jsonrpc/node';
import { peer } from './connection.ts';

const requests = { double: { params: v.object({ n: v.number() }), result: v.number() } } as const;
const notes = { note: v.object({ text: v.string() }) } as const;

function pair() {
  const there = new PassThrough();
  const back = new PassThrough();
  const left = createMessageConnection(new StreamMessageReader(back), new StreamMessageWriter(there));
  const right = createMessageConnection(new StreamMessageReader(there), new StreamMessageWriter(back));
  const problems: string[] = [];
  const asking = peer(left, { ask: requests, tell: notes, answer: {}, hear: {} }, () => {});
  const answering = peer(right, { ask: {}, tell: {}, answer: requests, hear: notes }, (problem) =>
    problems.push(problem),
  );
  left.listen();
  right.listen();
  return { left, asking, answering, problems };
}

test('a request of the right shape is answered', async () => {
  const { asking, answering } = pair();
  answering.answer('double', ({ n }) => 2 * n);
  assert.equal(await asking.ask('double', { n: 21 }), 42);
});

test('parameters of the wrong shape never reach the handler, and the error names the field but not the value', async () => {
  const { left, answering } = pair();
  answering.answer('double', () => assert.fail('the handler ran'));
  await assert.rejects(left.sendRequest('double', { n: 'secret code' }), (error: Error) => {
    assert.match(error.message, /n: expected number/);
    assert.doesNotMatch(error.message, /secret/);
    return true;
  });
});

test('an answer of the wrong shape is refused by the caller', async () => {
  const { asking, answering } = pair();
  answering.answer('double', () => 'many' as unknown as number);
  await assert.rejects(asking.ask('double', { n: 1 }), /wrong shape/);
});

test('a malformed notification is dropped and reported; a good one arrives', async () => {
  const { left, asking, answering, problems } = pair();
  const heard = Promise.withResolvers<string>();
  answering.hear('note', ({ text }) => heard.resolve(text));
  await left.sendNotification('note', { text: 5 });
  asking.tell('note', { text: 'hello' });
  assert.equal(await heard.promise, 'hello');
  assert.equal(problems.length, 1);
});

test('cancelling the request reaches the handler', async () => {
  const { asking, answering } = pair();
  const source = new CancellationTokenSource();
  const cancelled = Promise.withResolvers<boolean>();
  answering.answer('double', async (_params, token) => {
    token.onCancellationRequested(() => cancelled.resolve(true));
    source.cancel();
    await cancelled.promise;
    return 0;
  });
  assert.equal(await asking.ask('double', { n: 1 }, source.token), 0);
});
