import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reanchor } from './reanchor.ts';

const found = (text: string, known: string, near = 0): string | null => {
  const range = reanchor(text, known, near);
  return range && text.slice(range.start, range.end);
};

test('a formatter that rewrites the whole document does not lose the suggestion', () => {
  assert.equal(found('function f() {\n\treturn a + b;\n}\n', 'return a+b;'), 'return a + b;');
});

test('of two equal lines the one that stood there is meant', () => {
  const text = 'x = 1;\ny = 2;\nx = 1;\n';
  assert.deepEqual(reanchor(text, 'x = 1;', 13), { start: 14, end: 20 });
  assert.deepEqual(reanchor(text, 'x = 1;', 1), { start: 0, end: 6 });
});

test('a text that was rewritten in the middle is found by its ends', () => {
  const known = 'const customers = load(database); return customers.filter(active);';
  const now = 'a();\nconst customers = await load(database, now);\nreturn customers.filter(active);\nb();';
  assert.equal(found(now, known), 'const customers = await load(database, now);\nreturn customers.filter(active);');
});

test('what is gone is not found, nor is what is too short to be told from other text', () => {
  assert.equal(found('nothing of the kind', 'const customers = load(database);'), null);
  assert.equal(found('anything', 'x = 1;'), null);
  assert.equal(found('anything', '   '), null);
});
