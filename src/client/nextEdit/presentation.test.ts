import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ActiveEditor, inOneLine, presentationOf } from './presentation.ts';

const editor: ActiveEditor = {
  uri: 'a',
  visible: [
    { first: 0, last: 10 },
    { first: 20, last: 30 },
  ],
  cursorLine: 3,
  beforeCursor: '  const a',
};

test('in sight it is drawn and Tab takes it; out of sight, or in a folded part, Tab goes there first', () => {
  assert.deepEqual(presentationOf({ uri: 'a', line: 10 }, editor, false), { type: 'inPlace', tab: 'take' });
  assert.deepEqual(presentationOf({ uri: 'a', line: 25 }, editor, false), { type: 'inPlace', tab: 'take' });
  const hint = { type: 'hint', where: 'sameFile', tab: 'jump' };
  assert.deepEqual(presentationOf({ uri: 'a', line: 15 }, editor, false), hint);
  assert.deepEqual(presentationOf({ uri: 'b', line: 3 }, editor, false), { ...hint, where: 'otherFile' });
});

test('Tab stays the user’s while they type, and in the indentation of another line', () => {
  assert.deepEqual(presentationOf({ uri: 'a', line: 5 }, editor, true), { type: 'inPlace', tab: 'none' });
  const indenting = { ...editor, beforeCursor: '    ' };
  assert.deepEqual(presentationOf({ uri: 'a', line: 5 }, indenting, false), { type: 'inPlace', tab: 'none' });
  assert.deepEqual(presentationOf({ uri: 'b', line: 3 }, indenting, false), {
    type: 'hint',
    where: 'otherFile',
    tab: 'none',
  });
  // Having gone to the place, the cursor may stand before its first name.
  assert.deepEqual(presentationOf({ uri: 'a', line: 3 }, indenting, false), { type: 'inPlace', tab: 'take' });
});

test('without an editor nothing is drawn and no key is taken', () => {
  assert.deepEqual(presentationOf({ uri: 'a', line: 3 }, null, false), { type: 'hidden' });
});

test('a decoration is one line, whose spaces are kept and whose length is bounded', () => {
  assert.equal(inOneLine(' a,\r\n    b\tc'), '\u00a0a,⏎b\u00a0\u00a0c');
  assert.equal([...inOneLine('x'.repeat(500))].length, 121);
});
