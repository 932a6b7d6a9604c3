import assert from 'node:assert/strict';
import { test } from 'node:test';
import { marked } from '../testing/marked.ts';
import { undoesRecentEdit } from './undoesRecentEdit.ts';

const kept = (at: string, before: string, after: string, answer: string) =>
  undoesRecentEdit(answer, { ...marked(at), recentEdits: [{ before, after }] });

test('what was just deleted is not put back, nor its beginning', () => {
  const at = 'f() {\n  const a = ▮\n}';
  assert.equal(kept(at, '  const a = load(id);', '  const a = ', 'load(id);'), null);
  assert.equal(kept(at, '  const a = load(id);', '  const a = ', 'load('), null);
  assert.equal(kept('f() {\n▮\n}', '  first();\n  second();', '', '  first();'), null);
  assert.equal(kept('f() {\n▮\n}', '  first();\n  second();', '', '  first();\n  second();'), null);
  assert.equal(kept('use(▮, b);', 'use(a, b);', 'use(, b);', 'a'), null);
});

test('something else in its place is welcome, and so is the same elsewhere', () => {
  const at = 'f() {\n  const a = ▮\n}';
  assert.equal(kept(at, '  const a = load(id);', '  const a = ', 'find(id);'), 'find(id);');
  assert.equal(kept(at, '  const a = load(id);', '  const a = ', 'load(id).value;'), 'load(id).value;');
  assert.equal(kept(at, '  const b = load(id);', '  const b = ', 'load(id);'), 'load(id);');
  assert.equal(kept(at, '  const a = ', '  const a = ', 'load(id);'), 'load(id);', 'only typed');
  assert.equal(undoesRecentEdit('load(id);', marked(at)), 'load(id);');
});
