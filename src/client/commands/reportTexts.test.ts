import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Trace } from '../../protocol/rpc.ts';
import { plainL10n } from '../platform/l10n.ts';
import { fenced } from './fence.ts';
import { memoryText } from './memoryText.ts';
import { modelTestText } from './modelTestText.ts';
import { traceText } from './traceText.ts';

const trace = (at: number, overrides: Partial<Trace> = {}): Trace => ({
  at,
  kind: 'inline',
  file: 'src/a.ts',
  model: 'workspace',
  steps: [{ name: 'retrieve', ms: 1.25, note: 'two | three' }],
  prompt: 'let x',
  answers: ['= 1'],
  decision: 'offered',
  ...overrides,
});

test('code with backticks cannot break out of its fence', () => {
  assert.equal(fenced('a ``` b', 'md'), '````md\na ``` b\n````');
  assert.equal(fenced('plain\n'), '```\nplain\n```');
});

test('the trace shows the newest request first, with its steps, prompt and answers', () => {
  const text = traceText([trace(1000, { file: 'old.ts' }), trace(2000, { file: '' })], plainL10n);
  assert.ok(text.indexOf('untitled') < text.indexOf('old.ts'));
  assert.match(text, /\| retrieve \| 1\.3 \| two \\\| three \|/);
  assert.match(text, /### Prompt\n\n```\nlet x\n```/);
  assert.match(text, /### Answer 1\n\n```\n= 1\n```/);
  assert.match(traceText([], plainL10n), /None yet/);
});

test('the user sees how much is stored, where, and against which cap', () => {
  const text = memoryText(
    {
      episodes: 12,
      ratings: 3,
      bytes: 2_500_000,
      openMs: 7.4,
      problems: ['A torn record was cut.'],
      good: 2,
      bad: 1,
      embedder: 'built-in',
      embedded: 11,
      path: '/here/memory',
      workspaceModel: { files: 5, tokens: 1000, bytes: 4000, building: true },
    },
    { megabytes: 64, episodes: 20_000 },
    plainL10n,
  );
  for (const part of ['12 suggestions', '20000', '3 ratings: 2 good, 1 bad', '2.5 MB on disk, of at most 64.0 MB']) {
    assert.ok(text.includes(part), part);
  }
  for (const part of ['/here/memory', '11 of 12', 'still reading', 'A torn record was cut.']) {
    assert.ok(text.includes(part), part);
  }
});

test('a model test shows timings and speed, and says so when the model wrote nothing', () => {
  const tested = { ok: true, text: 'return a;', firstTokenMs: 100, totalMs: 600, template: 'qwen' } as const;
  const usage = { promptTokens: 50, completionTokens: 11 };
  const text = modelTestText({ source: 'ollama', id: 'm' }, { ...tested, usage }, plainL10n);
  assert.match(text, /100 ms/);
  assert.match(text, /20\.0 tokens a second/);
  assert.match(text, /```\nreturn a;\n```/);
  assert.match(modelTestText({ source: 'ollama', id: 'm' }, { ...tested, text: ' ' }, plainL10n), /Nothing\./);
});
