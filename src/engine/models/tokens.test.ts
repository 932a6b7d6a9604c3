import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calibration, countTokens, estimateTokens, observeUsage, tokenCounter } from './tokens.ts';

test('counts are those of o200k_base, and a control token in a file is only text', async () => {
  assert.equal(await countTokens('hello world'), 2);
  assert.equal(await countTokens(''), 0);
  assert.ok((await countTokens('const end = "<|endoftext|>";')) > 6);
});

test('the estimate used before the tables are loaded is near enough to pack by', async () => {
  const code = `${'export function sum(list: readonly number[]): number {\n  return list.reduce((a, b) => a + b, 0);\n}\n'.repeat(20)}// 漢字の説明\n`;
  const exact = await countTokens(code);
  assert.ok(Math.abs(estimateTokens(code) - exact) < exact * 0.3, `${estimateTokens(code)} for ${exact}`);
});

test('a minified or generated file doesn’t hold up a suggestion', async () => {
  // The tokenizer alone takes seconds for each of these.
  for (const text of ['漢字'.repeat(12_000), 'a'.repeat(49_000), ' '.repeat(49_000)]) {
    const tokens = await countTokens(text);
    assert.ok(tokens > 0 && tokens <= text.length);
  }
  assert.equal(await countTokens('x'.repeat(200_000)), estimateTokens('x'.repeat(200_000)));
});

test('prompts shrink for a model whose tokenizer needs more tokens', async () => {
  const counter = tokenCounter('test:calibrated');
  await counter.ready();
  const text = 'const total = list.reduce((a, b) => a + b, 0);\n'.repeat(20);
  const before = counter.count(text);
  observeUsage('test:calibrated', text, before * 1.5);
  assert.ok(Math.abs(counter.count(text) - before * 1.5) <= 1);
  for (let report = 0; report < 40; report++) observeUsage('test:calibrated', text, before * 2);
  assert.ok(Math.abs(calibration('test:calibrated') - 2) < 0.01);
  assert.equal(tokenCounter('test:other').count(text), before);
});

test('a server’s nonsense doesn’t spoil the calibration', async () => {
  const text = 'word '.repeat(200);
  await countTokens(text);
  observeUsage('test:odd', 'short', 4000);
  assert.equal(calibration('test:odd'), 1);
  observeUsage('test:odd', text, 0);
  observeUsage('test:odd', text, Number.NaN);
  assert.equal(calibration('test:odd'), 1);
  observeUsage('test:odd', text, 1e9);
  assert.equal(calibration('test:odd'), 2.5);
});
