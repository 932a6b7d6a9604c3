import assert from 'node:assert/strict';
import { test } from 'node:test';
import { marked } from '../testing/marked.ts';
import { firstLine } from './firstLine.ts';

test('where one line is asked for, there is one', () => {
  const place = { ...marked('const a = ▮\nuse(a);'), lines: 'one' as const };
  assert.equal(firstLine('one();\nconst b = two();', place), 'one();');
  assert.equal(firstLine('one();', place), 'one();');
  assert.equal(firstLine('\nconst b = two();', place), null, 'nothing for this line');
});

test('where several may come, they stay', () => {
  const place = marked('function f() {▮');
  assert.equal(firstLine('\n  one();\n}', place), '\n  one();\n}');
  assert.equal(firstLine('a\nb', { ...place, lines: 'several' }), 'a\nb');
});
