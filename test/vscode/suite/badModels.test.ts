/** Typing is never delayed by a model, however badly it behaves; and nothing of a request outlives its keystroke. */
import assert from 'node:assert/strict';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { suite, suiteSetup, suiteTeardown, test } from 'mocha';
import * as vscode from 'vscode';
import type { AttuneApi } from '../../../src/client/api.ts';
import type { FakeScript, FakeServer } from '../../fakes/fakeServer.ts';
import { startOpenaiServer } from '../../fakes/openaiServer.ts';
import { attune } from './attune.ts';
import { closeEditors, configure, control, openUntitled, restoreSettings, type, waitFor } from './ui.ts';

/** One line of what a person types, without anything that an editor completes or indents by itself. */
const sentence = 'total = price * count + shipping - discount / parts; ';
const written = (characters: number): string =>
  sentence.repeat(Math.ceil(characters / sentence.length)).slice(0, characters);
const keys = 60;
/** Longer than VS Code's own 50 ms: in eager mode every key makes a request. */
const keyPauseMs = 90;
const typedInARow = 150;
const typedIntoRequests = 20;
/** Generous: round trips are a few milliseconds on a busy machine. */
const factor = 3;

interface Measured {
  /** Milliseconds that each `type` command took, there and back. */
  readonly inARow: readonly number[];
  readonly intoRequests: readonly number[];
  readonly loop: { readonly p50: number; readonly p99: number; readonly max: number };
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

async function typeCommand(character: string): Promise<number> {
  const began = performance.now();
  await vscode.commands.executeCommand('type', { text: character });
  return performance.now() - began;
}

/** Types by keys and by commands into a new document. `underWay` resolves when a request for a suggestion is. */
async function typing(underWay: () => Promise<unknown>): Promise<Measured> {
  const editor = await openUntitled('', 'typescript');
  const loop = monitorEventLoopDelay({ resolution: 10 });
  loop.enable();
  await type(written(keys), keyPauseMs);
  await waitFor(() => editor.document.getText().length === keys, 'the keys to be in the document');
  const inARow: number[] = [];
  for (const character of written(typedInARow)) inARow.push(await typeCommand(character));
  const intoRequests: number[] = [];
  for (const character of written(typedIntoRequests)) {
    await underWay();
    intoRequests.push(await typeCommand(character));
  }
  loop.disable();
  const wanted = written(keys) + written(typedInARow) + written(typedIntoRequests);
  await waitFor(() => editor.document.getText().length >= wanted.length, 'the last character');
  assert.equal(editor.document.getText(), wanted, 'every character, in order');
  const ms = (nanoseconds: number): number => nanoseconds / 1e6;
  return {
    inARow,
    intoRequests,
    loop: { p50: ms(loop.percentile(50)), p99: ms(loop.percentile(99)), max: ms(loop.max) },
  };
}

async function report(name: string, { inARow, intoRequests, loop }: Measured, requests: number): Promise<void> {
  const figures = [
    `type round trip ${median(inARow).toFixed(1)} ms in a row`,
    `${median(intoRequests).toFixed(1)} ms into a request`,
    `worst ${Math.max(...inARow, ...intoRequests).toFixed(1)} ms`,
    `event loop p50 ${loop.p50.toFixed(1)} p99 ${loop.p99.toFixed(1)} max ${loop.max.toFixed(1)} ms`,
    `${requests} requests`,
  ];
  await control({ action: 'print', text: `    ${name}: ${figures.join(', ')}` });
}

/** Each answer is held back until its client has left or asks again: it always comes too late. */
function tooLate(): FakeScript {
  let release = (): void => {};
  return async (request) => {
    release();
    const next = Promise.withResolvers<void>();
    release = next.resolve;
    await Promise.race([next.promise, request.ended]);
    return { kind: 'text', deltas: ['late', '();'] };
  };
}

const models: readonly (readonly [string, () => FakeScript])[] = [
  ['never answers', () => (request) => request.ended.then(() => ({ kind: 'drop' }))],
  ['hangs in the middle of its answer', () => () => ({ kind: 'hang', after: ['shipping', ' + '] })],
  ['streams garbage without end', () => () => ({ kind: 'endless', pieceOf: (index) => `\u0000☃}${index}{(` })],
  ['answers after the keystroke is gone', tooLate],
];

suite('typing with a bad model', () => {
  let api: AttuneApi;
  let server: FakeServer;
  let baseline: Measured;
  let open = 0;

  suiteSetup(async function () {
    this.timeout(120_000);
    api = await attune();
    server = await startOpenaiServer();
    await configure({ 'inline.enabled': false });
    // The first keys of a window load what later ones find loaded.
    await typing(async () => {});
    await closeEditors();
    baseline = await typing(async () => {});
    await closeEditors();
    await report('without suggestions', baseline, server.requests.length);
    assert.equal(api.pendingRequests(), 0);
    await configure({
      'inline.enabled': undefined,
      'inline.mode': 'eager',
      'inline.model': 'openai',
      'openai.baseUrl': `${server.url}/v1`,
      'openai.model': 'demo-coder',
    });
  });
  suiteTeardown(async () => {
    await closeEditors();
    await restoreSettings();
    await server.close();
  });

  for (const [name, script] of models) {
    test(`a model that ${name} delays no key, loses none, and leaves nothing behind`, async function () {
      this.timeout(120_000);
      server.clear();
      const answer = script();
      server.script = (request) => {
        open += 1;
        void request.ended.then(() => {
          open -= 1;
        });
        return answer(request);
      };
      const measured = await typing(() => {
        // What writes garbage is cut off before one can look. Later keys may join a request that is under way.
        const before = server.requests.length;
        const underWay = () => api.pendingRequests() > 0 || server.requests.length > before;
        return waitFor(() => server.requests.length > 0 && underWay(), 'a request to be under way');
      });
      await report(name, measured, server.requests.length);
      assert.ok(server.requests.length > 0, 'the model was asked while the keys came');
      await closeEditors();
      await waitFor(() => api.pendingRequests() === 0, 'no request to be pending');
      await waitFor(() => open === 0, 'all connections to be closed');
      const slowest = factor * Math.max(median(baseline.inARow), median(baseline.intoRequests));
      assert.ok(
        median(measured.inARow) < slowest,
        `${median(measured.inARow)} ms; without suggestions ${slowest / factor}`,
      );
      assert.ok(median(measured.intoRequests) < slowest, `${median(measured.intoRequests)} ms into a request`);
    });
  }
});
