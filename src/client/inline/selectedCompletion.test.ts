import assert from 'node:assert/strict';
import { test } from 'node:test';
import { extendSelection } from './selectedCompletion.ts';

// The document: `  console.lo|`
const document = '  console.lo';
const text = (start: number, end: number): string => document.slice(start, end);
const selected = { start: 10, end: 12, text: 'log' };

test('ghost text stays while the suggest widget shows the same beginning', () => {
  const item = { candidateId: 'c', insertText: 'console.log(x);', start: 2, end: 12 };
  assert.deepEqual(extendSelection([item], selected, text), [{ ...item, insertText: 'log(x);', start: 10 }]);
});

test('a candidate that begins at the cursor is widened to the range of the widget', () => {
  const item = { candidateId: 'c', insertText: 'g(x);', start: 12, end: 12 };
  assert.deepEqual(extendSelection([item], selected, text), [{ ...item, insertText: 'log(x);', start: 10 }]);
});

test('what contradicts the selected row is not returned, since it would not be drawn', () => {
  const item = { candidateId: 'c', insertText: 'console.table(x);', start: 2, end: 12 };
  assert.deepEqual(extendSelection([item], selected, text), []);
  assert.deepEqual(extendSelection([{ ...item, insertText: 'log(x)', start: 10, end: 11 }], selected, text), []);
  assert.deepEqual(extendSelection([{ ...item, insertText: 'other', start: 2 }], selected, text), []);
});
