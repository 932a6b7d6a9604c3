import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changeSize, diffMarkdown, fenced, removedLines } from './render.ts';

test('the lines that go are marked in the file, and only those', () => {
  assert.deepEqual(removedLines('a\nb\nc\nd', 'a\nB\nc'), [1, 3]);
  assert.deepEqual(removedLines('a', 'a'), []);
});

test('code that contains a fence can’t end the block it is shown in', () => {
  const block = fenced('x\n````\ny', 'diff');
  assert.ok(block.startsWith('`````diff\n'));
  assert.ok(block.endsWith('\n`````'));
});

test('the diff shows what comes and goes, with signs', () => {
  const markdown = diffMarkdown('one\ntwo\n', 'one\n2\n');
  assert.match(markdown, /^-two$/m);
  assert.match(markdown, /^\+2$/m);
  assert.equal(diffMarkdown('same', 'same'), '');
  assert.deepEqual(changeSize('one\ntwo\n', 'one\n2\n3\n'), { added: 2, removed: 1 });
});
