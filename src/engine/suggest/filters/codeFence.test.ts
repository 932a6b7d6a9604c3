import assert from 'node:assert/strict';
import { test } from 'node:test';
import { golden } from '../testing/golden.ts';
import { codeFence, openFence } from './codeFence.ts';

golden(codeFence, [
  { name: 'plain code stays as it is', at: '▮', answer: 'return 1;', kept: 'return 1;' },
  { name: 'a fence around code is taken off', at: '▮', answer: '```ts\nreturn 1;\n```', kept: 'return 1;' },
  {
    name: 'a sentence before and after the fence is taken off',
    at: '▮',
    answer: 'Here is the code:\n\n```typescript\na();\nb();\n```\nThis calls both.',
    kept: 'a();\nb();',
  },
  {
    name: 'a fence that was cut off by the token limit is taken off',
    at: '▮',
    answer: '```\na();\nb();',
    kept: 'a();\nb();',
  },
  {
    name: 'a closing fence without an opening one ends the answer',
    at: '▮',
    answer: 'a();\n```\nExplanation: it calls a.',
    kept: 'a();',
  },
  { name: 'tildes fence too', at: '▮', answer: '~~~\na();\n~~~', kept: 'a();' },
  { name: 'a shorter fence inside is code', at: '▮', answer: '````\nx = `\n```\n`\n````', kept: 'x = `\n```\n`' },
  {
    name: 'a polite first line without a fence goes',
    at: '▮',
    answer: "Sure, here's the completed code:\nreturn 1;",
    kept: 'return 1;',
  },
  {
    name: 'backticks around a word go in Python',
    at: '▮',
    languageId: 'python',
    answer: '`return x`',
    kept: 'return x',
  },
  { name: 'a template string stays in TypeScript', at: '▮', answer: '`return x`', kept: '`return x`' },
  {
    name: 'Markdown keeps the fences it is made of',
    at: '▮',
    languageId: 'markdown',
    answer: 'Run:\n\n```sh\nls\n```\n\nDone.',
    kept: 'Run:\n\n```sh\nls\n```\n\nDone.',
  },
  {
    name: 'a fence around Markdown with fences in it goes alone',
    at: '▮',
    languageId: 'markdown',
    answer: '````md\n```sh\nls\n```\n````',
    kept: '```sh\nls\n```',
  },
  {
    name: 'a comment that ends in a colon is no chatter',
    at: '▮',
    answer: '// The updated list:\nreturn list;',
    kept: '// The updated list:\nreturn list;',
  },
  { name: 'an empty fence is an empty answer', at: '▮', answer: '```ts\n```', kept: '' },
]);

test('a streaming answer shows code from the first line on and never the fence', () => {
  const whole = 'Here is the code:\n```ts\na();\nb();\n```\nDone.';
  const shown = new Set<string>();
  for (let end = 1; end <= whole.length; end += 1) shown.add(openFence(whole.slice(0, end)));
  assert.ok([...shown].every((text) => 'a();\nb();'.startsWith(text.trimEnd()) && !text.includes('`')));
  assert.ok(shown.has('a();\nb();'));
});
